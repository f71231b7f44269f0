"""Cells and ways → where boxes, wires and their labels are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate

from archspec.pictures.layout.geometry import cornered
from archspec.pictures.layout.graphviz import Placed, Point, Problem, Rect, Route, Size, Wire
from archspec.pictures.layout.levels.cells import Cell
from archspec.pictures.layout.levels.ways import Grid, Side, Way

ACROSS, DOWN = 22.0, 20.0
"""Between columns, and between rows."""
LANE = 13.0
"""Between a column and the first wire that goes along the gap before it."""
TRACK = 8.0
"""Between wires side by side in a gap."""
APART = 9.0
"""Between the tips of wires that come to one side of a box."""
BRACKET = 12.0
"""How far a wire goes over the boxes of a row."""


class Places:
    """The coordinates of a grid: each column as wide as its widest box, each gap as wide as what goes there needs."""

    def __init__(self, given: Problem, cells: Mapping[str, Cell], ways: Sequence[Way], grid: Grid) -> None:
        self._sizes: dict[str, Size] = {size.id: size for size in given.sizes()}
        self._given, self._cells, self._ways, self._grid = given, cells, ways, grid
        self._across = self._spread([column for _, column in cells.values()], 1, self._gaps())
        self._down = self._spread([row for row, _ in cells.values()], 0, self._heads())
        self._tips = self._sides()

    def placed(self) -> Placed:
        """Everything, from the upper left corner on."""
        boxes = {id: self._rect(id) for id in self._cells}
        routes = [self._route(number, boxes) for number in range(len(self._ways))]
        return cornered(boxes, {}, routes)

    def _gaps(self) -> dict[int, float]:
        """The room before each column: for labels over level wires, beside upright ones, and for lanes."""
        rooms: dict[int, float] = defaultdict(lambda: ACROSS)
        for wire, way in zip(self._given.wires, self._ways):
            (_, column), goal = self._cells[wire.source], self._cells[wire.target][1]
            if way.leaves == "right":
                under = self._half(goal) if way.corner is not None else 0.0
                room = wire.label_width + 12 - under if wire.label_width else 0.0
            else:
                room = wire.label_width + 8 - self._half(column) if wire.label_width else 0.0
            rooms[column + 1] = max(rooms[column + 1], room)
        for column in {column for _, column in self._cells.values()}:
            lanes = self._grid.lanes(column)
            rooms[column] = max(rooms[column], LANE + 7 + TRACK * lanes) if lanes else rooms[column]
        return rooms

    def _heads(self) -> dict[int, float]:
        """The room before each row: for labels beside upright wires, and for wires that go over it."""
        rooms: dict[int, float] = defaultdict(lambda: DOWN)
        for wire, way in zip(self._given.wires, self._ways):
            row = self._cells[wire.source][0]
            if way.leaves in ("top", "bottom") and wire.label_height:
                at = row if way.leaves == "top" else row + 1
                rooms[at] = max(rooms[at], wire.label_height + 12)
            if way.over:
                at = row if way.over < 0 else row + 1
                rooms[at] = max(rooms[at], DOWN + BRACKET)
        return rooms

    def _half(self, column: int) -> float:
        """Half the width of a column's widest box."""
        return max(self._sizes[id].width for id, (_, each) in self._cells.items() if each == column) / 2

    def _spread(self, used: Sequence[int], part: int, rooms: Mapping[int, float]) -> dict[int, float]:
        """The middle of each row or column that has boxes."""
        extents = dict.fromkeys(sorted(set(used)), 0.0)
        for id, cell in self._cells.items():
            size = self._sizes[id]
            extents[cell[part]] = max(extents[cell[part]], size.width if part else size.height)
        starts = accumulate((extent + rooms[at] for at, extent in extents.items()), initial=0.0)
        return {at: start + rooms[at] + extent / 2 for (at, extent), start in zip(extents.items(), starts)}

    def _rect(self, id: str) -> Rect:
        (row, column), size = self._cells[id], self._sizes[id]
        x, y = self._across[column], self._down[row]
        return Rect(x - size.width / 2, y - size.height / 2, size.width, size.height)

    def _sides(self) -> dict[int, float]:
        """How far from the middle of its target's side each wire ends: those of several values lie side by side."""
        arriving: dict[tuple[str, Side], dict[tuple[str, float], list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, (wire, way) in enumerate(zip(self._given.wires, self._ways)):
            if not self._sizes[wire.target].round:
                arriving[wire.target, way.enters][wire.source, wire.offset].append(number)
        tips: dict[int, float] = {}
        for nets in arriving.values():
            order = sorted(nets.values(), key=lambda numbers: self._comes(numbers[0]))
            straight = next((at for at, numbers in enumerate(order) if self._is_straight(numbers[0])), None)
            middle = (len(order) - 1) / 2 if straight is None else straight
            tips |= {number: APART * (at - middle) for at, numbers in enumerate(order) for number in numbers}
        return tips

    def _is_straight(self, number: int) -> bool:
        way = self._ways[number]
        return way.corner is None and way.gap is None and not way.over

    def _comes(self, number: int) -> float:
        """From how far above or left a wire comes."""
        row, column = self._cells[self._given.wires[number].source]
        return row if self._ways[number].enters == "left" else column

    def _route(self, number: int, boxes: Mapping[str, Rect]) -> Route:
        wire, way = self._given.wires[number], self._ways[number]
        start = _at(boxes[wire.source], way.leaves, 0.0)
        end = _at(boxes[wire.target], way.enters, self._tips.get(number, 0.0))
        points = [start, *self._turns(wire, way, start, end), end]
        return Route(tuple(points), _label(wire, way, points))

    def _turns(self, wire: Wire, way: Way, start: Point, end: Point) -> list[Point]:
        if way.corner is not None:
            return [(end[0], start[1])]
        if way.gap is not None:
            left = self._across[way.gap] - self._half(way.gap) - LANE - TRACK * way.lane
            return [(left, start[1]), (left, end[1])]
        if way.over:
            beyond = min(start[1], end[1]) - BRACKET if way.over < 0 else max(start[1], end[1]) + BRACKET
            return [(start[0], beyond), (end[0], beyond)]
        return []


def _at(box: Rect, side: Side, aside: float) -> Point:
    """The middle of a side, or so far below it or right of it."""
    x, y = box.middle
    if side in ("left", "right"):
        return (box.x if side == "left" else box.x + box.width), y + aside
    return x + aside, (box.y if side == "top" else box.y + box.height)


def _label(wire: Wire, way: Way, points: Sequence[Point]) -> Rect | None:
    """Beside a wire's first stretch: above a level one, right of an upright one."""
    if not wire.label_width:
        return None
    (x, y), (_, low) = points[0], points[1]
    if way.leaves == "right":
        return Rect(x + 4, y - wire.label_height - 1, wire.label_width, wire.label_height)
    middle = y + (wire.label_height / 2 + 4 if low > y else -wire.label_height / 2 - 4)
    return Rect(x + 2, middle - wire.label_height / 2, wire.label_width, wire.label_height)
