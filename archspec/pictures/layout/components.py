"""A sheet of several networks that nothing joins: one beside and below the other, where they would make it wide."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

from archspec.pictures.layout.geometry import shifted
from archspec.pictures.layout.graphviz import Fence, Placed, Problem, Rect, Route, Size
from archspec.pictures.layout.packing import Extent, skyline, widths

BETWEEN = 26.0
"""Between networks."""
WIDE = 3.0
"""How many times its height a sheet's width is, where its networks are placed anew."""
IDEAL = 1.5


def gathered(problem: Problem, placed: Placed) -> Placed:
    """The same, in rows, where it is very wide."""
    home = _homes(problem)
    if placed.width < WIDE * placed.height or len(set(home.values())) < 2:
        return placed
    parts = list(dict.fromkeys(home.values()))
    held = [_held(problem, placed, home, part) for part in parts]
    extents: list[Extent] = [(each.width, each.height) for each in held]

    def unlike(width: float) -> tuple[float, float]:
        corners = skyline(extents, width, BETWEEN)
        across = max(x + extent[0] for (x, _), extent in zip(corners, extents))
        down = max(y + extent[1] for (_, y), extent in zip(corners, extents))
        return across * down * (1 + 0.5 * abs(log(across / down / IDEAL))), width

    corners = skyline(extents, min(widths(extents, BETWEEN, IDEAL), key=unlike), BETWEEN)
    moves = {part: (x - rect.x, y - rect.y) for part, rect, (x, y) in zip(parts, held, corners)}

    def moved(rect: Rect, id: str) -> Rect:
        x, y = moves[home[id]]
        return Rect(rect.x + x, rect.y + y, rect.width, rect.height)

    return Placed(
        max(x + extent[0] for (x, _), extent in zip(corners, extents)),
        max(y + extent[1] for (_, y), extent in zip(corners, extents)),
        {id: moved(rect, id) for id, rect in placed.boxes.items()},
        {id: moved(rect, f"frame {id}") for id, rect in placed.fences.items()},
        tuple(shifted(route, *moves[home[wire.source]]) for wire, route in zip(problem.wires, placed.routes)),
    )


def _homes(problem: Problem) -> dict[str, str]:
    """The network in which each box and frame is, by the id of one of its boxes."""
    found = {size.id: size.id for size in problem.sizes()}

    def home(id: str) -> str:
        while found[id] != id:
            found[id] = id = found[found[id]]
        return id

    def joined(items: Sequence[Size | Fence]) -> None:
        for item in items:
            if isinstance(item, Fence):
                inner = [size.id for size in Problem(item.items, ()).sizes()]
                found[f"frame {item.id}"] = inner[0]
                for id in inner[1:]:
                    found[home(id)] = home(inner[0])
                joined(item.items)

    joined(problem.items)
    for wire in problem.wires:
        found[home(wire.target)] = home(wire.source)
    return {id: home(id) for id in found}


def _held(problem: Problem, placed: Placed, home: dict[str, str], part: str) -> Rect:
    """What a network takes of the sheet."""
    rects = [rect for id, rect in placed.boxes.items() if home[id] == part]
    rects += [rect for id, rect in placed.fences.items() if home[f"frame {id}"] == part]
    routes: list[Route] = [route for wire, route in zip(problem.wires, placed.routes) if home[wire.source] == part]
    rects += [route.label for route in routes if route.label]
    ways = [point for route in routes for point in route.points]
    left = min([*(rect.x for rect in rects), *(x for x, _ in ways)])
    top = min([*(rect.y for rect in rects), *(y for _, y in ways)])
    right = max([*(rect.x + rect.width for rect in rects), *(x for x, _ in ways)])
    low = max([*(rect.y + rect.height for rect in rects), *(y for _, y in ways)])
    return Rect(left, top, right - left, low - top)
