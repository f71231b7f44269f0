"""Labels that would lie over a box or on a border of a frame, moved along their wires or to the other side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, pairwise

from msgspec.structs import replace

from archspec.pictures.layout.cells import Cells
from archspec.pictures.layout.graphviz import Rect, Route

STEP = 4.0
"""How far a label is moved at a time."""


def with_free_labels(boxes: Mapping[str, Rect], fences: Mapping[str, Rect], routes: Sequence[Route]) -> list[Route]:
    """The same wires, their labels moved where these lie over a box or a border and have another place.

    Sizes are in points, from top to bottom.
    """
    borders = list(chain.from_iterable(map(_borders, fences.values())))
    standing = Cells([*boxes.values(), *borders])
    if not any(route.label and _taken(route.label, standing) for route in routes):
        return list(routes)
    wires, found = Cells(each for route in routes for each in _stretches(route)), list(routes)
    for number, route in enumerate(routes):
        if route.label is not None and _taken(route.label, standing):
            labels = Cells(each.label for each in found if each.label and each is not route)
            places = (each for each in _places(route, route.label) if not _taken(each, standing, wires, labels))
            found[number] = replace(route, label=next(places, route.label))
    return found


def _taken(label: Rect, *among: Cells) -> bool:
    """Whether one of them lies under the text of a label."""
    text = Rect(label.x + 2, label.y + 2, label.width - 4, label.height - 4)
    return any(cells.meeting(text) for cells in among)


def _places(route: Route, label: Rect) -> Iterator[Rect]:
    """Where else a label can stand beside the first stretch of its wire: below, or on the other side."""
    (x, _), (_, below) = route.points[:2]
    other = 2 * x - label.x - label.width
    steps = range(int(max(0.0, below - label.height - label.y) / STEP) + 1)
    for left in (label.x, other):
        yield from (Rect(left, label.y + STEP * step, label.width, label.height) for step in steps)


def _stretches(route: Route) -> Iterator[Rect]:
    for (x, y), (other_x, other_y) in pairwise(route.points):
        yield Rect(min(x, other_x) - 1, min(y, other_y) - 1, abs(x - other_x) + 2, abs(y - other_y) + 2)


def _borders(fence: Rect) -> Iterator[Rect]:
    for x in (fence.x, fence.x + fence.width):
        yield Rect(x - 1, fence.y, 2, fence.height)
    for y in (fence.y, fence.y + fence.height):
        yield Rect(fence.x, y - 1, fence.width, 2)
