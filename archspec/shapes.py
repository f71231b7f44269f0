"""Shapes: tuples of dimensions without the batch, where a dimension is a number or a symbolic expression.

A symbolic dimension (`H` in `input: [3, H, W]`) is a sympy integer expression, so that shape rules are written once,
in plain arithmetic, and hold for both. sympy is imported only when a spec has such a dimension.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import prod as _product
from typing import Any, TypeAlias

Dim: TypeAlias = Any
"""An `int`, or a sympy expression over positive integer symbols."""

Count: TypeAlias = Any
"""A whole number of things; symbolic where it depends on a symbolic dimension."""

Shape: TypeAlias = tuple[Dim, ...]
"""The size of each dimension but the batch: `(channels, height, width)`."""


def symbol(name: str) -> Dim:
    """A dimension that is not known until the network runs."""
    import sympy

    return sympy.Symbol(name, integer=True, positive=True)


def known(*dims: Dim) -> bool:
    """Whether every dimension is a number.

    >>> known(3, 224, 224)
    True
    """
    return all(isinstance(dim, int) for dim in dims)


def product(dims: Iterable[Dim]) -> Count:
    """The number of elements.

    >>> product((3, 2, 2))
    12
    """
    return _product(dims)


def dim_text(dim: Dim) -> str:
    """A dimension as it is shown to a reader."""
    return str(dim)


def shape_text(shape: Shape) -> str:
    """A shape as papers write it.

    >>> shape_text((64, 112, 112))
    '64×112×112'
    """
    return "×".join(
        text if known(dim) or text.isidentifier() else f"({text})" for dim in shape for text in (dim_text(dim),)
    )
