"""Boxes coloured by what they cost instead of by kind: each with its amount, on one scale for all sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from typing import Literal

from msgspec.structs import replace

from archspec.graph.labels import rounded_text
from archspec.graph.model import Graph
from archspec.ops.shapes import Count, known
from archspec.pictures.drawing.model import Box, Drawing, Group, Item, Line, Piece, Scale, Sheet

Colour = Literal["kind", "params", "macs", "memory"]
STEPS = 8
"""Shades of the scale, past that for nothing."""
_UNITS: Mapping[Colour, str] = {"params": "parameters", "macs": "MACs", "memory": "bytes of activations, float32"}


def coloured(drawing: Drawing, graph: Graph, colour: Colour) -> Drawing:
    """The drawing with each box's amount in it, and its shade: by the root of its share of the largest."""
    if colour == "kind":
        return drawing
    amount = _amounts(graph, colour)
    amounts = {box.id: sum(amount(each) for row in box.members for each in row) for box in drawing.boxes()}
    largest = max((each for each in amounts.values() if known(each)), default=0)

    def shaded(box: Box) -> Box:
        value = amounts[box.id]
        if not box.members or (known(value) and not value):
            return replace(box, shade=None if not box.members else 0)
        shade = max(1, round(STEPS * sqrt(value / largest))) if known(value) else 0
        return replace(box, lines=(*box.lines, Line((Piece(rounded_text(value)),), "minor")), shade=shade)

    scale = Scale(_UNITS[colour], tuple(round(largest * (step / STEPS) ** 2) for step in range(STEPS + 1)))
    sheets = [_mapped(sheet, shaded) for sheet in drawing.sheets]
    return replace(drawing, main=sheets[0], insets=tuple(sheets[1:]), scale=scale)


def _amounts(graph: Graph, colour: Colour) -> Callable[[str], Count]:
    """What a node costs, by its address."""
    if colour == "params":
        return lambda address: graph.nodes[address].counts.params
    if colour == "macs":
        return lambda address: graph.nodes[address].counts.macs
    from archspec.analysis.memory import activation_memory

    return activation_memory(graph).__getitem__


def _mapped(sheet: Sheet, change: Callable[[Box], Box]) -> Sheet:
    def items(given: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(
            replace(item, items=items(item.items)) if isinstance(item, Group) else change(item) for item in given
        )

    return replace(sheet, items=items(sheet.items))
