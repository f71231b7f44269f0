"""Tensors that follow from a few numbers, and what turns positions into features."""

import math

import torch
from torch import Tensor, nn


def causal_mask(length: int, additive: bool = False) -> Tensor:
    """Which positions each position may see: itself and those before it."""
    seen = torch.ones(length, length, dtype=torch.bool).tril()
    return torch.zeros(length, length).masked_fill(~seen, -math.inf) if additive else seen


def relative_position_index(
    *window: int, stride: int = 1, distances: bool = False, class_token: bool = False
) -> Tensor:
    """A number for how far each place of a window lies from each other (Liu et al. 2021).

    With a `stride` only every so many places along each side look. Of `distances` only how far, and
    not in which direction. A class token before all places has numbers of its own.
    """
    places = torch.stack(torch.meshgrid(*map(torch.arange, window), indexing="ij"))
    looking = places[(slice(None), *[slice(None, None, stride)] * len(window))].flatten(1)
    apart = looking.unsqueeze(2) - places.flatten(1).unsqueeze(1)
    index = torch.zeros_like(apart[0])
    for size, each in zip(window, apart):
        further = (size, each.abs()) if distances else (2 * size - 1, each + size - 1)
        index = index * further[0] + further[1]
    if not class_token:
        return index
    count = math.prod(2 * size - 1 for size in window)
    with_token = torch.full((len(index) + 1, len(index) + 1), count + 1)
    with_token[0], with_token[1:, 1:], with_token[0, 0] = count, index, count + 2
    return with_token


def log_spaced_coordinates(*window: int, steps: bool = False, leading: bool = True) -> Tensor:
    """How far two places of a window can lie apart, by logarithms (Liu et al. 2022)."""
    lines = [torch.arange(1 - size, size, dtype=torch.float32) for size in window]
    if not steps:
        lines = [line / (size - 1) for size, line in zip(window, lines)]
    apart = torch.stack(torch.meshgrid(*lines, indexing="ij"), dim=-1)
    if leading:
        apart = apart.unsqueeze(0)
    if steps:
        return apart.sign() * torch.log(apart.abs() + 1.0)
    return apart.sign() * torch.log2((8 * apart).abs() + 1.0) / 3.0


def shifted_window_mask(
    size: tuple[int, ...], window: tuple[int, ...], shift: tuple[int, ...], value: float
) -> Tensor:
    """A number for each two places of a window that lay apart in the map (Liu et al. 2021)."""
    parts = torch.zeros(size, dtype=torch.int64)
    for dim, (all_, own, moved) in enumerate(zip(size, window, shift)):
        place = torch.arange(all_)
        part = (place >= all_ - own).long() + (place >= all_ - moved).long()
        parts = parts * 3 + part.view(-1, *[1] * (len(size) - dim - 1))
    for dim, own in enumerate(window):
        parts = parts.unflatten(2 * dim, (-1, own))
    order = (*range(0, 2 * len(size), 2), *range(1, 2 * len(size), 2))
    of_windows = parts.permute(order).flatten(len(size)).flatten(0, -2)
    return torch.where(of_windows.unsqueeze(1) == of_windows.unsqueeze(2), 0.0, value)


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
