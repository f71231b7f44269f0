"""The room between ranks: as much as the labels, wires and frames there need."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from msgspec import Struct, field

from archspec.pictures.layout.geometry import Rank
from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.layout.routing.tracks import Run

GAP = 16.0
"""Between ranks, where nothing crosses."""
TRACK = 6.5
"""Between wires that run side by side."""
HEAD = 10.0
"""Room for an arrow's head above a box."""


class Spacing(Struct):
    """Where each height of a layout comes to lie.

    In a gap, first the frames close that end there, then come labels and tracks, then the frames open that begin, and
    last come the tracks within these. `labels` says how far labels reach below each rank, `begun` where frames begin in
    each gap, and `titles` how high their titles are.
    """

    ranks: Sequence[Rank]
    fences: Sequence[Rect]
    labels: dict[int, float]
    tracks: dict[int, int]
    inner: dict[int, int]
    begun: dict[int, list[float]]
    titles: dict[int, float]
    given: list[float] = field(default_factory=list)
    wanted: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.given, self.wanted = [self.ranks[0].top], [self.ranks[0].top]
        for gap, (rank, after) in enumerate(pairwise(self.ranks)):
            closed, opened, deepest = self.closed(gap), self._opened(gap, min), self._opened(gap, max)
            framed = opened < after.top or closed > rank.bottom
            spent = 0.0 if self.tracks.get(gap) or self.labels.get(gap) else closed - rank.bottom
            needed = self._room(gap) - spent - (after.top - opened)
            lanes = self.labels.get(gap, 0.0) + TRACK * self.tracks.get(gap, 0) + 6
            self._add(rank.bottom, rank.bottom - rank.top)
            self._add(closed, closed - rank.bottom)
            self._add(opened, max(needed, lanes if framed else 0.0))
            self._add(deepest, deepest - opened)
            inside = self.titles[gap] + TRACK * self.inner[gap] + HEAD + 2 if self.inner.get(gap) else 0.0
            self._add(after.top, max(after.top - deepest, inside))

    def __call__(self, y: float) -> float:
        """Where a height comes to lie."""
        at = max(0, bisect_right(self.given, y) - 1)
        if at + 1 < len(self.given) and self.given[at + 1] > self.given[at]:
            part = (y - self.given[at]) / (self.given[at + 1] - self.given[at])
            return self.wanted[at] + part * (self.wanted[at + 1] - self.wanted[at])
        return self.wanted[at] + y - self.given[at]

    def height(self, run: Run) -> float:
        """The height of a run: wires part below the labels, and meet above the arrows' heads."""
        bottom = self(self.ranks[run.gap + 1].top) - HEAD
        if run.inner:
            return bottom - TRACK * (self.inner[run.gap] - 1 - run.track) - 1
        opened = self._opened(run.gap, min)
        if opened < self.ranks[run.gap + 1].top:
            bottom = self(opened) - 3
        if run.low:
            return bottom - TRACK * (self.tracks[run.gap] - 1 - run.track) - 1
        top = self(self.closed(run.gap)) + self.labels.get(run.gap, 0.0)
        return min(top + TRACK * (run.track + 1), bottom)

    def closed(self, gap: int) -> float:
        """Where, in the layout that was given, the last frame ends that ends between two ranks."""
        low, high = self.ranks[gap].bottom, self.ranks[gap + 1].top
        ends = (fence.y + fence.height for fence in self.fences)
        return max((y for y in ends if low <= y <= high), default=low)

    def _opened(self, gap: int, which: Callable[[Iterable[float]], float]) -> float:
        """Where, in the layout that was given, the first or the last frame begins that begins between two ranks."""
        return which(self.begun.get(gap) or [self.ranks[gap + 1].top])

    def _room(self, gap: int) -> float:
        label, tracks = self.labels.get(gap, 0.0), self.tracks.get(gap, 0)
        return label + HEAD + TRACK * tracks + 2 if tracks else max(GAP, label + 7)

    def _add(self, height: float, far: float) -> None:
        self.given.append(height)
        self.wanted.append(self.wanted[-1] + far)
