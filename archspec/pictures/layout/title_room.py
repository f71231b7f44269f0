"""Frames made wider, to one side, whose titles would else stand under the wires that come in.

A wire comes into a frame 60 wide at 30, and the title needs 50:

>>> from archspec.pictures.layout.graphviz import Route
>>> fence = Fence('f', 50, 12, (Size('a', 40, 20),))
>>> placed = Placed(60, 90, {'a': Rect(10, 60, 40, 20)}, {'f': Rect(0, 20, 60, 70)}, (Route(((30, 0), (30, 60))),))
>>> with_title_room(Problem((fence,), ()), placed).fences
{'f': Rect(x=-32.5, y=20, width=92.5, height=70)}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from archspec.pictures.layout.cells import overlap
from archspec.pictures.layout.frame_titles import ASIDE, BELOW, SPARE, Passing
from archspec.pictures.layout.graphviz import Fence, Placed, Problem, Rect, Size

OUTER = 6.0
"""Between the side of a frame that was made wider and that of the frame around it, at least."""
CLEAR = 0.5
Around = Mapping[str, tuple[str, ...]]
"""The frames around each frame, the innermost first."""


def with_title_room(problem: Problem, placed: Placed) -> Placed:
    """The same, with frames as wide as their titles need, where nothing else stands there."""
    if not placed.fences:
        return placed
    passing, around, fences = Passing(placed), dict(_around(problem.items, ())), dict(placed.fences)
    for fence in reversed([*problem.fences()]):
        if passing.room(fences[fence.id], fence.title_width, fence.title_height) is None:
            fences |= next(_wider(fence, around, fences, passing), {})
    return placed if fences == placed.fences else replace(placed, fences=fences)


def _around(items: Sequence[Size | Fence], outer: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for item in items:
        if isinstance(item, Fence):
            yield item.id, outer
            yield from _around(item.items, (item.id, *outer))


def _wider(fence: Fence, around: Around, fences: Mapping[str, Rect], passing: Passing) -> Iterator[dict[str, Rect]]:
    """The frame and those around it with room for its title, left of all that passes or right of it."""
    at = fences[fence.id]
    over = passing.meeting(Rect(at.x, at.y + BELOW, at.width, fence.title_height))
    left = min(each.x for each in over) - fence.title_width - ASIDE - CLEAR if over else at.x
    right = max([at.x + ASIDE, *(each.x + each.width for each in over)]) + fence.title_width + SPARE + CLEAR
    for low, high in ((left, at.x + at.width), (at.x, max(right, at.x + at.width))):
        found: dict[str, Rect] = {}
        for number, id in enumerate((fence.id, *around[fence.id])):
            own = fences[id]
            start, end = min(own.x, low - OUTER * number), max(own.x + own.width, high + OUTER * number)
            found[id] = Rect(start, own.y, end - start, own.height)
        if all(_is_free(id, fences[id], rect, around, fences, passing) for id, rect in found.items()):
            yield found


def _is_free(id: str, own: Rect, wider: Rect, around: Around, fences: Mapping[str, Rect], passing: Passing) -> bool:
    """Whether nothing stands where a frame is made wider: what passes beside it, or a frame that is no part of it."""
    left = Rect(wider.x, own.y, own.x - wider.x, own.height)
    right = Rect(own.x + own.width, own.y, wider.x + wider.width - own.x - own.width, own.height)
    others = [rect for other, rect in fences.items() if id not in (other, *around[other]) and other not in around[id]]
    for new in (each for each in (left, right) if each.width > 0):
        beside = (each for each in passing.meeting(new) if not overlap(each, own))
        if any(beside) or any(overlap(new, other) for other in others):
            return False
    return True
