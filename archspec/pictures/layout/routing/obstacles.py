"""What stands on a sheet, and in whose way: boxes in their ranks, labels below these, and frames around them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator

from archspec.pictures.layout.geometry import holds, ranks
from archspec.pictures.layout.graphviz import Placed, Rect, Wire

CLEAR = 7.0
"""Between a wire and a box that it passes."""


class Ground:
    """The boxes and frames that wires go around.

    `homes` are the frames around each box, `around` those around each frame. Each frame stands `beside` some ranks, its
    `first` boxes are in one of these, and some frames have `begun` in the gap below a rank: not those of narrow boxes
    beside wide ones, which begin within the rank after it. `strips` are the labels
    below each rank, and `fences` the frames, which may be widened.
    """

    def __init__(self, placed: Placed) -> None:
        self.boxes, self.fences = placed.boxes, dict(placed.fences)
        self.ranks = ranks(placed.boxes)
        self.rank_of = {id: number for number, rank in enumerate(self.ranks) for id in rank.ids}
        self.strips: dict[int, list[Rect]] = {}
        fences = placed.fences
        self.homes = {
            id: [name for name, fence in fences.items() if holds(fence, box.middle)] for id, box in self.boxes.items()
        }
        self.around = {
            id: [name for name, other in fences.items() if _is_around(other, fence)] for id, fence in fences.items()
        }
        middles = [rank.middle for rank in self.ranks]
        self.beside = {
            id: range(bisect_right(middles, fence.y), bisect_left(middles, fence.y + fence.height))
            for id, fence in fences.items()
        }
        held: dict[str, list[int]] = {id: [] for id in fences}
        for id, names in self.homes.items():
            for name in names:
                held[name].append(self.rank_of[id])
        self.first = {name: min(numbers) for name, numbers in held.items()}
        self.begun: dict[int, list[str]] = defaultdict(list)
        for name, first in self.first.items():
            if first and self.ranks[first - 1].bottom <= fences[name].y < self.ranks[first].top:
                self.begun[first - 1].append(name)

    def free(self, x: float, passed: range, wire: Wire) -> bool:
        """Whether a wire can go down past ranks at a place."""
        return self.blocking(x, passed, wire) is None

    def blocking(self, x: float, passed: range, wire: Wire) -> Rect | None:
        """What stands in the way: a box, of those passed, a label below one, or a frame that holds neither end."""
        return next((rect for rect in self.obstacles(passed, wire) if _blocks(rect, x)), None)

    def obstacles(self, passed: range, wire: Wire) -> Iterator[Rect]:
        """All that a wire passes."""
        for rank in passed:
            yield from self.standing(rank, wire)
        yield from (fence for _, fence in self.walls(passed, wire))

    def standing(self, rank: int, wire: Wire) -> Iterator[Rect]:
        """The boxes of a rank, and the labels below them, that a wire passes."""
        yield from (self.boxes[id] for id in self.ranks[rank].ids if id not in (wire.source, wire.target))
        if rank < self.rank_of[wire.target]:
            yield from self.strips.get(rank, ())

    def walls(self, passed: range, wire: Wire) -> Iterator[tuple[int, Rect]]:
        """The frames that a wire passes, each with the first rank at which it does."""
        around = {*self.homes[wire.source], *self.homes[wire.target]}
        for name, fence in self.fences.items():
            beside = self.beside[name]
            first = max(beside.start, passed.start)
            if first < min(beside.stop, passed.stop) and name not in around:
                yield first, fence


def _is_around(other: Rect, fence: Rect) -> bool:
    return other.width > fence.width and other.height > fence.height and holds(other, fence.middle)


def _blocks(rect: Rect, x: float) -> bool:
    return rect.x - CLEAR + 0.5 < x < rect.x + rect.width + CLEAR - 0.5
