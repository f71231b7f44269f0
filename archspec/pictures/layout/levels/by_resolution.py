"""A sheet laid out by resolution, where that makes a clear picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from msgspec.structs import replace

from archspec.pictures.drawing import Sheet
from archspec.pictures.layout.graphviz import Placed, Problem, Rect, Route
from archspec.pictures.layout.levels.cells import cells
from archspec.pictures.layout.levels.places import Places
from archspec.pictures.layout.levels.ways import Grid


def by_resolution(sheet: Sheet, given: Problem) -> Placed | None:
    """A sheet whose values of one size meet again, those of one size level; `None` for others.

    So is one in which wires would lie over each other, or over boxes.
    """
    return next((placed for upright in (True, False) if (placed := _by_resolution(sheet, given, upright))), None)


def _by_resolution(sheet: Sheet, given: Problem, upright: bool) -> Placed | None:
    found = cells(sheet, upright)
    if found is None:
        return None
    grid = Grid(found, frozenset(size.id for size in given.sizes() if size.round))
    ways = grid.ways(given.wires)
    if ways is None:
        return None
    placed = Places(given, found, ways, grid).placed()
    return replace(placed, whole=True) if _is_clear(given, placed) else None


def _is_clear(given: Problem, placed: Placed) -> bool:
    """Whether no wire goes over a box or label that is not its own, or along one of another value."""
    for wire, route in zip(given.wires, placed.routes):
        own = (wire.source, wire.target)
        others = [box for id, box in placed.boxes.items() if id not in own]
        labels = [each.label for each in placed.routes if each.label and each is not route]
        if any(_overlap(stretch, rect) for stretch in _stretches(route) for rect in (*others, *labels)):
            return False
    labels = [route.label for route in placed.routes if route.label]
    if any(_overlap(label, box) for label in labels for box in placed.boxes.values()):
        return False
    if any(_overlap(one, other) for one, other in combinations(labels, 2)):
        return False
    return not any(_along(given, placed, one, other) for one, other in combinations(range(len(given.wires)), 2))


def _along(given: Problem, placed: Placed, one: int, other: int) -> bool:
    """Whether wires of two values run over each other, though nothing joins them."""
    first, second = given.wires[one], given.wires[other]
    signs = {size.id for size in given.sizes() if size.round}
    if (first.source, first.offset) == (second.source, second.offset):
        return False
    if first.target == second.target and first.target in signs:
        return False
    ways = [[*_stretches(placed.routes[number])] for number in (one, other)]
    return any(_overlap(a, b) and (a.width > a.height) == (b.width > b.height) for a in ways[0] for b in ways[1])


def _stretches(route: Route) -> Iterator[Rect]:
    for (x, y), (other, low) in pairwise(route.points):
        yield Rect(min(x, other) - 1, min(y, low) - 1, abs(x - other) + 2, abs(y - low) + 2)


def _overlap(one: Rect, other: Rect) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > 1.0 and down > 1.0
