"""Rectangles looked up by the cells of a sheet in which they are.

>>> cells = Cells([Rect(0, 0, 10, 10), Rect(500, 0, 10, 10)])
>>> cells.meeting(Rect(5, 5, 10, 10)), cells.meeting(Rect(10, 0, 5, 5))
([Rect(x=0, y=0, width=10, height=10)], [])
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from archspec.pictures.layout.graphviz import Rect

ACROSS, DOWN = 240.0, 60.0
"""The size of a cell."""


class Cells:
    """What lies on a sheet, in the order in which it was added."""

    def __init__(self, rects: Iterable[Rect] = ()) -> None:
        self._held: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._rects: list[Rect] = []
        for rect in rects:
            self.add(rect)

    def add(self, rect: Rect) -> None:
        """One more."""
        for cell in _cells(rect):
            self._held[cell].append(len(self._rects))
        self._rects.append(rect)

    def meeting(self, place: Rect) -> list[Rect]:
        """Those that lie over a place, not only beside it."""
        numbers = {number for cell in _cells(place) if cell in self._held for number in self._held[cell]}
        return [self._rects[number] for number in sorted(numbers) if overlap(self._rects[number], place)]


def overlap(one: Rect, other: Rect) -> bool:
    """Whether two rectangles have more than their sides in common."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _cells(rect: Rect) -> Iterator[tuple[int, int]]:
    rows = range(int(rect.y // DOWN), int((rect.y + rect.height) // DOWN) + 1)
    for column in range(int(rect.x // ACROSS), int((rect.x + rect.width) // ACROSS) + 1):
        yield from ((column, row) for row in rows)
