"""A sheet of the drawing → what is to be laid out of it: its boxes and edges with the room that they need.

A box becomes its size, an edge a wire with room for its label:

>>> from archspec.elaborate.example import example
>>> from archspec.pictures.drawing import FIGURE, compose
>>> given = problem(compose(example('[{conv: 8, kernel_size: 3}, {max_pool: 2}]'), FIGURE).main, 'TB')
>>> [size.id for size in given.sizes()], [(wire.source, wire.target) for wire in given.wires]
(['input-input', '0', '1', 'output-output'], [('input-input', '0'), ('0', '1'), ('1', 'output-output')])
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

from archspec.pictures.drawing import Box, Edge, Group, Item, Sheet
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.graphviz import Direction, Fence, Problem, Size, Wire
from archspec.pictures.layout.measure import LEADING, MINOR, sizes

LABEL = 10.2
APART = 18.0
"""Between the outputs of a box, at least."""
NEAR, NEAR_FRAME = 19.0, 11.0
"""How far a label may reach out beside its box, where others may be; the border of a frame stands nearer."""
CLEAR = 8.0
"""Between the side of a box and wires that come to it."""
TIPS = 12.0
"""Between the tips of wires to one box, at least."""


Ports: TypeAlias = Mapping[str, Sequence[tuple[int, ...]]]
"""The outputs of boxes, as they leave each from left to right."""


def problem(sheet: Sheet, direction: Direction, ports: Ports | None = None) -> Problem:
    """What is to be laid out of a sheet, with outputs in their order where no other is given."""
    measured = sizes(sheet)
    body = _body(sheet)
    for id, room in _tips(sheet).items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    apart = _apart(sheet, direction, ports or sheet.ports())
    for id, (room, _) in apart.items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    wires = tuple(_wire(edge, number in body, apart) for number, edge in enumerate(sheet.edges))
    for id, room in _spanned(sheet, wires).items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    beside = _beside(wires, measured, set(_by_frames(sheet.items))) if direction == "TB" else {}
    return Problem(tuple(_item(item, measured, beside) for item in sheet.items), wires, direction)


def _spanned(sheet: Sheet, wires: Sequence[Wire]) -> dict[str, float]:
    """How wide each box must be that takes several outputs of the one above it, for all to come straight to it."""
    order = {box.id: number for number, box in enumerate(sheet.boxes())}
    round = {box.id for box in sheet.boxes() if box.sign is not None}
    above: dict[str, str] = {}
    places: dict[tuple[str, str], set[float]] = defaultdict(set)
    for wire in wires:
        above[wire.target] = max(above.get(wire.target, wire.source), wire.source, key=lambda id: order[id])
        places[wire.source, wire.target].add(wire.offset)
    spans = {target: places[source, target] for target, source in above.items() if target not in round}
    return {target: 2 * max(map(abs, own)) + 2 * CLEAR for target, own in spans.items() if len(own) > 1}


def _by_frames(items: Sequence[Item]) -> Iterator[str]:
    """The boxes beside which a frame may stand."""
    framed = any(isinstance(item, Group) for item in items)
    for item in items:
        if isinstance(item, Group):
            yield from _by_frames(item.items)
        elif framed:
            yield item.id


def _beside(
    wires: Sequence[Wire], measured: dict[str, tuple[float, float]], by_frames: Container[str]
) -> dict[str, float]:
    """How far the label below each box reaches out at its side, where that is more than boxes are apart."""
    found: dict[str, float] = {}
    for wire in wires:
        near = NEAR_FRAME if wire.source in by_frames else NEAR
        room = wire.offset + wire.label_width + 2 - measured[wire.source][0] / 2 - near
        found[wire.source] = max(found.get(wire.source, 0.0), room)
    return found


def _item(item: Item, measured: dict[str, tuple[float, float]], beside: dict[str, float]) -> Size | Fence:
    if isinstance(item, Box):
        return Size(item.id, *measured[item.id], item.sign is not None, beside.get(item.id, 0.0))
    lines = item.title.split("\n")
    title = max(text_width(line, MINOR) for line in lines)
    items = tuple(_item(each, measured, beside) for each in item.items)
    return Fence(item.id, title, MINOR * LEADING * len(lines), items)


def _body(sheet: Sheet) -> set[int]:
    """The edges, by number, of the longest way through a sheet, less those where three or more part or meet.

    Those along which only a size goes do not count there.
    """
    leaving: dict[str, list[int]] = defaultdict(list)
    arriving: dict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(sheet.edges):
        leaving[edge.source].append(number)
        arriving[edge.target].append(number)
    length: dict[str, int] = {}
    along: dict[str, int] = {}
    for box in sheet.boxes():
        ways = [number for number in arriving[box.id] if sheet.edges[number].source in length]
        best = max(ways, key=lambda number: length[sheet.edges[number].source], default=None)
        length[box.id] = 0 if best is None else length[sheet.edges[best].source] + (0 if box.training else 1)
        if best is not None:
            along[box.id] = best
    body: set[int] = set()
    at: str | None = max(length, key=lambda id: length[id], default=None)
    while at is not None and at in along:
        edge = sheet.edges[along[at]]
        many = max(
            sum(not sheet.edges[each].sized for each in own) for own in (leaving[edge.source], arriving[edge.target])
        )
        if many < 3:
            body.add(along[at])
        at = edge.source
    return body


def _apart(sheet: Sheet, direction: Direction, ports: Ports) -> dict[str, tuple[float, dict[tuple[int, ...], float]]]:
    """How wide the outputs of each box that has several lie, and where each leaves it, from its middle.

    Each has room for its label beside it.
    """
    widths = {id: dict.fromkeys(own, APART) for id, own in ports.items() if len(own) > 1}
    for edge in sheet.edges:
        if edge.source in widths:
            own, (width, height) = widths[edge.source], label_size(edge)
            own[edge.outputs] = max(own[edge.outputs], width + 9 if direction == "TB" else height + 5)
    return {id: _spread(own, direction) for id, own in widths.items()}


def _tips(sheet: Sheet) -> dict[str, float]:
    """How wide the tips lie of the values that come to each box, less those that a sign joins."""
    values: dict[str, set[tuple[str, tuple[int, ...]]]] = defaultdict(set)
    for edge in sheet.edges:
        values[edge.target].add((edge.source, edge.outputs))
    return {box.id: TIPS * len(values[box.id]) + 6 for box in sheet.boxes() if box.sign is None and box.id in values}


def _spread(
    widths: Mapping[tuple[int, ...], float], direction: Direction
) -> tuple[float, dict[tuple[int, ...], float]]:
    """How wide outputs of these widths lie side by side, and where each leaves, from the middle of all.

    Each has its label right of it; in a picture from left to right, above it.
    """
    whole = sum(widths.values()) + 4
    ends = list(accumulate(widths.values(), initial=0.0))
    places = (end + 8 for end in ends[:-1]) if direction == "TB" else (end - 2 for end in ends[1:])
    return whole, {outputs: place - whole / 2 for outputs, place in zip(widths, places)}


def _wire(edge: Edge, body: bool, apart: dict[str, tuple[float, dict[tuple[int, ...], float]]]) -> Wire:
    offset = apart[edge.source][1][edge.outputs] if edge.source in apart else 0.0
    width, height = label_size(edge)
    return Wire(edge.source, edge.target, width + 5 if width else 0.0, height, body, edge.training, offset, edge.sized)


def label_size(edge: Edge) -> tuple[float, float]:
    """The width and height of what stands beside an edge."""
    lines = edge.text.split("\n") if edge.text else []
    return max((text_width(line, LABEL) for line in lines), default=0.0), LABEL * LEADING * len(lines)
