"""A long picture in columns: cut where but one wire passes, straight, from one rank to the next."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from msgspec import Struct

from archspec.backends.graphviz.layout import Placed, Point, Rect, Route, Stretch, Wire
from archspec.backends.pictures.geometry import NEAR, ranks, shifted, turned

GUTTER = 23.0
"""Between columns."""
ROW_GUTTER = 36.0
"""Between rows, where labels stand."""
DROP = 20.0
"""How far the wire that joins two columns goes before it turns."""
BELOW = 4.0
"""Between the label of such a wire and its turn."""


HEAD = 17.0
"""The height of the title of a frame that goes on in another column."""
PAD = 6.0
"""Between the boxes of a column and where a frame is cut, and between frames that are cut in rows."""


class _Column(Struct, frozen=True):
    """What lies between two cuts: how far it reaches, with room above it for the frames that go on in it."""

    top: float
    bottom: float
    left: float
    right: float
    above: tuple[str, ...]
    below: tuple[str, ...]
    head: float


def wrapped(placed: Placed, wires: Sequence[Wire], columns: int, rows: bool = False, deep: bool = False) -> Placed:
    """The picture in at most so many columns of about one height, or where it runs from left to right, in rows.

    Frames are cut, and an input or output stands alone, only where that is `deep`.
    """
    return next(ways(placed, wires, [columns], rows, deep), placed)


def ways(
    placed: Placed, wires: Sequence[Wire], columns: Iterable[int], rows: bool = False, deep: bool = False
) -> Iterator[Placed]:
    """The picture in each of several numbers of columns in which it can be, or of rows."""
    if rows:
        placed = turned(placed)
    places = _cuts(placed, deep)
    before: tuple[float, ...] = ()
    for many in columns:
        cuts = _chosen(placed, places, many)
        found = _wrapped(placed, wires, cuts, rows) if cuts != before else None
        before = cuts
        if found is not None:
            yield turned(found) if rows else found


def _wrapped(placed: Placed, wires: Sequence[Wire], cuts: Sequence[float], rows: bool) -> Placed | None:
    parts = [_column(placed, top, bottom, rows) for top, bottom in pairwise([0.0, *cuts, placed.height + 1])]
    between = ROW_GUTTER if rows else GUTTER
    offsets: list[Point] = []
    x = 0.0
    for part in parts:
        offsets.append((x - part.left, part.head - part.top + (DROP if offsets else 0.0)))
        x += part.right - part.left + between

    def number(y: float) -> int:
        """The column in which a height lies."""
        return sum(1 for cut in cuts if y >= cut)

    def moved(rect: Rect) -> Rect:
        across, down = offsets[number(rect.middle[1])]
        return Rect(rect.x + across, rect.y + down, rect.width, rect.height)

    def stretches(id: str) -> Iterator[Stretch]:
        """The parts of a frame that is cut."""
        rect = placed.fences[id]
        for part, (across, down) in zip(parts, offsets):
            comes, goes = id in part.above, id in part.below
            if comes or goes:
                room = PAD if rows else HEAD
                top = part.top - part.head + room * part.above.index(id) if comes else rect.y
                low = part.bottom + PAD if goes else rect.y + rect.height
                yield Stretch(Rect(rect.x + across, top + down, rect.width, low - top), comes, goes)

    downs: dict[Point, float] = {}
    for wire, route in zip(wires, placed.routes):
        start = route.points[0]
        told = 0.0 if rows or route.label is None else wire.label_height + BELOW + 1
        past = told or 8.0
        column = min(number(start[1]), len(cuts) - 1)
        lows = [*_closing(placed, start, cuts[column]), *([parts[column].bottom + PAD] if parts[column].below else [])]
        downs[start] = max([downs.get(start, start[1] + DROP), start[1] + told, *(low + past for low in lows)])
    routes = []
    for wire, route in zip(wires, placed.routes):
        before, after = number(route.points[0][1]), number(route.points[-1][1])
        if before == after:
            routes.append(shifted(route, *offsets[before]))
        else:
            gutter, down = offsets[after][0] + parts[after].left - between / 2, downs[route.points[0]]
            if rows and down + offsets[before][1] < wire.label_width:
                return None  # there is no room for the label between the rows
            routes.append(_carried(route, wire, offsets[before], offsets[after], gutter, down, parts[after], rows))
    height = max(part.bottom + down for part, (_, down) in zip(parts, offsets)) + DROP
    ways = (y for route in routes for _, y in route.points)
    height = max(height, *ways)
    boxes = {id: moved(rect) for id, rect in placed.boxes.items()}
    cut = {id: tuple(stretches(id)) for part in parts for id in part.below}
    fences = {id: cut[id][0].place if id in cut else moved(rect) for id, rect in placed.fences.items()}
    return Placed(x - between, height, boxes, fences, tuple(routes), cut)


def _closing(placed: Placed, start: Point, cut: float) -> Iterator[float]:
    """Where the frames end that end between a box and a cut."""
    return (low for fence in placed.fences.values() if start[1] <= (low := fence.y + fence.height) <= cut)


def _carried(
    route: Route, wire: Wire, before: Point, after: Point, gutter: float, low: float, column: _Column, rows: bool
) -> Route:
    """A wire from one column to the next: down, up between the two, and in from above."""
    (x, y), *rest = route.points
    start = x + before[0], y + before[1]
    down, up = low + before[1], column.top - column.head + after[1] - DROP
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


def _cuts(placed: Placed, deep: bool) -> list[float]:
    """The heights at which the picture can be cut, each where all that passes is still one line, and in no frame.

    Else than `deep` ones, they leave no input or output alone.
    """
    found = []
    spans = [(each.points[0][1], each.points[-1][1], each) for each in placed.routes]
    gaps = list(pairwise(ranks(placed.boxes)))
    for rank, after in gaps if deep else gaps[1:-1]:
        across = [each for start, end, each in spans if start < rank.bottom + NEAR < end]
        stubs = {each.points[0] for each in across}
        ends = (fence.y + fence.height for fence in placed.fences.values())
        middle = max((end for end in ends if rank.bottom <= end <= after.top), default=rank.bottom)
        turns = min((each.points[1][1] for each in across), default=after.top)
        fenced = any(fence.y < middle + NEAR < fence.y + fence.height for fence in placed.fences.values())
        if len(stubs) == 1 and (deep or not fenced) and turns > middle + NEAR:
            found.append(middle + NEAR)
    return found


def _chosen(placed: Placed, cuts: Sequence[float], columns: int) -> tuple[float, ...]:
    """The cuts that make the highest column the lowest; each column is as full as that allows."""
    low, high = placed.height / columns, placed.height
    found: tuple[float, ...] = ()
    while cuts and high - low > 0.5:
        tried = _filled(placed.height, cuts, (low + high) / 2)
        if tried is not None and len(tried) < columns:
            found, high = tried, (low + high) / 2
        else:
            low = (low + high) / 2
    return found


def _filled(whole: float, cuts: Sequence[float], highest: float) -> tuple[float, ...] | None:
    """Cuts that leave no column higher than a height, as few as can be; `None` where there are none."""
    found: list[float] = []
    start = 0.0
    while whole - start > highest:
        ends = cuts[bisect_right(cuts, start) : bisect_right(cuts, start + highest)]
        if not ends:
            return None
        found.append(start := ends[-1])
    return tuple(found)


def _column(placed: Placed, top: float, bottom: float, rows: bool) -> _Column:
    cut = {id: rect for id, rect in placed.fences.items() if _passes(rect, top) or _passes(rect, bottom)}
    order = sorted(cut, key=lambda id: -cut[id].width * cut[id].height)
    above = tuple(id for id in order if _passes(cut[id], top))
    rects = [*placed.boxes.values(), *(rect for id, rect in placed.fences.items() if id not in cut)]
    held = [rect for rect in rects if top <= rect.middle[1] < bottom]
    xs = [x for rect in (*held, *cut.values()) for x in (rect.x, rect.x + rect.width)]
    ways = [route.points for route in placed.routes if top <= route.points[-1][1] <= bottom]
    xs += [x for points in ways for x, y in points if y > top]
    labels = [route.label for route in placed.routes if route.label and top <= route.points[0][1] < bottom]
    xs += [x for label in labels for x in (label.x, label.x + label.width)]
    return _Column(
        min([rect.y for rect in (*held, *cut.values()) if rect.y >= top]),
        max([rect.y + rect.height for rect in (*held, *cut.values()) if rect.y + rect.height <= bottom]),
        min(xs),
        max(xs),
        above,
        tuple(id for id in order if _passes(cut[id], bottom)),
        (PAD if rows else HEAD) * len(above) + PAD * bool(above),
    )


def _passes(rect: Rect, height: float) -> bool:
    return rect.y < height < rect.y + rect.height
