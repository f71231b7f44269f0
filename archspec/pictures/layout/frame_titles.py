"""Where the titles of frames stand, clear of the wires and boxes in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from archspec.pictures.drawing import Group, Sheet
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.graphviz import Placed, Rect, Route, Stretch
from archspec.pictures.layout.measure import LEADING, MINOR

BAND = 60.0
"""The height of the bands in which wires are looked up."""


def title_strips(groups: Sequence[Group], placed: Placed) -> dict[str, list[Rect]]:
    """Where the title of each frame stands, in each of its parts: at its upper left, or right of what passes there."""
    bands: dict[int, list[Rect]] = defaultdict(list)
    for each in (*_passing(placed.routes), *placed.boxes.values()):
        for band in range(int(each.y // BAND), int((each.y + each.height) // BAND) + 1):
            bands[band].append(each)
    found: dict[str, list[Rect]] = defaultdict(list)
    for group in groups:
        for part in placed.frame(group.id):
            at, lines = part.place, title_lines(group, part)
            width, height = max(text_width(line, MINOR) for line in lines), MINOR * LEADING * len(lines)
            rows = [_free(Rect(at.x + 8, y, width, height), bands) for y in (at.y + 4, at.y + height + 8)]
            fits = (each for each in rows if each.x + width < at.x + at.width - 2)
            found[group.id].append(next(fits, Rect(at.x + 8, at.y + 4, width, height)))
    return found


def titles_struck(sheet: Sheet, placed: Placed) -> int:
    """How many titles of frames stand where something passes, since there is no other place."""
    groups = list(sheet.groups())
    strips = title_strips(groups, placed) if groups else {}
    passing = [*_passing(placed.routes), *placed.boxes.values()] if groups else []
    return sum(any(_meet(strip, each) for each in passing) for own in strips.values() for strip in own)


def _meet(one: Rect, other: Rect) -> bool:
    return (
        one.y < other.y + other.height
        and other.y < one.y + one.height
        and other.x < one.x + one.width
        and one.x < other.x + other.width
    )


def _passing(routes: Sequence[Route]) -> Iterator[Rect]:
    """What wires take, with room beside them for text."""
    for route in routes:
        for (x, y), (other_x, other_y) in pairwise(route.points):
            yield Rect(min(x, other_x) - 4, min(y, other_y) - 1, abs(other_x - x) + 8, abs(other_y - y) + 2)


def _free(at: Rect, bands: Mapping[int, Sequence[Rect]]) -> Rect:
    """The first place from one on, to the right, that nothing passes."""
    near = {*bands.get(int(at.y // BAND), ()), *bands.get(int((at.y + at.height) // BAND), ())}
    x = at.x
    for each in sorted(near):
        if _meet(Rect(x, at.y, at.width, at.height), each):
            x = each.x + each.width
    return Rect(x, at.y, at.width, at.height)


def title_lines(group: Group, part: Stretch) -> list[str]:
    """The lines of a frame's title, one where the frame comes from another column."""
    lines = group.title.split("\n")
    return [f"{lines[0]} …"] if part.comes else lines
