"""What tells the kinds of boxes apart without colour: an outline of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from archspec.pictures.drawing.model import Role
from archspec.pictures.layout.graphviz import Point, Rect
from archspec.pictures.render.marks import Step, polygon, rounded

CORNER = 6.5
"""The side of a corner that is folded."""
POINT = 7.0
"""How long the ends are that come to a point."""

ROUND_END = 24.0
"""The height up to which the ends of norms and activations are half a circle."""

Line: TypeAlias = tuple[Point, Point]


def outline(role: Role, at: Rect) -> tuple[Step, ...]:
    """The edge of a box.

    Pooling narrows, norms and activations are round, regularization has points, what reshapes leans, what detects has
    its corners cut, and what is of no other kind has one folded.
    """
    right, low = at.x + at.width, at.y + at.height
    if role == "pooling":
        cut = min(7.0, at.height / 3)
        return polygon((at.x, at.y), (right, at.y), (right - cut, low), (at.x + cut, low))
    if role in ("normalization", "activation"):
        return rounded(at.x, at.y, at.width, at.height, _end(at) / 2)
    if role == "regularization":
        point, middle = min(POINT, at.height / 2), at.y + at.height / 2
        upper = ((at.x, middle), (at.x + point, at.y), (right - point, at.y))
        return polygon(*upper, (right, middle), (right - point, low), (at.x + point, low))
    if role == "detection":
        return _chamfered(at, 5.0)
    if role == "shape":
        return polygon((at.x + 6, at.y), (right, at.y), (right - 6, low), (at.x, low))
    if role == "other":
        return polygon((at.x, at.y), (right, at.y), (right, low - CORNER), (right - CORNER, low), (at.x, low))
    return rounded(at.x, at.y, at.width, at.height, 2.5)


def strokes(role: Role, at: Rect) -> Iterator[Line]:
    """The lines in a box: at both sides of what is fully connected and of norms, above and below what recurs."""
    right, low = at.x + at.width, at.y + at.height
    if role == "linear":
        yield from (((x, at.y), (x, low)) for x in (at.x + 3.0, right - 3.0))
    if role == "normalization":
        inset, short = _end(at) * 0.2, _end(at) * 0.1
        yield from (((x, at.y + short), (x, low - short)) for x in (at.x + inset, right - inset))
    if role == "recurrent":
        yield from (((at.x, y), (right, y)) for y in (at.y + 2.2, low - 2.2))
    if role == "other":
        corner = right - CORNER, low - CORNER
        yield from ((corner, (right, low - CORNER)), (corner, (right - CORNER, low)))


def _end(at: Rect) -> float:
    """How high a round end would be: of a box of many lines only the corners are, or its text would run into them."""
    return min(at.height, ROUND_END)


def _chamfered(at: Rect, cut: float) -> tuple[Step, ...]:
    """A rectangle without its corners."""
    right, low = at.x + at.width, at.y + at.height
    upper = ((at.x, at.y + cut), (at.x + cut, at.y), (right - cut, at.y), (right, at.y + cut))
    return polygon(*upper, (right, low - cut), (right - cut, low), (at.x + cut, low), (at.x, low - cut))
