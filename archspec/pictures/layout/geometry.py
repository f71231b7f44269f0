"""Places of boxes and wires: ranks, turns, shifts.

Boxes whose middles are at one height are a rank, however high each is:

>>> [rank.ids for rank in ranks({'a': Rect(0, 0, 9, 4), 'b': Rect(20, 1, 9, 2), 'c': Rect(0, 9, 9, 4)})]
[['a', 'b'], ['c']]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.pictures.layout.graphviz import Placed, Point, Rect, Route, Stretch, Wire

NEAR = 1.5
"""Places closer than this are one."""


class Rank(Struct):
    """Boxes side by side, from `top` to `bottom`."""

    top: float
    bottom: float
    ids: list[str] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def ranks(boxes: dict[str, Rect]) -> list[Rank]:
    """The boxes whose middles are at one height, from the top."""
    found: list[Rank] = []
    middle = -1e9
    for id, box in sorted(boxes.items(), key=lambda item: item[1].middle[1]):
        if box.middle[1] - middle > NEAR:
            found.append(Rank(box.y, box.y + box.height))
            middle = box.middle[1]
        rank = found[-1]
        rank.ids.append(id)
        rank.top, rank.bottom = min(rank.top, box.y), max(rank.bottom, box.y + box.height)
    return found


def drawn_in(placed: Placed, wires: Sequence[Wire]) -> Placed:
    """The same, but ranks of nothing but inputs do not make it wider than the others do."""
    inputs = {wire.source for wire in wires} - {wire.target for wire in wires}
    boxes = dict(placed.boxes)
    for rank in ranks(placed.boxes):
        if not inputs.issuperset(rank.ids):
            continue
        others = [*placed.fences.values(), *(box for id, box in placed.boxes.items() if id not in rank.ids)]
        if others:
            far = _aside([placed.boxes[id] for id in rank.ids], others)
            boxes |= {id: replace(box, x=box.x + far) for id in rank.ids for box in [placed.boxes[id]]}
    return replace(placed, boxes=boxes)


def _aside(boxes: Sequence[Rect], others: Sequence[Rect]) -> float:
    """How far boxes must move, to lie within what others take, as far as they can."""
    left, right = min(box.x for box in boxes), max(box.x + box.width for box in boxes)
    low, high = min(each.x for each in others), max(each.x + each.width for each in others)
    return -min(right - high, max(left - low, 0.0)) if right > high else min(max(low - left, 0.0), high - right)


def holds(rect: Rect, point: Point) -> bool:
    """Whether a point is within a rectangle."""
    return rect.x < point[0] < rect.x + rect.width and rect.y < point[1] < rect.y + rect.height


def crossings(curve: Sequence[Point], y: float) -> Iterator[float]:
    """Where a Bézier curve crosses a height, to within a point or so."""
    for at in range(0, len(curve) - 3, 3):
        heights = [height for _, height in curve[at : at + 4]]
        if not min(heights) <= y <= max(heights):
            continue
        pieces = [_along(curve[at : at + 4], number / 12) for number in range(13)]
        for before, after in pairwise(pieces):
            if min(before[1], after[1]) <= y <= max(before[1], after[1]):
                yield (before[0] + after[0]) / 2


def _along(corners: Sequence[Point], part: float) -> Point:
    rest = 1 - part
    a, b, c, d = rest**3, 3 * rest * rest * part, 3 * rest * part * part, part**3
    (x, y), (other_x, other_y), (next_x, next_y), (last_x, last_y) = corners
    return a * x + b * other_x + c * next_x + d * last_x, a * y + b * other_y + c * next_y + d * last_y


def shifted(route: Route, x: float, y: float) -> Route:
    """A way and its label, moved."""
    label = Rect(route.label.x + x, route.label.y + y, route.label.width, route.label.height) if route.label else None
    return Route(tuple((a + x, b + y) for a, b in route.points), label)


def turned(placed: Placed) -> Placed:
    """Everything with its places across and down exchanged."""

    def rect(given: Rect) -> Rect:
        return Rect(given.y, given.x, given.height, given.width)

    return Placed(
        placed.height,
        placed.width,
        {id: rect(given) for id, given in placed.boxes.items()},
        {id: rect(given) for id, given in placed.fences.items()},
        tuple(
            Route(tuple((y, x) for x, y in route.points), rect(route.label) if route.label else None)
            for route in placed.routes
        ),
        {
            id: tuple(Stretch(rect(each.place), each.comes, each.goes) for each in given)
            for id, given in placed.cut.items()
        },
        not placed.rows,
    )


def cornered(boxes: dict[str, Rect], fences: dict[str, Rect], routes: Sequence[Route]) -> Placed:
    """Everything, moved so that it begins at the upper left corner."""
    rects = [*boxes.values(), *fences.values(), *(route.label for route in routes if route.label)]
    ways = [point for route in routes for point in route.points]
    xs = [x for rect in rects for x in (rect.x, rect.x + rect.width)] + [x for x, _ in ways]
    ys = [y for rect in rects for y in (rect.y, rect.y + rect.height)] + [y for _, y in ways]
    left, top = min(xs), min(ys)

    def moved(rect: Rect) -> Rect:
        return Rect(rect.x - left, rect.y - top, rect.width, rect.height)

    return Placed(
        max(xs) - left,
        max(ys) - top,
        {id: moved(rect) for id, rect in boxes.items()},
        {id: moved(rect) for id, rect in fences.items()},
        tuple(shifted(route, -left, -top) for route in routes),
    )
