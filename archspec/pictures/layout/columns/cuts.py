"""Where a long picture can be cut into columns: between two ranks, where all that passes goes straight."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import pairwise

from msgspec import Struct

from archspec.pictures.layout.geometry import NEAR, Rank, ranks
from archspec.pictures.layout.graphviz import Placed, Rect

SLACK = 1.1
"""How much higher the highest column may be for the cuts to pass fewer wires."""
ROOM = 150.0
"""How long each part is at least of a frame that is cut where several wires pass."""
ROUNDS = 5
"""How often the highest column is tried lower for the same cost."""
UNEVEN = 1.5
"""How much higher than all are on average."""


class Cut(Struct, frozen=True):
    """A height at which a picture can be cut, and where wires cross it, from the left.

    What stands before it ends at `before`, what stands after it begins at `after`. It cuts so many `frames`, and may
    leave an input or output `alone`.
    """

    height: float
    before: float
    after: float
    lanes: tuple[float, ...]
    frames: int
    alone: bool

    @property
    def deep(self) -> bool:
        """Whether it is made only where there is no better place."""
        return self.alone or self.frames > 0

    @property
    def cost(self) -> int:
        """How much there is to follow over it."""
        return len(self.lanes) + self.frames

    def lane(self, x: float) -> int:
        """Which of the wires, from the left, crosses it at a place."""
        return max(0, bisect_right(self.lanes, x + NEAR) - 1)


def cuts(placed: Placed, rows: bool) -> list[Cut]:
    """Every height at which a picture, from top to bottom, can be cut.

    Where columns are to be `rows`, the label of a single wire stands between these, and takes no room in them.
    """
    found = ranks(placed.boxes)
    fences = _Fences(placed.fences.values())
    heights = [fences.closed(rank, after) + NEAR for rank, after in pairwise(found)]
    lanes, labelled = _crossed(placed, found, heights)
    made: list[Cut] = []
    for gap, height in enumerate(heights):
        across = lanes[gap]
        if not across or (len(across) > 1 and fences.cramped(height)):
            continue
        before = max(height, labelled.get(gap, height)) if rows and len(across) > 1 else height
        after = fences.begun(found[gap], found[gap + 1]) if rows else height
        made.append(Cut(height, before, after, across, fences.cut(height), gap in (0, len(heights) - 1)))
    return made


class _Fences:
    """Where frames begin and end."""

    def __init__(self, fences: Iterable[Rect]) -> None:
        ends = [(fence.y, fence.y + fence.height) for fence in fences]
        self._begin, self._end = sorted(ends), sorted((low, top) for top, low in ends)

    def closed(self, rank: Rank, after: Rank) -> float:
        """Where the last frame ends that ends between two ranks."""
        at = bisect_right(self._end, after.top, key=_first) - 1
        return max(self._end[at][0], rank.bottom) if at >= 0 else rank.bottom

    def begun(self, rank: Rank, after: Rank) -> float:
        """Where the first frame or box begins that begins after a rank."""
        at = bisect_left(self._begin, rank.bottom, key=_first)
        return min(self._begin[at][0], after.top) if at < len(self._begin) else after.top

    def cut(self, height: float) -> int:
        """How many frames a height cuts."""
        return bisect_left(self._begin, height, key=_first) - bisect_right(self._end, height, key=_first)

    def cramped(self, height: float) -> bool:
        """Whether a height cuts a frame close to where that begins or ends."""
        begun = self._begin[slice(*(bisect_left(self._begin, y, key=_first) for y in (height - ROOM, height)))]
        ended = self._end[slice(*(bisect_right(self._end, y, key=_first) for y in (height, height + ROOM)))]
        return any(low > height for _, low in begun) or any(top < height for _, top in ended)


def _first(ends: tuple[float, float]) -> float:
    return ends[0]


def _crossed(
    placed: Placed, found: Sequence[Rank], heights: Sequence[float]
) -> tuple[list[tuple[float, ...]], dict[int, float]]:
    """Where wires go down below each rank, nowhere where one turns before that, and how far labels reach there."""
    bottoms = [rank.bottom for rank in found[:-1]]
    lanes: list[list[float]] = [[] for _ in heights]
    turned: set[int] = set()
    labelled: dict[int, float] = {}
    for route in placed.routes:
        for (x, y), (_, low) in pairwise(route.points):
            for gap in range(bisect_right(heights, y), bisect_left(heights, low)):
                lanes[gap].append(x)
            gap = bisect_right(bottoms, y) - 1
            if y == low and gap >= 0 and y <= heights[gap]:
                turned.add(gap)
        if route.label:
            end = route.label.y + route.label.height
            gap = bisect_right(heights, end) - 1
            labelled[gap] = max(labelled.get(gap, 0.0), end)
    return [() if gap in turned else _apart(xs) for gap, xs in enumerate(lanes)], labelled


def _apart(xs: Iterable[float]) -> tuple[float, ...]:
    """Places from the left, those that are one once."""
    found: list[float] = []
    for x in sorted(xs):
        if not found or x - found[-1] > NEAR:
            found.append(x)
    return tuple(found)


def chosen(whole: float, places: Sequence[Cut], columns: int) -> tuple[Cut, ...]:
    """The cuts that make the highest of so many columns the lowest; each column is as full as that allows.

    Of those that make it little higher, the ones that cost least. None where it is much higher than the others.
    """
    low, high = whole / columns, whole
    found: tuple[Cut, ...] = ()
    while places and high - low > 0.5:
        tried = _filled(whole, places, (low + high) / 2)
        if tried is not None and len(tried) < columns:
            found, high = tried, (low + high) / 2
        else:
            low = (low + high) / 2
    if high > UNEVEN * whole / (len(found) + 1):
        return ()
    return found if all(place.cost == 1 for place in found) else _eased(whole, places, high)


def _eased(whole: float, places: Sequence[Cut], high: float) -> tuple[Cut, ...]:
    """The cuts of least cost that leave no column much higher than a height; of such, those whose highest is lowest."""
    low, high = high, high * SLACK
    found = _cheapest(whole, places, high)
    for _ in range(ROUNDS):
        tried = _cheapest(whole, places, (low + high) / 2)
        if len(tried) <= len(found) and sum(cut.cost for cut in tried) <= sum(cut.cost for cut in found):
            found, high = tried, (low + high) / 2
        else:
            low = (low + high) / 2
    return found


def _filled(whole: float, places: Sequence[Cut], highest: float) -> tuple[Cut, ...] | None:
    """Cuts that leave no column higher than a height, as few as can be; `None` where there are none."""
    found: list[Cut] = []
    start = 0.0
    while whole - start > highest:
        ends = places[_after(places, start) : _after(places, start + highest)]
        if not ends or ends[-1].after <= start:  # what follows a cut may begin above it, and no column would be filled
            return None
        found.append(ends[-1])
        start = found[-1].after
    return tuple(found)


def _after(places: Sequence[Cut], height: float) -> int:
    return bisect_right(places, height, key=lambda place: place.before)


def _cheapest(whole: float, places: Sequence[Cut], highest: float) -> tuple[Cut, ...]:
    """As few cuts as can be that leave no column higher than a height; of these, those of the least cost."""
    best: list[tuple[int, int, int]] = []
    """For each place how many cuts there are up to it, what they cost, and the place before it."""
    near: deque[int] = deque()
    """The places from which a column may reach the next one, the best first, less those that a later one betters."""
    for number, place in enumerate(places):
        while near and place.before - places[near[0]].after > highest:
            near.popleft()
        many, cost, before = (*best[near[0]][:2], near[0]) if near else (len(places), 0, -1)
        if place.before <= highest:
            many, cost, before = 0, 0, -1
        best.append((many + 1, cost + place.cost, before))
        while near and best[number] <= best[near[-1]]:
            near.pop()
        near.append(number)
    at = min((each, number) for number, each in enumerate(best) if whole - places[number].after <= highest)[1]
    found: list[Cut] = []
    while at >= 0:
        found.append(places[at])
        at = best[at][2]
    return tuple(reversed(found))
