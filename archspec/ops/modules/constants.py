"""Tensors that follow from a few numbers, and what turns positions into features."""

import math

import torch
from torch import Tensor, nn


def causal_mask(length: int, additive: bool = False) -> Tensor:
    """Which positions each position may see: itself and those before it."""
    seen = torch.ones(length, length, dtype=torch.bool).tril()
    return torch.zeros(length, length).masked_fill(~seen, -math.inf) if additive else seen


def relative_position_index(height: int, width: int) -> Tensor:
    """A number for how far each place of a window lies from each other (Liu et al. 2021)."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    places = torch.stack((rows.flatten(), columns.flatten()))
    down, right = places.unsqueeze(2) - places.unsqueeze(1)
    return (down + height - 1) * (2 * width - 1) + right + width - 1


def frequencies(count: int, base: float, shift: int = 0) -> Tensor:
    """Frequencies from 1 down to 1 / base, evenly spaced in their logarithm."""
    return torch.exp(-math.log(base) * torch.arange(count) / (count - shift))


def sinusoid_of(positions: Tensor, rates: Tensor, layout: str) -> Tensor:
    """Sines and cosines of positions at several frequencies."""
    angles = positions.unsqueeze(-1) * rates
    if layout == "interleaved":
        return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(-2)
    if layout == "cos_sin":
        return torch.cat((angles.cos(), angles.sin()), dim=-1)
    return torch.cat((angles.sin(), angles.cos()), dim=-1)


def sinusoid(
    length: int, width: int, base: float = 10000.0, layout: str = "interleaved", shift: int = 0
) -> Tensor:
    """The features of the positions from 0 (Vaswani et al. 2017, section 3.5)."""
    return sinusoid_of(torch.arange(length), frequencies(width // 2, base, shift), layout)


class Sinusoid(nn.Module):
    """Features of numbers such as times: their sines and cosines at several frequencies."""

    rates: Tensor

    def __init__(
        self, width: int, base: float = 10000.0, layout: str = "interleaved", shift: int = 0
    ) -> None:
        super().__init__()
        self.width, self.base, self.layout, self.shift = width, base, layout, shift
        self.register_buffer("rates", torch.empty(width // 2), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        self.rates.copy_(frequencies(self.width // 2, self.base, self.shift))

    def forward(self, x: Tensor) -> Tensor:
        return sinusoid_of(x, self.rates, self.layout)

    def extra_repr(self) -> str:
        return f"{self.width}, base={self.base}, layout={self.layout}, shift={self.shift}"


class Rotary(nn.Module):
    """Pairs of features turned by an angle that grows with the position (Su et al. 2021)."""

    rates: Tensor

    def __init__(self, features: int, base: float = 10000.0, interleaved: bool = False) -> None:
        super().__init__()
        self.features, self.base, self.interleaved = features, base, interleaved
        self.register_buffer("rates", torch.empty(features // 2), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        exponents = torch.arange(0, self.features, 2, dtype=torch.float32) / self.features
        self.rates.copy_(1.0 / self.base**exponents)

    def forward(self, x: Tensor, positions: Tensor | None = None) -> Tensor:
        if positions is None:
            positions = torch.arange(x.shape[-2], device=x.device)
        angles = positions.unsqueeze(-1) * self.rates
        if positions.dim() > 1:
            for _ in range(x.dim() - angles.dim()):
                angles = angles.unsqueeze(1)
        turned = self.turn(
            x[..., : self.features], angles.cos().to(x.dtype), angles.sin().to(x.dtype)
        )
        return torch.cat((turned, x[..., self.features :]), dim=-1)

    def turn(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        if self.interleaved:
            one, other = x[..., 0::2], x[..., 1::2]
            return torch.stack((one * cos - other * sin, other * cos + one * sin), dim=-1).flatten(
                -2
            )
        one, other = x.chunk(2, dim=-1)
        return torch.cat((one * cos - other * sin, other * cos + one * sin), dim=-1)

    def extra_repr(self) -> str:
        return f"{self.features}, base={self.base}, interleaved={self.interleaved}"
