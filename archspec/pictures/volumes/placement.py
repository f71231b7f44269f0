"""Columns, each as large as its boxes, and where it stands: beside the one before, with room for both their labels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from archspec.pictures.volumes.columns import Column
from archspec.pictures.volumes.feature_maps import Map
from archspec.pictures.volumes.labels import Line, above, below, widest, words
from archspec.pictures.volumes.scales import UP, Scale, Solid, nominal
from archspec.pictures.volumes.scene import FONT_SIZES, LINE

MARGIN = 16.0
GAP = 30.0
"""The least room between two columns."""
STEP = 5.0
"""The room between the boxes of one column."""
APART = 10.0
"""The least room between two texts."""
SLABS = 6
"""The most boxes of a column; where one has more, each column is drawn as one box."""
WIDEST = 150.0
"""The greatest width of a column's fronts; the channels of all are drawn narrower where one would be wider."""


class Placed(Struct):
    """A column at its place: `left` is where its boxes begin, `right` where they end.

    `above` and `below` are the lines of its labels, `words` those of what leads to it. `lift` and `drop` are how far
    the labels stand off, beside a fan that spreads there.
    """

    column: Column
    solids: tuple[Solid, ...]
    above: tuple[Line, ...]
    below: tuple[Line, ...]
    words: tuple[str, ...]
    left: float = 0.0
    lift: float = 0.0
    drop: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.span

    @property
    def span(self) -> float:
        """The width of its boxes."""
        ends, x = [], 0.0
        for solid in self.solids:
            ends.append(x + solid.across)
            x += solid.width + STEP
        return max(ends)

    @property
    def fronts(self) -> float:
        """The width of the fronts of its boxes."""
        return sum(solid.width for solid in self.solids) + STEP * (len(self.solids) - 1)

    @property
    def before(self) -> float:
        """How far its texts stand out to the left."""
        return max(0.0, (widest(self.above) - self.span) / 2, (widest(self.below) - self.fronts) / 2)

    @property
    def after(self) -> float:
        """How far its texts stand out to the right."""
        return max(0.0, (widest(self.above) - self.span) / 2, (widest(self.below) + self.fronts) / 2 - self.span)

    @property
    def middle(self) -> float:
        return self.left + self.span / 2

    @property
    def reach(self) -> float:
        """How far it stands out over the axis."""
        return max((solid.height + solid.rise) / 2 + solid.behind * UP for solid in self.solids)

    @property
    def depth(self) -> float:
        """How far it goes down below the axis."""
        return max(solid.height + solid.rise for solid in self.solids) / 2

    @property
    def top(self) -> float:
        """How far its labels stand out over the axis."""
        return self.reach + 2 + self.lift + sum(LINE * FONT_SIZES[style] for style, _ in self.above)


def placed(columns: Sequence[Column]) -> list[Placed]:
    """Columns at their places, from left to right."""
    scale = _fitting(columns)
    found = [_sized(column, scale) for column in _drawn(columns)]
    _spread(found)
    for before, after in pairwise(found):
        _clear(before, after)
    return found


def _drawn(columns: Sequence[Column]) -> Sequence[Column]:
    """The columns with the boxes that are drawn of them: all, or where one has too many, the last of each."""
    whole = all(len(each.maps) <= SLABS for each in columns)
    kept = [(each, each.maps if whole else each.maps[-1:]) for each in columns]
    return [replace(each, maps=tuple(_levels(maps)), first=each.first or each.maps[0]) for each, maps in kept]


def _levels(maps: Sequence[Map]) -> Iterator[Map]:
    for each in maps:
        yield from each.drawn


def _fitting(columns: Sequence[Column]) -> Scale:
    """The scale on which the largest map is as high as it may be and no column wider."""
    scale = Scale(max((nominal(size) for each in columns for one in each.maps for size in one.sizes), default=1))
    across = max(_sized(each, scale).fronts for each in _drawn(columns))
    return replace(scale, wide=scale.wide * min(1.0, WIDEST / across))


def _sized(column: Column, scale: Scale) -> Placed:
    """A column with the sizes of its boxes and all its labels, at no place yet."""
    solids = tuple(scale.solid(one.item, not one.sizes, one.steps) for one in column.maps)
    return Placed(column, solids, tuple(above(column)), tuple(below(column)), tuple(words(column)))


def _spread(found: Sequence[Placed]) -> None:
    """Columns from left to right, as near as their texts allow."""
    found[0].left = MARGIN + found[0].before
    taken = MARGIN
    for before, after in pairwise(found):
        half = widest([("words", line) for line in after.words]) / 2
        gap = max(GAP, before.after + after.before + APART, 2 * (taken + APART + half - before.right))
        after.left = before.right + gap
        taken = before.right + gap / 2 + half


def _clear(before: Placed, after: Placed) -> None:
    """Move labels off the lines of the fan between two columns."""
    if after.column.maps[0].sizes:
        return
    last, first = before.solids[-1], after.solids[0]
    start = before.left + before.fronts + last.lean
    upper, lower = (last.height + last.rise) / 2, (last.height - last.rise) / 2
    ends = (first.height - first.rise) / 2, (first.height + first.rise) / 2
    for each, side in ((before, 1), (after, -1)):
        over = each.middle + side * widest(each.above) / 2
        under = each.left + each.fronts / 2 + side * widest(each.below) / 2
        if start < over < after.left:
            share = (over - start) / (after.left - start)
            each.lift = max(each.lift, upper + (ends[0] - upper) * share - each.reach)
        if start < under < after.left:
            share = (under - start) / (after.left - start)
            each.drop = max(each.drop, lower + (ends[1] - lower) * share - each.depth)
