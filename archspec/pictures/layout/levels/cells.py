"""The row and column of each box of a sheet: a row for each resolution, and rows between for what changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import TypeAlias

from archspec.pictures.drawing import Sheet
from archspec.pictures.layout.levels.flow import Flow
from archspec.pictures.layout.levels.steps import steps

Cell: TypeAlias = tuple[int, int]
"""A row, from above, and a column, from the left."""
FEWEST = 3
"""Resolutions of a sheet that stands by them, at least."""
MOST = 150
"""Boxes of a sheet that may stand by resolution, at most."""


def cells(sheet: Sheet, upright: bool) -> dict[str, Cell] | None:
    """The cell of each box, where a sheet's values of one size meet again; else `None`.

    In an `upright` picture boxes of one resolution in series stand below each other, on the way up above each other.
    """
    if any(sheet.groups()) or len(sheet.edges) > 3 * MOST:
        return None
    flow = Flow(sheet)
    levels = set(flow.level.values())
    if len(flow.order) > MOST or None in levels or len(levels) < FEWEST or not flow.meets():
        return None
    rows = _rows(flow, steps(flow) if upright else {})
    columns = _columns(flow, rows)
    return {id: (rows[id], columns[id]) for id in flow.order}


def _rows(flow: Flow, steps: Mapping[str, int]) -> dict[str, int]:
    """The row of each box: the largest maps above, or below where maps are but enlarged, as in a feature pyramid."""
    levels = sorted({each for each in flow.level.values() if each}, key=prod, reverse=True)
    up, down = (sum(map(change, flow.order)) for change in (flow.enlarges, flow.reduces))
    place = {level: 2 * number for number, level in enumerate(reversed(levels) if up > down else levels)}
    found: dict[str, tuple[int, int]] = {}
    for id in flow.order:
        own = place[flow.level[id] or ()]
        if flow.is_between(id):
            found[id] = own + (1 if place[flow.taken[id][0] or ()] > own else -1), 0
        else:
            found[id] = own, 0 if up > down else steps.get(id, 0)
    order = {row: number for number, row in enumerate(sorted(set(found.values())))}
    return {id: order[row] for id, row in found.items()}


def _columns(flow: Flow, rows: Mapping[str, int]) -> dict[str, int]:
    """The column of each box: right of what it takes in its row, below or above what it takes of others."""
    columns: dict[str, int] = {}
    held: set[Cell] = set()
    for id in flow.order:
        column = max((columns[each] + (rows[each] == rows[id]) for each in flow.before[id]), default=0)
        columns[id] = _free(rows[id], column, held)
        held.add((rows[id], columns[id]))
    _drawn_near(flow, rows, columns, held)
    return columns


def _drawn_near(flow: Flow, rows: Mapping[str, int], columns: dict[str, int], held: set[Cell]) -> None:
    """Moves outputs below each other, and what leads to a join or an output towards it."""
    level = {id for id in flow.order if not flow.after[id] and _along(flow, rows, flow.before[id], id)}
    last = max((columns[id] for id in level), default=0)
    moved: set[str] = set()
    for id in reversed(flow.order):
        ahead = [each for each in flow.after[id] if rows[each] == rows[id]]
        if id in level:
            wanted = last
        elif ahead and moved.issuperset(ahead) and len(flow.before[id]) == 1:
            wanted = min(columns[each] for each in ahead) - 1
        elif _leads_to_a_join(flow, id):
            wanted = min(columns[each] for each in flow.after[id])
        else:
            continue
        if _moved(id, rows[id], wanted, columns, held) and not _leads_to_a_join(flow, id):
            moved.add(id)
    for id in flow.order:
        least = max((columns[each] + (rows[each] == rows[id]) for each in flow.before[id]), default=0)
        if columns[id] < least:
            held.discard((rows[id], columns[id]))
            columns[id] = _free(rows[id], least, held)
            held.add((rows[id], columns[id]))


def _free(row: int, column: int, held: set[Cell]) -> int:
    """The first column from one on in which nothing stands in a row."""
    while (row, column) in held:
        column += 1
    return column


def _along(flow: Flow, rows: Mapping[str, int], others: Sequence[str], id: str) -> bool:
    """Whether others stand in a box's row."""
    return bool(others) and all(rows[each] == rows[id] for each in others)


def _moved(id: str, row: int, wanted: int, columns: dict[str, int], held: set[Cell]) -> bool:
    """Moves a box right along its row, if nothing stands there."""
    if wanted < columns[id] or not held.isdisjoint((row, column) for column in range(columns[id] + 1, wanted + 1)):
        return False
    held.discard((row, columns[id]))
    columns[id] = wanted
    held.add((row, wanted))
    return True


def _leads_to_a_join(flow: Flow, id: str) -> bool:
    return flow.is_between(id) and bool(flow.after[id]) and all(len(flow.before[each]) > 1 for each in flow.after[id])
