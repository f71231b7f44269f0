"""What a page is made of: paths and words, in named paints, some of them parts of a node."""

from __future__ import annotations

from collections.abc import Sequence
from math import dist
from typing import TypeAlias

from msgspec import Struct, field

from archspec.pictures.drawing import Piece

Point: TypeAlias = tuple[float, float]

Step: TypeAlias = tuple[str, tuple[Point, ...]]
"""One step of a path, as in SVG: `M` and `L` with a point, `C` with three, `Z` with none."""


class Path(Struct, frozen=True):
    """A line or an area; `fill` and `stroke` are names of paints, or colours that begin with `#`."""

    steps: tuple[Step, ...]
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: tuple[float, ...] = ()


class Words(Struct, frozen=True):
    """A line of text: `x` is its middle, start or end as `anchor` says, `y` its base line, `width` what it takes."""

    x: float
    y: float
    pieces: tuple[Piece, ...]
    size: float
    width: float
    anchor: str = "middle"
    bold: bool = False
    paint: str = "ink"


class Part(Struct, frozen=True):
    """Marks that are one thing to a reader: a node by its address, a frame, an edge.

    `title` is its tooltip, `inside` the key of the sheet that shows what it holds. `role` says what a node is, or its
    sign; an edge `joins` two nodes, by their addresses, along a `way`, of which its marks show what no other's do.
    """

    kind: str
    marks: tuple[Mark, ...]
    id: str = ""
    title: str = ""
    inside: str | None = None
    role: str = ""
    joins: tuple[str, str] | None = None
    way: tuple[Point, ...] = ()


Mark: TypeAlias = Path | Words | Part


class Page(Struct, frozen=True):
    """A picture with every place decided; lengths are in points."""

    width: float
    height: float
    title: str
    description: str
    marks: tuple[Mark, ...] = field(default_factory=tuple)


def moved(mark: Mark, x: float, y: float) -> Mark:
    """A mark, shifted."""
    if isinstance(mark, Words):
        return Words(mark.x + x, mark.y + y, mark.pieces, mark.size, mark.width, mark.anchor, mark.bold, mark.paint)
    if isinstance(mark, Part):
        marks, way = tuple(moved(each, x, y) for each in mark.marks), tuple((a + x, b + y) for a, b in mark.way)
        return Part(mark.kind, marks, mark.id, mark.title, mark.inside, mark.role, mark.joins, way)
    steps = tuple((letter, tuple((a + x, b + y) for a, b in points)) for letter, points in mark.steps)
    return Path(steps, mark.fill, mark.stroke, mark.width, mark.dash)


def scaled(mark: Mark, by: float) -> Mark:
    """A mark, larger or smaller."""
    if isinstance(mark, Words):
        size, width = mark.size * by, mark.width * by
        return Words(mark.x * by, mark.y * by, mark.pieces, size, width, mark.anchor, mark.bold, mark.paint)
    if isinstance(mark, Part):
        marks, way = tuple(scaled(each, by) for each in mark.marks), tuple((a * by, b * by) for a, b in mark.way)
        return Part(mark.kind, marks, mark.id, mark.title, mark.inside, mark.role, mark.joins, way)
    steps = tuple((letter, tuple((a * by, b * by) for a, b in points)) for letter, points in mark.steps)
    return Path(steps, mark.fill, mark.stroke, mark.width * by, tuple(each * by for each in mark.dash))


def polygon(*points: Point) -> tuple[Step, ...]:
    """A closed path along straight lines."""
    return (("M", points[:1]), *(("L", (point,)) for point in points[1:]), ("Z", ()))


def rounded(x: float, y: float, width: float, height: float, radius: float) -> tuple[Step, ...]:
    """A rectangle with round corners."""
    radius = min(radius, width / 2, height / 2)
    bend = radius * 0.4477
    right, bottom = x + width, y + height
    return (
        ("M", ((x + radius, y),)),
        ("L", ((right - radius, y),)),
        ("C", ((right - bend, y), (right, y + bend), (right, y + radius))),
        ("L", ((right, bottom - radius),)),
        ("C", ((right, bottom - bend), (right - bend, bottom), (right - radius, bottom))),
        ("L", ((x + radius, bottom),)),
        ("C", ((x + bend, bottom), (x, bottom - bend), (x, bottom - radius))),
        ("L", ((x, y + radius),)),
        ("C", ((x, y + bend), (x + bend, y), (x + radius, y))),
        ("Z", ()),
    )


BEND = 5.0
"""The radius of a line's corners."""


def bent(points: Sequence[Point], radius: float = BEND) -> tuple[Step, ...]:
    """A line along points, round at its corners."""
    steps: list[Step] = [("M", (points[0],))]
    for before, corner, after in zip(points, points[1:], points[2:]):
        reach = min(radius, dist(before, corner) / 2, dist(corner, after) / 2)
        if reach < 0.1:
            continue
        start, end = _toward(corner, before, reach), _toward(corner, after, reach)
        steps += [
            ("L", (start,)),
            ("C", (_toward(corner, start, reach * 0.45), _toward(corner, end, reach * 0.45), end)),
        ]
    return (*steps, ("L", (points[-1],)))


def _toward(start: Point, end: Point, far: float) -> Point:
    whole = dist(start, end) or 1.0
    return start[0] + (end[0] - start[0]) * far / whole, start[1] + (end[1] - start[1]) * far / whole


def circle(x: float, y: float, radius: float) -> tuple[Step, ...]:
    """A circle around a point."""
    return rounded(x - radius, y - radius, 2 * radius, 2 * radius, radius)
