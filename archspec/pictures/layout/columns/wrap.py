"""A long picture in columns: the wires that pass a cut go on in the next column, side by side and in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from archspec.pictures.layout.columns.cuts import Cut, chosen, cuts
from archspec.pictures.layout.geometry import shifted, turned
from archspec.pictures.layout.graphviz import Placed, Point, Rect, Route, Stretch, Wire
from archspec.pictures.layout.routing.rank_spacing import TRACK

GUTTER = 23.0
"""Between columns."""
ROW_GUTTER = 36.0
"""Between rows, where labels stand."""
DROP = 20.0
"""How far the wire that joins two columns goes before it turns."""
BELOW = 4.0
"""Between the label of such a wire and its turn."""
CLEAR = 8.0
"""Between such a wire and what stands above it."""
HEAD = 17.0
"""The height of the title of a frame that goes on in another column."""
PAD = 6.0
"""Between the boxes of a column and where a frame is cut, and between frames that are cut in rows."""


class _Column(Struct, frozen=True):
    """What lies between two cuts: how far it reaches, with room above it for the frames that go on in it.

    Wires that come from the column before it turn into it above `entry`.
    """

    top: float
    bottom: float
    left: float
    right: float
    above: tuple[str, ...]
    below: tuple[str, ...]
    head: float
    entry: float


def wrapped(
    placed: Placed, wires: Sequence[Wire], columns: int, rows: bool = False, deep: bool = False, most: int = 1
) -> Placed:
    """The picture in at most so many columns of about one height, or where it runs from left to right, in rows.

    Frames are cut, and an input or output stands alone, only where that is `deep`. At `most` so many wires go from a
    column to the next.
    """
    return next(ways(placed, wires, [columns], rows, deep, most), placed)


def ways(
    placed: Placed,
    wires: Sequence[Wire],
    columns: Iterable[int],
    rows: bool = False,
    deep: bool = False,
    most: int = 1,
) -> Iterator[Placed]:
    """The picture in each of several numbers of columns in which it can be, or of rows; none of what is to be whole."""
    if placed.whole:
        return
    if rows:
        placed = turned(placed)
    places = [cut for cut in cuts(placed, rows) if (deep or not cut.deep) and len(cut.lanes) <= most]
    before: tuple[Cut, ...] = ()
    for many in columns:
        taken = chosen(placed.height, places, many)
        found = _Wrapping(placed, wires, taken, rows).placed() if taken != before else None
        before = taken
        if found is not None:
            yield turned(found) if rows else found


class _Wrapping:
    """A picture from top to bottom, cut at some heights."""

    def __init__(self, placed: Placed, wires: Sequence[Wire], taken: Sequence[Cut], rows: bool) -> None:
        self._placed, self._wires, self._cuts, self._rows = placed, wires, taken, rows
        self._heights = [cut.height for cut in taken]
        self._columns = [self._column(*ends) for ends in pairwise([0.0, *self._heights, placed.height + 1])]
        self._moves = list(self._moved())
        self._labels = [list(self._labels_of(number)) for number in range(len(taken))]
        self._lows = [self._low(number) for number in range(len(taken))]

    def placed(self) -> Placed | None:
        """The columns side by side; `None` where there is no room for a label between rows."""
        if not all(map(self._fits, range(len(self._cuts)))):
            return None
        boxes = {id: self._shifted(rect) for id, rect in self._placed.boxes.items()}
        cut = {id: tuple(self._stretches(id)) for column in self._columns for id in column.below}
        fences = {id: cut[id][0].place if id in cut else self._shifted(at) for id, at in self._placed.fences.items()}
        routes = tuple(self._carried(wire, route) for wire, route in zip(self._wires, self._placed.routes))
        ends = [column.bottom + down for column, (_, down) in zip(self._columns, self._moves)]
        height = max([max(ends) + DROP, *(y for route in routes for _, y in route.points)])
        return Placed(self._moves[-1][0] + self._columns[-1].right, height, boxes, fences, routes, cut)

    def _column(self, top: float, bottom: float) -> _Column:
        """What lies between two heights."""
        fences = self._placed.fences
        cut = {id: rect for id, rect in fences.items() if _passes(rect, top) or _passes(rect, bottom)}
        order = sorted(cut, key=lambda id: -cut[id].width * cut[id].height)
        above = tuple(id for id in order if _passes(cut[id], top))
        below = tuple(id for id in order if _passes(cut[id], bottom))
        rects = [*self._placed.boxes.values(), *(rect for id, rect in fences.items() if id not in cut)]
        held = [*(rect for rect in rects if top <= rect.middle[1] < bottom), *cut.values()]
        high = min(rect.y for rect in held if rect.y >= top)
        low = max(end for rect in held if (end := rect.y + rect.height) <= bottom)
        turn = min((y for route in self._placed.routes for y in _turns(route) if y > top), default=high)
        high = min(high, turn - PAD) if above else high
        head = (PAD if self._rows else HEAD) * len(above) + PAD * bool(above)
        xs = [x for rect in held for x in (rect.x, rect.x + rect.width)] + list(self._passed(top, bottom))
        return _Column(high, low, min(xs), max(xs), above, below, head, min(high - head - DROP, turn - TRACK))

    def _passed(self, top: float, bottom: float) -> Iterator[float]:
        """How far wires and their labels reach to both sides between two heights."""
        for route in self._placed.routes:
            yield from (x for x, y in route.points if top < y < bottom)
            if route.label and top <= route.points[0][1] < bottom:
                yield from (route.label.x, route.label.x + route.label.width)
        for cut in self._cuts:
            yield from cut.lanes if cut.height in (top, bottom) else ()

    def _moved(self) -> Iterator[Point]:
        """How far each column is moved."""
        x = 0.0
        for number, column in enumerate(self._columns):
            further = TRACK * (len(self._cuts[number - 1].lanes) - 1) if number else 0.0
            x += further
            yield x - column.left, further - column.entry if number else -column.top
            x += column.right - column.left + self._between

    @property
    def _between(self) -> float:
        return ROW_GUTTER if self._rows else GUTTER

    def _number(self, y: float) -> int:
        """The column in which a height lies."""
        return bisect_right(self._heights, y)

    def _shifted(self, rect: Rect) -> Rect:
        return _moved(rect, *self._moves[self._number(rect.middle[1])])

    def _stretches(self, id: str) -> Iterator[Stretch]:
        """The parts of a frame that is cut."""
        rect = self._placed.fences[id]
        for column, (across, down) in zip(self._columns, self._moves):
            comes, goes = id in column.above, id in column.below
            if comes or goes:
                room = PAD if self._rows else HEAD
                top = column.top - column.head + room * column.above.index(id) if comes else rect.y
                low = column.bottom + PAD if goes else rect.y + rect.height
                yield Stretch(Rect(rect.x + across, top + down, rect.width, low - top), comes, goes)

    def _aside(self, route: Route) -> bool:
        """Whether a wire's label reaches past the cut that its source stands before."""
        label = route.label
        return label is not None and self._number(label.y + label.height) > self._number(route.points[0][1])

    def _labels_of(self, number: int) -> Iterator[tuple[Wire, Rect]]:
        """The labels that reach past a cut, of wires that come from before it."""
        for wire, route in zip(self._wires, self._placed.routes):
            if route.label and self._aside(route) and self._number(route.points[0][1]) == number:
                yield wire, self._past(route.label, number)

    def _past(self, label: Rect, number: int) -> Rect:
        """The place of a label, past where frames are cut."""
        column = self._columns[number]
        low = max(label.y, column.bottom + PAD + 1) if column.below else label.y
        return Rect(label.x, low, label.width, label.height)

    def _single(self, number: int) -> bool:
        return len(self._cuts[number].lanes) == 1

    def _fits(self, number: int) -> bool:
        """Whether there is room for a label between two rows."""
        labels = self._labels[number] if self._rows and self._single(number) else ()
        return all(wire.label_width <= self._lows[number] + self._moves[number][1] for wire, _ in labels)

    def _low(self, number: int) -> float:
        """How far below a column the first of the wires turns that go on in the next."""
        column, height = self._columns[number], self._heights[number]
        labels, bottom = self._labels[number], column.bottom + (PAD if column.below else 0.0)
        ends = (route.points for route in self._placed.routes)
        start = max(points[0][1] for points in ends if points[0][1] < height < points[-1][1])
        found = max(start + DROP, bottom + CLEAR)
        if not self._single(number):
            return max([found, *(label.y + label.height + BELOW for _, label in labels)])
        return found if self._rows else max([found, *(bottom + wire.label_height + BELOW + 1 for wire, _ in labels)])

    def _carried(self, wire: Wire, route: Route) -> Route:
        """A wire on its way through the columns."""
        start, *_ = route.points
        across, down = move = self._moves[self._number(start[1])]
        points = [(start[0] + across, start[1] + down)]
        for (x, y), (end, low) in pairwise(route.points):
            points += [point for number in range(self._number(y), self._number(low)) for point in self._over(number, x)]
            across, down = self._moves[self._number(low)]
            points.append((end + across, low + down))
        label = shifted(route, *move).label
        if route.label and self._aside(route):
            number = self._number(start[1])
            past = self._past(route.label, number)
            label = self._beside(wire, points[1:5]) if self._single(number) else _moved(past, *move)
        return Route(tuple(points), label)

    def _over(self, number: int, x: float) -> tuple[Point, Point, Point, Point]:
        """From a column to the next: down, up between the two, and in from above."""
        cut, column, lane = self._cuts[number], self._columns[number + 1], self._cuts[number].lane(x)
        (before, down), (after, up) = self._moves[number], self._moves[number + 1]
        low = self._lows[number] + down + TRACK * (len(cut.lanes) - 1 - lane)
        gutter, high = after + column.left - self._between / 2 - TRACK * lane, column.entry + up - TRACK * lane
        return (x + before, low), (gutter, low), (gutter, high), (x + after, high)

    def _beside(self, wire: Wire, way: Sequence[Point]) -> Rect:
        """Where the label of a single wire stands that goes on in the next column: before it turns, or between rows."""
        (x, low), (gutter, _), (_, high), _ = way
        width, height = wire.label_width, wire.label_height
        if self._rows:
            return Rect(gutter - height - 2, (low + high - width) / 2, height, width)
        return Rect(x + 2, low - BELOW - height, width, height)


def _turns(route: Route) -> Iterator[float]:
    """The heights at which a wire goes across."""
    return (y for (_, y), (_, low) in pairwise(route.points) if y == low)


def _moved(rect: Rect, x: float, y: float) -> Rect:
    return Rect(rect.x + x, rect.y + y, rect.width, rect.height)


def _passes(rect: Rect, height: float) -> bool:
    """Whether a frame is above a height and below it."""
    return rect.y < height < rect.y + rect.height
