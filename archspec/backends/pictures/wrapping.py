"""A long picture in columns: cut where but one wire passes, straight, from one rank to the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archspec.backends.graphviz.layout import Placed, Point, Rect, Route, Wire
from archspec.backends.pictures.geometry import NEAR, ranks, shifted, turned

GUTTER = 23.0
"""Between columns."""
ROW_GUTTER = 36.0
"""Between rows, where labels stand."""
DROP = 20.0
"""How far the wire that joins two columns goes before it turns."""
BELOW = 4.0
"""Between the label of such a wire and its turn."""


@dataclass(frozen=True)
class _Column:
    """What lies between two cuts: how far it reaches."""

    top: float
    bottom: float
    left: float
    right: float


def wrapped(placed: Placed, wires: Sequence[Wire], columns: int, rows: bool = False) -> Placed:
    """The picture in at most so many columns of about one height, or where it runs from left to right, in rows."""
    if rows:
        return turned(_wrapped(turned(placed), wires, columns, True))
    return _wrapped(placed, wires, columns, False)


def _wrapped(placed: Placed, wires: Sequence[Wire], columns: int, rows: bool) -> Placed:
    cuts = _chosen(placed, _cuts(placed), columns)
    if not cuts:
        return placed
    parts = [_column(placed, top, bottom) for top, bottom in pairwise([0.0, *cuts, placed.height + 1])]
    between = ROW_GUTTER if rows else GUTTER
    offsets: list[Point] = []
    x = 0.0
    for part in parts:
        offsets.append((x - part.left, -part.top + (DROP if offsets else 0.0)))
        x += part.right - part.left + between

    def number(y: float) -> int:
        """The column in which a height lies."""
        return sum(1 for cut in cuts if y >= cut)

    def moved(rect: Rect) -> Rect:
        across, down = offsets[number(rect.middle[1])]
        return Rect(rect.x + across, rect.y + down, rect.width, rect.height)

    downs: dict[Point, float] = {}
    for wire, route in zip(wires, placed.routes):
        start = route.points[0]
        told = 0.0 if rows or route.label is None else wire.label_height + BELOW + 1
        past = told or 8.0
        lows = _closing(placed, start, cuts[min(number(start[1]), len(cuts) - 1)])
        downs[start] = max([downs.get(start, start[1] + DROP), start[1] + told, *(low + past for low in lows)])
    routes = []
    for wire, route in zip(wires, placed.routes):
        before, after = number(route.points[0][1]), number(route.points[-1][1])
        if before == after:
            routes.append(shifted(route, *offsets[before]))
        else:
            gutter, down = offsets[after][0] + parts[after].left - between / 2, downs[route.points[0]]
            if rows and down + offsets[before][1] - offsets[after][1] - parts[after].top + DROP < wire.label_width:
                return placed  # no room for the label between the rows
            routes.append(_carried(route, wire, offsets[before], offsets[after], gutter, down, parts[after], rows))
    height = max(part.bottom - part.top + (DROP if place else 0) for place, part in enumerate(parts)) + DROP
    ways = (y for route in routes for _, y in route.points)
    height = max(height, *ways)
    boxes = {id: moved(rect) for id, rect in placed.boxes.items()}
    fences = {id: moved(rect) for id, rect in placed.fences.items()}
    return Placed(x - between, height, boxes, fences, tuple(routes))


def _closing(placed: Placed, start: Point, cut: float) -> Iterator[float]:
    """Where the frames end that end between a box and a cut."""
    return (low for fence in placed.fences.values() if start[1] <= (low := fence.y + fence.height) <= cut)


def _carried(
    route: Route, wire: Wire, before: Point, after: Point, gutter: float, low: float, column: _Column, rows: bool
) -> Route:
    """A wire from one column to the next: down, up between the two, and in from above."""
    (x, y), *rest = route.points
    start = x + before[0], y + before[1]
    down, up = low + before[1], column.top + after[1] - DROP
    way = (start, (start[0], down), (gutter, down), (gutter, up), (x + after[0], up))
    points = (*way, *((a + after[0], b + after[1]) for a, b in rest))
    if route.label is None:
        return Route(points)
    if rows:
        place = Rect(
            gutter - wire.label_height - 2, (down + up - wire.label_width) / 2, wire.label_height, wire.label_width
        )
        return Route(points, place)
    return Route(points, Rect(start[0] + 2, down - BELOW - wire.label_height, wire.label_width, wire.label_height))


def _cuts(placed: Placed) -> list[float]:
    """The heights at which the picture can be cut, each where all that passes is still one line, in no frame."""
    found = []
    for rank, after in pairwise(ranks(placed.boxes)):
        across = [each for each in placed.routes if each.points[0][1] < rank.bottom + NEAR < each.points[-1][1]]
        stubs = {each.points[0] for each in across}
        ends = (fence.y + fence.height for fence in placed.fences.values())
        middle = max((end for end in ends if rank.bottom <= end <= after.top), default=rank.bottom)
        turns = min((each.points[1][1] for each in across), default=after.top)
        fenced = any(fence.y < middle + NEAR < fence.y + fence.height for fence in placed.fences.values())
        if len(stubs) == 1 and not fenced and turns > middle + NEAR:
            found.append(middle + NEAR)
    return found


def _chosen(placed: Placed, cuts: Sequence[float], columns: int) -> tuple[float, ...]:
    """The cuts that make the highest column the lowest: for each cut, and so many columns above it, the best so far."""
    best: dict[float, tuple[float, tuple[float, ...]]] = {0.0: (0.0, ())}
    for number in range(columns):
        ends = [*cuts, placed.height] if number + 1 < columns else [placed.height]
        found: dict[float, tuple[float, tuple[float, ...]]] = {}
        for end in ends:
            ways = [(max(high, end - start), (*chosen, start)) for start, (high, chosen) in best.items() if start < end]
            if ways:
                found[end] = min(ways)
        best = found
    _, (_, *chosen) = best.get(placed.height, (0.0, (0.0,)))
    return tuple(chosen)


def _column(placed: Placed, top: float, bottom: float) -> _Column:
    rects = [*placed.boxes.values(), *placed.fences.values()]
    held = [rect for rect in rects if top <= rect.middle[1] < bottom]
    xs = [x for rect in held for x in (rect.x, rect.x + rect.width)]
    ways = [route.points for route in placed.routes if top <= route.points[-1][1] <= bottom]
    xs += [x for points in ways for x, y in points if y > top]
    labels = [route.label for route in placed.routes if route.label and top <= route.points[0][1] < bottom]
    xs += [x for label in labels for x in (label.x, label.x + label.width)]
    return _Column(min(rect.y for rect in held), max(rect.y + rect.height for rect in held), min(xs), max(xs))
