"""Hatches, which tell in print what made a map; other themes have colours and do not show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil, sqrt
from typing import Literal, TypeAlias

from archspec.pictures.drawing.model import Role
from archspec.pictures.render.marks import Path, Point, Step

Slope: TypeAlias = Literal["/", "\\", "-", "|"]
Line: TypeAlias = tuple[Point, Point]

HATCHES: Mapping[Role, tuple[str, float]] = {
    "convolution": ("/", 5.0),
    "block": ("/\\", 6.0),
    "linear": ("|", 3.0),
    "pooling": ("-", 3.5),
    "recurrent": ("-|", 4.5),
    "join": ("\\", 5.0),
    "shape": ("-", 8.0),
    "detection": ("/", 2.2),
    "other": ("\\", 2.2),
}
"""The slopes of each kind's lines, and the room between these; an input has none."""


def hatch(role: Role, x: float, y: float, width: float, height: float) -> Iterator[Path]:
    """The lines of a kind over a rectangle."""
    slopes, apart = HATCHES.get(role, ("", 1.0))
    lines = [line for slope in slopes for line in _lines(slope, apart, (x, y), (x + width, y + height))]
    steps: list[Step] = [step for start, end in lines for step in (("M", (start,)), ("L", (end,)))]
    if steps:
        yield Path(tuple(steps), None, "hatch", 0.5)


def _lines(slope: str, apart: float, corner: Point, far: Point) -> Iterator[Line]:
    """Lines of one slope, cut where the rectangle between two corners ends."""
    (left, top), (right, low) = corner, far
    if slope == "-":
        yield from (((left, y), (right, y)) for y in _between(top, low, apart))
    elif slope == "|":
        yield from (((x, top), (x, low)) for x in _between(left, right, apart))
    else:
        # A falling line is a rising one seen in a mirror: the sum of its places, or their difference, is one number.
        sign = 1 if slope == "/" else -1
        ends = sorted((sign * top, sign * low))
        for whole in _between(left + ends[0], right + ends[1], apart * sqrt(2)):
            start, end = max(left, whole - ends[1]), min(right, whole - ends[0])
            yield (start, sign * (whole - start)), (end, sign * (whole - end))


def _between(start: float, end: float, apart: float) -> Iterator[float]:
    """Places between two, as far from each other as from both ends."""
    number = max(ceil((end - start) / apart), 2)
    yield from (start + (end - start) * place / number for place in range(1, number))
