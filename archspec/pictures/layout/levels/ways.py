"""How wires go between the cells of a grid: level, upright, with one turn, or along the gap before a column."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from archspec.pictures.layout.graphviz import Wire
from archspec.pictures.layout.levels.cells import Cell

Side = Literal["left", "right", "top", "bottom"]


class Way(Struct, frozen=True):
    """A wire's way: straight, with a turn in the cell `corner`, along the gap left of a column, or over a row.

    `lane` numbers the wires that go along one gap, `over` is -1 above a row and 1 below it.
    """

    leaves: Side
    enters: Side
    corner: Cell | None = None
    gap: int | None = None
    lane: int = 0
    over: int = 0


class Grid:
    """Finds the ways of wires, so that none goes over a box or along another."""

    def __init__(self, cells: Mapping[str, Cell], round: frozenset[str]) -> None:
        self._cells, self._round = cells, round
        self._held = set(cells.values())
        self._rows: dict[Cell, set[str]] = defaultdict(set)
        self._columns: dict[Cell, set[str]] = defaultdict(set)
        self._gaps: dict[int, list[str]] = defaultdict(list)

    def ways(self, wires: Sequence[Wire]) -> list[Way] | None:
        """The way of each wire, or `None` where one has none; the simplest are found first."""
        found: dict[int, Way] = {}
        for simple in (True, False):
            for number, wire in enumerate(wires):
                if number not in found and (way := self._way(wire, simple)) is not None:
                    found[number] = way
        return [found[number] for number in range(len(wires))] if len(found) == len(wires) else None

    def lanes(self, gap: int) -> int:
        """How many wires go along the gap left of a column, side by side."""
        return len(self._gaps[gap])

    def _way(self, wire: Wire, simple: bool) -> Way | None:
        (row, column), (end, goal) = self._cells[wire.source], self._cells[wire.target]
        if goal < column:
            return None
        if row == end:
            level = self._level(wire, row, column, goal)
            return Way("right", "left") if level else None if simple else self._bracket(wire, row, column, goal)
        down = end > row
        upright: tuple[Side, Side] = ("bottom", "top") if down else ("top", "bottom")
        if column == goal:
            return Way(*upright) if self._upright(wire, column, row, end) else None
        if simple:
            return None
        if (row, goal) not in self._held and self._turned(wire, row, column, end, goal):
            return Way("right", upright[1], corner=(row, goal))
        return self._along(wire, row, column, end, goal)

    def _level(self, wire: Wire, row: int, column: int, goal: int) -> bool:
        """Takes the way along a row, where it is free."""
        return self._take(self._rows, [(row, each) for each in range(column + 1, goal)], wire)

    def _upright(self, wire: Wire, column: int, row: int, end: int) -> bool:
        return self._take(self._columns, [(each, column) for each in range(min(row, end) + 1, max(row, end))], wire)

    def _turned(self, wire: Wire, row: int, column: int, end: int, goal: int) -> bool:
        """Takes the way along a row to a column, and up or down that."""
        along = [(row, each) for each in range(column + 1, goal + 1)]
        down = [(each, goal) for each in range(min(row, end) + 1, max(row, end))]
        if not (self._free(self._rows, along, wire) and self._free(self._columns, [(row, goal), *down], wire)):
            return False
        return self._take(self._rows, along, wire) and self._take(self._columns, [(row, goal), *down], wire)

    def _along(self, wire: Wire, row: int, column: int, end: int, goal: int) -> Way | None:
        """A way along a row, then the gap before its target's column, and in at its side."""
        if not self._take(self._rows, [(row, each) for each in range(column + 1, goal)], wire):
            return None
        net = _net(wire)
        lanes = self._gaps[goal]
        if net not in lanes:
            lanes.append(net)
        return Way("right", "left", gap=goal, lane=lanes.index(net))

    def _bracket(self, wire: Wire, row: int, column: int, goal: int) -> Way | None:
        """A way over a few boxes of a row, or below them, to where they are joined."""
        if wire.target not in self._round:
            return None
        for over in (-1, 1):
            beyond = [(row + over, each) for each in range(column, goal + 1)]
            if self._held.isdisjoint(beyond) and self._take(self._rows, beyond, wire):
                side: Side = "top" if over < 0 else "bottom"
                return Way(side, side, over=over)
        return None

    def _free(self, taken: Mapping[Cell, set[str]], way: Sequence[Cell], wire: Wire) -> bool:
        own = {_net(wire)}
        return self._held.isdisjoint(way) and all(taken.get(cell, own) <= own for cell in way)

    def _take(self, taken: dict[Cell, set[str]], way: Sequence[Cell], wire: Wire) -> bool:
        if not self._free(taken, way, wire):
            return False
        for cell in way:
            taken[cell].add(_net(wire))
        return True


def _net(wire: Wire) -> str:
    return f"{wire.source} {wire.offset}"
