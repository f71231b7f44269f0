"""Weights that are computed from others: torch.nn.utils.parametrizations, by its own names.

`weight_norm` (Salimans and Kingma 2016): a length and a direction for each output. `spectral_norm` (Miyato et al.
2018): the weight by its largest singular value, which a step of power iteration estimates in each training pass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from archspec.ops.shapes import Shape, product

WEIGHT = "weight"
_PREFIX = f"parametrizations.{WEIGHT}"


class Tensors(NamedTuple):
    """What stands in a state_dict in the place of a weight."""

    parameters: dict[str, Shape]
    buffers: dict[str, Shape]


def _weight_norm(shape: Shape, outputs: int) -> Tensors:
    return Tensors(
        {f"{_PREFIX}.original0": (shape[0], *(1 for _ in shape[1:])), f"{_PREFIX}.original1": shape},
        {},
    )


def _spectral_norm(shape: Shape, outputs: int) -> Tensors:
    others = product(size for at, size in enumerate(shape) if at != outputs)
    return Tensors({f"{_PREFIX}.original": shape}, {f"{_PREFIX}.0._u": (shape[outputs],), f"{_PREFIX}.0._v": (others,)})


PARAMETRIZATIONS: Mapping[str, Callable[[Shape, int], Tensors]] = {
    "weight_norm": _weight_norm,
    "spectral_norm": _spectral_norm,
}
"""What each of torch's functions makes of a weight of a shape, whose outputs stand in a dimension."""


def parametrized(name: str, parameters: Mapping[str, Shape], outputs: int) -> Tensors:
    """The tensors of a layer whose weight is parametrized; the others stay, and come first.

    >>> parametrized("weight_norm", {"weight": (8, 3), "bias": (8,)}, 0).parameters
    {'bias': (8,), 'parametrizations.weight.original0': (8, 1), 'parametrizations.weight.original1': (8, 3)}
    """
    made = PARAMETRIZATIONS[name](parameters[WEIGHT], outputs)
    rest = {key: shape for key, shape in parameters.items() if key != WEIGHT}
    return Tensors({**rest, **made.parameters}, made.buffers)
