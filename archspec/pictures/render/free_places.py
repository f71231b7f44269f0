"""Where a short text beside a wire lies over nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import copysign, dist

from archspec.pictures.layout.cells import Cells
from archspec.pictures.layout.graphviz import Placed, Point, Rect
from archspec.pictures.render.marks import Words

HEIGHT = 0.72
"""How high a digit is, in font sizes."""
LINE = 0.8
"""How far a text stays from the middle of a wire, at least."""
AROUND = 8.0
"""The room around a sheet that a text may use."""
STEPS = (5.0, 7.0, 12.0, 18.0, 26.0, 36.0, 50.0)
"""How far along a stretch of a wire a text may stand."""


class Crowd:
    """What lies on a sheet: a text over a box or another text, or off the sheet, is worse than one over a wire."""

    def __init__(self, placed: Placed) -> None:
        self._sides = -AROUND, placed.width + AROUND, -AROUND, placed.height + AROUND
        labels = (route.label for route in placed.routes if route.label is not None)
        self._texts = Cells((*placed.boxes.values(), *labels))
        self._wires = Cells(stretch for route in placed.routes for stretch in _stretches(route.points))

    def freest(self, candidates: Iterable[Words]) -> Words:
        """The first of the candidates that lies over the least; what is placed later stays off it."""
        best: tuple[int, Words] | None = None
        for each in candidates:
            over = self._over(each)
            if best is None or over < best[0]:
                best = over, each
            if not over:
                break
        assert best is not None
        self._texts.add(place(best[1]))
        return best[1]

    def _over(self, words: Words) -> int:
        at = place(words)
        left, right, top, bottom = self._sides
        out = at.x < left or at.x + at.width > right or at.y < top or at.y + at.height > bottom
        return 4 * len(self._texts.meeting(at)) + len(self._wires.meeting(at)) + 4 * out


def place(words: Words) -> Rect:
    """What a text around its middle covers."""
    height = words.size * HEIGHT
    return Rect(words.x - words.width / 2, words.y - height, words.width, height)


def beside(way: Sequence[Point], width: float, height: float, off: float) -> Iterator[Point]:
    """Middles for a text beside a way, near its beginning or a corner; at last across from where it begins.

    `off` is how far the text stands off the way.
    """
    for start, end in pairwise(way):
        for far in (each for each in STEPS if each < dist(start, end)):
            if _is_upright(start, end):
                y = start[1] + copysign(far, end[1] - start[1])
                yield from ((start[0] + side * (off + width / 2), y) for side in (-1, 1))
            else:
                x = end[0] + copysign(far + width / 2, start[0] - end[0])
                yield from ((x, start[1] + side * (off + height / 2)) for side in (-1, 1))
    (x, y), (other_x, other_y) = way[:2]
    for side in (0, -1, 1, -2, 2):
        if _is_upright(way[0], way[1]):
            yield x + side * (off + width / 2), y - copysign(off + height / 2, other_y - y)
        else:
            yield x - copysign(off + width / 2, other_x - x), y + side * (off + height / 2)


def _is_upright(start: Point, end: Point) -> bool:
    return abs(end[0] - start[0]) < abs(end[1] - start[1])


def _stretches(points: Sequence[Point]) -> Iterator[Rect]:
    for (x, y), (other_x, other_y) in pairwise(points):
        left, top = min(x, other_x) - LINE, min(y, other_y) - LINE
        yield Rect(left, top, abs(x - other_x) + 2 * LINE, abs(y - other_y) + 2 * LINE)
