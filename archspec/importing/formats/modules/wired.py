"""Layers that take what earlier ones gave, by number or by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from archspec.language.identifiers import class_name


def wired(
    title: str,
    layers: Mapping[str, nn.Module],
    takes: Mapping[str, Sequence[str]],
    inputs: Sequence[str],
    gives: Sequence[str],
    within: str | None = None,
) -> nn.Module:
    """A `Wired` of a class of its own, which is called after a page's name."""
    return type(class_name(title), (Wired,), {})(layers, takes, inputs, gives, within)  # type: ignore[no-any-return]


class Wired(nn.Module):
    """A network of layers in order. `takes` names what each takes: other layers, or inputs; `gives` what comes out.

    The layers stand in the network itself, or in a list or mapping `within` it.
    """

    def __init__(
        self,
        layers: Mapping[str, nn.Module],
        takes: Mapping[str, Sequence[str]],
        inputs: Sequence[str],
        gives: Sequence[str],
        within: str | None = None,
    ) -> None:
        super().__init__()
        holder: nn.Module = self
        if within is not None:
            holder = nn.ModuleList() if all(name.isdigit() for name in layers) else nn.ModuleDict()
            self.add_module(within, holder)
        for name, layer in layers.items():
            holder.add_module(name, layer)
        self._names, self._takes, self._within = [*layers], {name: [*each] for name, each in takes.items()}, within
        self._inputs, self._gives = [*inputs], [*gives]

    def forward(self, image: Tensor, *more: Tensor) -> Any:
        """What the layers named by `gives` give: a tensor, or several."""
        values = dict(zip(self._inputs, (image, *more)))
        layers = dict((getattr(self, self._within) if self._within else self).named_children())
        for name in self._names:
            taken = [values[each] for each in self._takes[name]]
            values[name] = layers[name](*taken)
        given = [values[name] for name in self._gives]
        return given[0] if len(given) == 1 else tuple(given)


class Add(nn.Module):
    """The sum of several tensors."""

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        """Of one shape each."""
        for each in others:
            first = first + each
        return first


class Concat(nn.Module):
    """Tensors behind each other along a dimension, the channels by default."""

    def __init__(self, dim: int = 1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, *values: Tensor) -> Tensor:
        """Equal but for their size along that dimension."""
        return torch.cat(values, self.dim)
