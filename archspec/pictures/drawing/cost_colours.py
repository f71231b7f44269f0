"""Boxes coloured by what they cost instead of by kind: each with its amount, on one scale for all sheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import sqrt
from typing import Literal

from msgspec.structs import replace

from archspec.analysis.memory import node_memory
from archspec.graph.labels import rounded_text
from archspec.graph.model import NodeType
from archspec.ops.shapes import Count, known
from archspec.pictures.drawing.flatten import Atom
from archspec.pictures.drawing.model import Box, Drawing, Group, Item, Line, Piece, Scale, Sheet

Colour = Literal["kind", "params", "macs", "memory"]
STEPS = 8
"""Shades of the scale, past that for nothing."""
_UNITS: Mapping[Colour, str] = {"params": "parameters", "macs": "MACs", "memory": "bytes of activations, float32"}


def coloured(drawing: Drawing, colour: Colour) -> Drawing:
    """The drawing with each box's amount in it, and its shade: by the root of its share of the largest."""
    if colour == "kind":
        return drawing
    largest = max((box.amount for box in drawing.boxes() if known(box.amount)), default=0)

    def shaded(box: Box) -> Box:
        value = box.amount
        if not box.members or (known(value) and not value):
            return replace(box, shade=None if not box.members else 0)
        shade = max(1, round(STEPS * sqrt(value / largest))) if known(value) else 0
        of = f" in all {box.copies}" if box.copies > 1 else ""
        return replace(box, lines=(*box.lines, Line((Piece(f"{rounded_text(value)}{of}"),), "minor")), shade=shade)

    scale = Scale(_UNITS[colour], tuple(round(largest * (step / STEPS) ** 2) for step in range(STEPS + 1)))
    sheets = [_mapped(sheet, shaded) for sheet in drawing.sheets]
    return replace(drawing, main=sheets[0], insets=tuple(sheets[1:]), scale=scale)


def amount(atom: Atom, node: NodeType, colour: Colour) -> Count:
    """What a node of an atom costs; a further call of a module has no parameters of its own."""
    if colour == "params":
        return node.counts.params if atom.again is None else 0
    if colour == "macs":
        return node.counts.macs
    return 0 if colour == "kind" or atom.training else node_memory(node)


def _mapped(sheet: Sheet, change: Callable[[Box], Box]) -> Sheet:
    def items(given: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(
            replace(item, items=items(item.items)) if isinstance(item, Group) else change(item) for item in given
        )

    return replace(sheet, items=items(sheet.items))
