"""Where the places of maps stand."""

import torch
from torch import Tensor, nn


class GridPoints(nn.Module):
    """The places of maps, one after another, and how far those of each map lie apart."""

    def __init__(self, strides: tuple[float, ...], offset: float = 0.5) -> None:
        super().__init__()
        self.strides, self.offset = list(strides), offset

    def forward(self, maps: list[Tensor]) -> tuple[Tensor, Tensor]:
        points: list[Tensor] = []
        strides: list[Tensor] = []
        for x, stride in zip(maps, self.strides):
            height, width = x.shape[-2], x.shape[-1]
            down = torch.arange(height, device=x.device, dtype=x.dtype) + self.offset
            right = torch.arange(width, device=x.device, dtype=x.dtype) + self.offset
            rows, columns = torch.meshgrid(down, right, indexing="ij")
            points.append(torch.stack((columns.flatten(), rows.flatten())))
            strides.append(torch.full((1, height * width), stride, device=x.device, dtype=x.dtype))
        return torch.cat(points, dim=1), torch.cat(strides, dim=1)

    def extra_repr(self) -> str:
        return f"{self.strides}, offset={self.offset}"
