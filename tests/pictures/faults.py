"""What is wrong with a layout: things that lie over each other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from archspec.pictures.layout.graphviz import Placed, Problem, Rect, Route


def overlap(one: Rect, other: Rect, slack: float = 0.6) -> bool:
    across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    down = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return across > slack and down > slack


def crossed(given: Problem, placed: Placed) -> Iterator[tuple[str, str, str]]:
    """Wires that pass over a box."""
    for wire, route in zip(given.wires, placed.routes, strict=True):
        for stretch in stretches(route):
            for id, box in placed.boxes.items():
                if overlap(stretch, box, 1.2) and id not in (wire.source, wire.target):
                    yield wire.source, wire.target, id


def covered(given: Problem, placed: Placed) -> Iterator[tuple[str, str]]:
    """Labels that lie over a box or another label."""
    labels = texts(placed)
    for number, label in labels.items():
        yield from (
            (f"label of {given.wires[number].source}", id) for id, box in placed.boxes.items() if overlap(label, box)
        )
    for (one, label), (other, another) in combinations(labels.items(), 2):
        if overlap(label, another):
            yield f"label of {given.wires[one].source}", f"label of {given.wires[other].source}"


def struck(given: Problem, placed: Placed) -> Iterator[tuple[str, str, str]]:
    """Wires that pass over the label of a wire."""
    labels = texts(placed)
    for wire, route in zip(given.wires, placed.routes, strict=True):
        for number, label in labels.items():
            if any(overlap(stretch, label) for stretch in stretches(route)):
                yield wire.source, wire.target, f"label of {given.wires[number].source}"


def confused(given: Problem, placed: Placed) -> Iterator[tuple[str, str, str, str]]:
    """Wires of two values that run over each other, though nothing joins them."""
    signs = {size.id for size in given.sizes() if size.round}
    ways = list(zip(given.wires, map(list, map(stretches, placed.routes))))
    for (one, mine), (other, its) in combinations(ways, 2):
        same = (one.source, one.offset) == (other.source, other.offset)
        joined = one.target == other.target and one.target in signs
        if not same and not joined and any(overlap(a, b, 0.3) for a in mine for b in its if along(a, b)):
            yield one.source, one.target, other.source, other.target


def along(one: Rect, other: Rect) -> bool:
    """Whether two stretches of wires go the same way."""
    return (one.width > one.height) == (other.width > other.height)


def bordered(given: Problem, placed: Placed) -> Iterator[tuple[str, str]]:
    """Labels on the border of a frame."""
    for number, label in texts(placed).items():
        for id, frame in frames(placed):
            far_x, far_y = frame.x + frame.width, frame.y + frame.height
            across = [Rect(x - 1, frame.y, 2, frame.height) for x in (frame.x, far_x)]
            down = [Rect(frame.x, y - 1, frame.width, 2) for y in (frame.y, far_y)]
            if any(overlap(border, label) for border in (*across, *down)):
                yield f"label of {given.wires[number].source}", id


def texts(placed: Placed) -> dict[int, Rect]:
    """What the text of each label covers, by the number of its wire."""
    return {
        number: Rect(at.x + 3, at.y + 2, at.width - 6, at.height - 4)
        for number, route in enumerate(placed.routes)
        if (at := route.label) is not None
    }


def stretches(route: Route) -> Iterator[Rect]:
    """The straight pieces of a wire."""
    for (x, y), (other_x, other_y) in pairwise(route.points):
        yield Rect(min(x, other_x) - 1, min(y, other_y) - 1, abs(x - other_x) + 2, abs(y - other_y) + 2)


def frames(placed: Placed) -> Iterator[tuple[str, Rect]]:
    """Every part of every frame."""
    yield from ((id, part.place) for id in placed.fences for part in placed.frame(id))
