"""Features of regions."""

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align


class WarpRegions(nn.Module):
    """Each region warped to one size, with some of its surroundings (Girshick et al. 2014)."""

    def __init__(self, output_size: int, context: int = 0) -> None:
        super().__init__()
        self.output_size = output_size
        self.context = context

    def forward(self, images: Tensor, boxes: list[Tensor]) -> Tensor:
        wider = [self.widened(each) for each in boxes]
        size = (self.output_size, self.output_size)
        return roi_align(images, wider, size, sampling_ratio=1, aligned=True)

    def widened(self, boxes: Tensor) -> Tensor:
        corners, sides = boxes[:, :2], boxes[:, 2:] - boxes[:, :2]
        margin = sides * self.context / (self.output_size - 2 * self.context)
        return torch.cat([corners - margin, corners + sides + margin], dim=1)

    def extra_repr(self) -> str:
        return f"{self.output_size}, context={self.context}"
