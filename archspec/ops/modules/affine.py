"""A factor and a shift for each channel."""

import torch
from torch import Tensor, nn


class Scale(nn.Module):
    """A learned factor, and on request a shift, for each index of one dimension."""

    def __init__(
        self, num_channels: int, bias: bool = False, init_value: float = 1.0, dim: int = 1
    ) -> None:
        super().__init__()
        self.init_value, self.dim = init_value, dim
        self.weight = nn.Parameter(torch.empty(num_channels))
        self.bias = nn.Parameter(torch.empty(num_channels)) if bias else None
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.constant_(self.weight, self.init_value)
        if self.bias is not None:
            nn.init.zeros_(self.bias)

    def forward(self, x: Tensor) -> Tensor:
        trailing = x.dim() - 1 - self.dim if self.dim >= 0 else -1 - self.dim
        shape = [-1] + [1] * trailing
        x = x * self.weight.view(shape)
        return x if self.bias is None else x + self.bias.view(shape)

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, bias={self.bias is not None}"


class ChannelAffine(nn.Module):
    """A constant factor and shift for each channel."""

    scale: Tensor
    shift: Tensor

    def __init__(self, scale: tuple[float, ...], shift: tuple[float, ...]) -> None:
        super().__init__()
        self.constants = scale, shift
        self.register_buffer("scale", torch.empty(len(scale)), persistent=False)
        self.register_buffer("shift", torch.empty(len(shift)), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for buffer, constants in zip((self.scale, self.shift), self.constants):
            buffer.copy_(torch.tensor(constants))

    def forward(self, x: Tensor) -> Tensor:
        shape = [-1] + [1] * (x.dim() - 2)
        return x * self.scale.view(shape) + self.shift.view(shape)

    def extra_repr(self) -> str:
        return f"{len(self.scale)}"
