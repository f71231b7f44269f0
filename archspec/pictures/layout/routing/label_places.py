"""Labels that would lie over a box or on a border of a frame, moved along their wires or to the other side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise

from msgspec.structs import replace

from archspec.pictures.layout.graphviz import Rect, Route

BAND = 60.0
"""The height of the bands in which things are looked up."""
STEP = 4.0
"""How far a label is moved at a time."""


def with_free_labels(boxes: Mapping[str, Rect], fences: Mapping[str, Rect], routes: Sequence[Route]) -> list[Route]:
    """The same wires, their labels moved where these lie over a box or a border and have another place.

    Sizes are in points, from top to bottom.
    """
    borders = list(chain.from_iterable(map(_borders, fences.values())))
    standing = _Bands([*boxes.values(), *borders])
    if not any(route.label and standing.meets(route.label) for route in routes):
        return list(routes)
    wires, found = _Bands(each for route in routes for each in _stretches(route)), list(routes)
    for number, route in enumerate(routes):
        if route.label is not None and standing.meets(route.label):
            labels = _Bands(each.label for each in found if each.label and each is not route)
            places = (each for each in _places(route, route.label) if not _taken(each, (standing, wires, labels)))
            found[number] = replace(route, label=next(places, route.label))
    return found


def _taken(place: Rect, among: Iterable[_Bands]) -> bool:
    return any(bands.meets(place) for bands in among)


def _places(route: Route, label: Rect) -> Iterator[Rect]:
    """Where else a label can stand beside the first stretch of its wire: below, or on the other side."""
    (x, _), (_, below) = route.points[:2]
    other = 2 * x - label.x - label.width
    steps = range(int(max(0.0, below - label.height - label.y) / STEP) + 1)
    for left in (label.x, other):
        yield from (Rect(left, label.y + STEP * step, label.width, label.height) for step in steps)


class _Bands:
    """Rectangles by the bands of a sheet, from its top to its bottom, that they are in."""

    def __init__(self, rects: Iterable[Rect]) -> None:
        self._held: dict[int, list[Rect]] = defaultdict(list)
        for rect in rects:
            for band in _bands(rect):
                self._held[band].append(rect)

    def meets(self, label: Rect) -> bool:
        """Whether one of them lies under the text of a label."""
        text = Rect(label.x + 2, label.y + 2, label.width - 4, label.height - 4)
        return any(_meet(text, each) for band in _bands(text) for each in self._held.get(band, ()))


def _bands(rect: Rect) -> range:
    return range(int(rect.y // BAND), int((rect.y + rect.height) // BAND) + 1)


def _meet(one: Rect, other: Rect) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    return across > 0 and min(one.y + one.height, other.y + other.height) > max(one.y, other.y)


def _stretches(route: Route) -> Iterator[Rect]:
    for (x, y), (other_x, other_y) in pairwise(route.points):
        yield Rect(min(x, other_x) - 1, min(y, other_y) - 1, abs(x - other_x) + 2, abs(y - other_y) + 2)


def _borders(fence: Rect) -> Iterator[Rect]:
    for x in (fence.x, fence.x + fence.width):
        yield Rect(x - 1, fence.y, 2, fence.height)
    for y in (fence.y, fence.y + fence.height):
        yield Rect(fence.x, y - 1, fence.width, 2)
