"""Functions of each element."""

import torch
from torch import Tensor, nn


class ScaledTanh(nn.Module):
    """The squashing function amplitude·tanh(slope·x) (LeCun et al. 1998, equation 6)."""

    def __init__(self, amplitude: float = 1.7159, slope: float = 2 / 3) -> None:
        super().__init__()
        self.amplitude, self.slope = amplitude, slope

    def forward(self, x: Tensor) -> Tensor:
        return self.amplitude * torch.tanh(self.slope * x)

    def extra_repr(self) -> str:
        return f"{self.amplitude}, {self.slope}"
