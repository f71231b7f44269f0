"""Radial basis functions."""

import torch
from torch import Tensor, nn


class RBF(nn.Module):
    """The squared Euclidean distance to each of the fixed centers (LeCun et al. 1998)."""

    centers: Tensor

    def __init__(self, centers: tuple[tuple[float, ...], ...]) -> None:
        super().__init__()
        self.register_buffer("centers", torch.tensor(centers))

    def forward(self, x: Tensor) -> Tensor:
        return (x.unsqueeze(-2) - self.centers).square().sum(-1)

    def extra_repr(self) -> str:
        return f"{self.centers.shape[1]}, {self.centers.shape[0]}"
