"""Frames no wider than what they hold and their titles need.

Graphviz leaves so much room that a title fits at either side of a wire in the middle. Which side that is can be told
once all stands in its place.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from archspec.pictures.layout.graphviz import Fence, Placed, Problem, Rect, Size

MARGIN = 10.0
"""Between a frame and what it holds, as Graphviz leaves it."""
BESIDE = 28.0
"""Beside a title, to the frame and to the wire that passes it, and for the sign that the frame goes on."""
APART = 16.0
"""Between wires that end at one box."""


def narrowed(problem: Problem, placed: Placed) -> Placed:
    """The same boxes, in frames that are as narrow as they can be."""
    entries = _entries(problem, placed)
    fences: dict[str, Rect] = {}
    for fence in reversed([*problem.fences()]):
        held = [placed.boxes[each.id] if isinstance(each, Size) else fences[each.id] for each in fence.items]
        fences[fence.id] = _narrow(fence, placed.fences[fence.id], held, entries[fence.id])
    return replace(placed, fences={id: fences[id] for id in placed.fences})


def _entries(problem: Problem, placed: Placed) -> dict[str, list[float]]:
    """Where wires come into each frame, as far as the boxes tell to which they go: beside each other, if to one box."""
    homes = dict(_homes(problem.items, ()))
    found: dict[str, list[float]] = defaultdict(list)
    arriving = Counter(wire.target for wire in problem.wires)
    for wire in problem.wires:
        box = placed.boxes[wire.target]
        aside = min(box.width, APART * (arriving[wire.target] - 1)) / 2
        for id in homes[wire.target]:
            if id not in homes[wire.source]:
                found[id] += [box.middle[0] - aside, box.middle[0] + aside]
    return found


def _homes(items: Sequence[Size | Fence], around: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each box with the frames around it."""
    for item in items:
        if isinstance(item, Size):
            yield item.id, around
        else:
            yield from _homes(item.items, (*around, item.id))


def _narrow(fence: Fence, given: Rect, held: Sequence[Rect], entries: Sequence[float]) -> Rect:
    """A frame around what it holds, with room for its title left of all that enters, or else right of it."""
    start, end = given.x, given.x + given.width
    left = max(start, min(each.x for each in held) - MARGIN)
    right = min(end, max(each.x + each.width for each in held) + MARGIN)
    needed = fence.title_width + BESIDE
    before, after = min(entries, default=right) - needed, max(entries, default=left) + needed
    wider = [(before, right) if before < left else (left, right), (left, after) if after > right else (left, right)]
    found = [(low, high) for low, high in wider if start <= low and high <= end] or [(start, end)]
    left, right = min(found, key=lambda sides: sides[1] - sides[0])
    return Rect(left, given.y, right - left, given.height)
