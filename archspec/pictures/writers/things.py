"""A page's marks as what an editor has: shapes with text, connectors between them, lines and text by themselves.

Each is as the page has it; a writer of an editable format says it in its own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.render.marks import Mark, Part, Path, Point, Words


class Shape(Struct, frozen=True):
    """A box with its lines of text: `outline` is around it, `strokes` are in it or behind it, of the same colour.

    An end of a sheet has no outline. `id` is its address, `title` its tooltip.
    """

    id: str
    role: str
    title: str
    at: Rect
    outline: Path | None
    strokes: tuple[Path, ...]
    lines: tuple[Words, ...]


class Connector(Struct, frozen=True):
    """A wire from one shape to another along a way, drawn as `line` is; `labels` stand beside it."""

    source: str
    target: str
    way: tuple[Point, ...]
    line: Path
    labels: tuple[Words, ...]


Thing: TypeAlias = Shape | Connector | Path | Words


def things(marks: Iterable[Mark]) -> Iterator[Thing]:
    """What the marks show, in the order in which it is drawn."""
    for mark in marks:
        if not isinstance(mark, Part):
            yield mark
        elif mark.joins is not None:
            yield _connector(mark)
        elif mark.kind in ("node", "end"):
            yield from _shaped(mark)
        else:
            yield from things(mark.marks)


def _connector(part: Part) -> Connector:
    assert part.joins is not None
    line = next(each for each in part.marks if isinstance(each, Path))
    return Connector(*part.joins, part.way, line, tuple(each for each in part.marks if isinstance(each, Words)))


def _shaped(part: Part) -> Iterator[Thing]:
    """A node as one shape, and what is of other colours than that in front of it."""
    paths = [each for each in part.marks if isinstance(each, Path)]
    words = tuple(each for each in part.marks if isinstance(each, Words))
    fill = next((each.fill for each in paths if each.fill), None)
    if fill is None:
        yield Shape(part.id, part.role, part.title, _covered(words), None, (), words)
        return
    *behind, outline = [each for each in paths if each.fill == fill]
    inner = [each for each in paths if each.fill is None and each.stroke == outline.stroke]
    yield Shape(part.id, part.role, part.title, bounds(outline), outline, (*behind, *inner), words)
    yield from (each for each in paths if each is not outline and each not in behind and each not in inner)


def _covered(words: Sequence[Words]) -> Rect:
    """What lines of text around a middle cover."""
    wide, first, last = max(each.width for each in words), words[0], words[-1]
    top, low = first.y - first.size, last.y + last.size * 0.25
    return Rect(first.x - wide / 2, top, wide, low - top)


def bounds(path: Path) -> Rect:
    """What a path covers."""
    xs, ys = zip(*(point for _, points in path.steps for point in points))
    return Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
