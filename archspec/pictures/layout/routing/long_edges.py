"""Where long wires go down past boxes, side by side in the order in which Graphviz leads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, field

TRACK = 6.5
"""Between wires that run side by side."""
NEAR = 3.2
"""A wire is kept so far from where others begin and end."""


class Way(Struct, frozen=True):
    """A wire that goes down past ranks: in what gaps, where Graphviz has it there, and between what it must stay.

    `wishes` are the places where it would be without a turn, and `taken` those where others begin or end. Wires that a
    round box joins, `end` together.
    """

    net: Hashable
    at: Mapping[int, float]
    low: float
    high: float
    wishes: Sequence[float]
    taken: Sequence[float]
    end: str | None = None

    def goes_with(self, other: Way) -> bool:
        """Whether the two may lie on each other."""
        return self.net == other.net or (self.end is not None and self.end == other.end)


class _Lane(Struct):
    """Ways that go down together."""

    ways: list[Way]
    low: float
    high: float
    after: set[int] = field(default_factory=set)
    place: float | None = None

    @property
    def wishes(self) -> Iterator[float]:
        return (wish for way in self.ways for wish in way.wishes)

    def chosen(self, low: float, high: float) -> float:
        """The place between two that is nearest to where it would be, and clear of where others begin and end."""
        wish = min(self.wishes, key=lambda wish: max(low - wish, wish - high, 0.0))
        aside = [0.0, *(sign * step * NEAR for step in range(1, 5) for sign in (1, -1))]
        places = (min(max(wish, low), high) + far for far in aside)
        taken = [each for way in self.ways for each in way.taken]
        free = (x for x in places if low <= x <= high and all(abs(x - each) >= NEAR - 0.1 for each in taken))
        return next(free, min(max(wish, low), high))


def led(ways: Mapping[int, Way]) -> dict[int, float]:
    """The place of each way that has one, by number."""
    ways = {number: way for number, way in ways.items() if way.low <= way.high}
    lanes, home = _together(ways)
    order = _ordered(lanes, ways, home)
    for number in _wishing(lanes, order):
        low, high = _bounds(lanes, order)[number]
        if low <= high:
            lanes[number].place = lanes[number].chosen(low, high)
    return {number: place for number in ways if (place := lanes[home[number]].place) is not None}


def _together(ways: Mapping[int, Way]) -> tuple[list[_Lane], dict[int, int]]:
    """Ways that may lie on each other in one lane, where nothing that Graphviz leads goes down between them."""
    lanes: list[_Lane] = []
    home: dict[int, int] = {}
    for number, way in ways.items():
        for place, lane in enumerate(lanes):
            low, high = max(way.low, lane.low), min(way.high, lane.high)
            kin = low <= high and all(map(way.goes_with, lane.ways))
            if kin and not any(_parted(way, each, ways) for each in lane.ways):
                lane.ways.append(way)
                lane.low, lane.high = low, high
                home[number] = place
                break
        else:
            home[number] = len(lanes)
            lanes.append(_Lane([way], way.low, way.high))
    return lanes, home


def _parted(one: Way, other: Way, ways: Mapping[int, Way]) -> bool:
    """Whether another goes down between two ways."""
    for gap in one.at.keys() & other.at.keys():
        left, right = sorted((one.at[gap], other.at[gap]))
        if any(left < each.at[gap] < right for each in ways.values() if gap in each.at and not each.goes_with(one)):
            return True
    return False


def _ordered(lanes: Sequence[_Lane], ways: Mapping[int, Way], home: Mapping[int, int]) -> list[int]:
    """The lanes, each after those that lie left of it somewhere."""
    gaps: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for number, way in ways.items():
        for gap, x in way.at.items():
            gaps[gap].append((x, home[number]))
    for together in gaps.values():
        for (_, one), (_, other) in pairwise(sorted(together)):
            if one != other and not _reaches(lanes, other, one):
                lanes[other].after.add(one)
    return sorted(range(len(lanes)), key=lambda number: _depth(lanes, number, {}))


def _reaches(lanes: Sequence[_Lane], before: int, lane: int) -> bool:
    """Whether a lane lies, by way of others, right of another."""
    pending, seen = [lane], {lane}
    while pending:
        number = pending.pop()
        if number == before:
            return True
        pending += lanes[number].after - seen
        seen |= lanes[number].after
    return False


def _depth(lanes: Sequence[_Lane], number: int, known: dict[int, int]) -> int:
    if number not in known:
        known[number] = max((_depth(lanes, each, known) + 1 for each in lanes[number].after), default=0)
    return known[number]


def _bounds(lanes: Sequence[_Lane], order: Sequence[int]) -> list[tuple[float, float]]:
    """Between what each lane must stay, with room for those that lie beside it."""
    low = [lane.low if lane.place is None else lane.place for lane in lanes]
    high = [lane.high if lane.place is None else lane.place for lane in lanes]
    for number in order:
        for before in lanes[number].after if lanes[number].place is None else ():
            low[number] = max(low[number], low[before] + TRACK)
    for number in reversed(order):
        for before in (each for each in lanes[number].after if lanes[each].place is None):
            high[before] = min(high[before], high[number] - TRACK)
    return list(zip(low, high))


def _wishing(lanes: Sequence[_Lane], order: Sequence[int]) -> list[int]:
    """The lanes, those first that can be where they would be."""
    bounds = _bounds(lanes, order)

    def far(number: int) -> float:
        low, high = bounds[number]
        return min(max(low - wish, wish - high, 0.0) for wish in lanes[number].wishes)

    return sorted(order, key=far)
