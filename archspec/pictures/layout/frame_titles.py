"""Where the titles of frames stand, clear of the wires and boxes in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from archspec.pictures.drawing import Group, Sheet
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.cells import Cells, overlap
from archspec.pictures.layout.graphviz import Placed, Rect, Route, Stretch
from archspec.pictures.layout.measure import LEADING, MINOR

ASIDE, BELOW, SPARE = 8.0, 4.0, 2.0
"""Between a title and the left, the upper and the right side of its frame."""
ROWS = 8
"""So many rows are looked through for the title of a frame that comes from another column."""


class Title(Struct, frozen=True):
    """What a frame says in one of its parts, and where."""

    lines: tuple[str, ...]
    place: Rect


class Passing:
    """What a title must not stand under: wires with room beside them, boxes and labels."""

    def __init__(self, placed: Placed) -> None:
        labels = (route.label for route in placed.routes if route.label)
        self._cells = Cells((*_wires(placed.routes), *placed.boxes.values(), *labels))

    def meeting(self, place: Rect) -> list[Rect]:
        """What lies over a place, from the left."""
        return sorted(self._cells.meeting(place))

    def room(self, frame: Rect, width: float, height: float, rows: int = 2) -> Rect | None:
        """Where a title of this size stands in a frame: at its upper left, or right of what passes there, or lower."""
        for row in range(rows):
            at = Rect(frame.x + ASIDE, frame.y + BELOW + (height + BELOW) * row, width, height)
            place = self._beside(at, frame.x + frame.width)
            if row > 1 and place.y + height > frame.y + frame.height - SPARE:
                return None
            if place.x + width < frame.x + frame.width - SPARE:
                return place
        return None

    def _beside(self, at: Rect, end: float) -> Rect:
        """The first place from one on, to the right, that nothing passes; past the end, any."""
        x = at.x
        for each in self.meeting(Rect(at.x, at.y, max(end - at.x, at.width), at.height)):
            if overlap(Rect(x, at.y, at.width, at.height), each):
                x = each.x + each.width
        return Rect(x, at.y, at.width, at.height)


def titles(groups: Sequence[Group], placed: Placed) -> dict[str, list[Title]]:
    """The title of each frame in each of its parts; where a frame goes on, shorter if there is no room for all."""
    passing = Passing(placed)
    found: dict[str, list[Title]] = defaultdict(list)
    for group in groups:
        for part in placed.frame(group.id):
            ways = list(_ways(group, part, passing))
            found[group.id].append(next((Title(lines, at) for lines, at in ways if at), _anyway(ways[0][0], part)))
    return found


def title_strips(groups: Sequence[Group], placed: Placed) -> dict[str, list[Rect]]:
    """Where the title of each frame stands, in each of its parts."""
    return {id: [title.place for title in own] for id, own in titles(groups, placed).items()}


def titles_struck(sheet: Sheet, placed: Placed) -> int:
    """How many titles of frames stand where something passes, since there is no other place."""
    groups = list(sheet.groups())
    if not groups:
        return 0
    passing, strips = Passing(placed), title_strips(groups, placed)
    return sum(bool(passing.meeting(strip)) for own in strips.values() for strip in own)


def _ways(group: Group, part: Stretch, passing: Passing) -> Iterator[tuple[tuple[str, ...], Rect | None]]:
    for lines in _wordings(group.title.split("\n"), part.comes):
        yield lines, passing.room(part.place, *title_size(lines), ROWS if part.comes else 2)


def _wordings(lines: Sequence[str], comes: bool) -> Iterator[tuple[str, ...]]:
    """The lines of a frame's title; one where it comes from another column, which may be its name alone, or a sign."""
    if not comes:
        yield tuple(lines)
        return
    yield (f"{lines[0]} …",)
    yield (f"{lines[0].partition(':')[0]} …",)
    yield ("…",)


def title_size(lines: Sequence[str]) -> tuple[float, float]:
    """The width and height of a frame's title."""
    return max(text_width(line, MINOR) for line in lines), MINOR * LEADING * len(lines)


def _anyway(lines: tuple[str, ...], part: Stretch) -> Title:
    """A title for which there is no room."""
    return Title(lines, Rect(part.place.x + ASIDE, part.place.y + BELOW, *title_size(lines)))


def _wires(routes: Sequence[Route]) -> Iterator[Rect]:
    """What wires take, with room beside them for text."""
    for route in routes:
        for (x, y), (other_x, other_y) in pairwise(route.points):
            yield Rect(min(x, other_x) - 4, min(y, other_y) - 1, abs(other_x - x) + 8, abs(other_y - y) + 2)
