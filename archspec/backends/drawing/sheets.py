"""Blocks of one structure → the sheet that shows them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from archspec.backends.drawing.atoms import Atom, Flattening, Opening
from archspec.backends.drawing.boxes import Boxes
from archspec.backends.drawing.captions import UNTITLED, lanes_text, tooltip
from archspec.backends.drawing.chains import units
from archspec.backends.drawing.ends import EndBoxes
from archspec.backends.drawing.lanes import Ends, Row, Rows, settled
from archspec.backends.drawing.model import Box, Group, Item, Sheet
from archspec.backends.drawing.opening import is_unit
from archspec.backends.drawing.parts import Inside, Part, Parts
from archspec.backends.drawing.wiring import Wiring
from archspec.graph import Block, NodeType


@dataclass(frozen=True)
class Maker:
    """Makes the sheets of a graph: what opens is for `opening` to say, `key_of` names the sheet of a block's inside.

    Where `together` is false, a block that is called several times side by side stays closed; where `brief` is true,
    edges do not tell the fields of records.
    """

    parts: Parts
    opening: Callable[[Part, int], Opening]
    key_of: Callable[[Part], str | None]
    together: bool = True
    brief: bool = False

    def sheet(self, key: str, title: str, blocks: Sequence[Block]) -> Sheet:
        """The sheet of all `blocks`, which are of one template."""
        inside, short = self.parts.sheet(blocks)
        ends = EndBoxes(key, blocks, self.parts)
        shown = self._shown(inside, ends.ends)
        boxes = Boxes(shown.rows.found, short, not blocks[0].address, self.key_of, self.parts, shown.lanes)
        drawn = {row: boxes.box([shown.rows.drawn[place.number] for place in row]) for row in shown.rows.rows("unit")}
        inputs = {row: ends.input(row) for row in shown.rows.rows("input")}
        outputs = {row: ends.output(row, shown.rows.found) for row in shown.rows.rows("output")}
        return Sheet(
            key=key,
            title=title,
            instances=tuple(block.address for block in blocks),
            items=(*inputs.values(), *_framed(shown, drawn, 0), *outputs.values()),
            edges=tuple(Wiring(blocks, self.parts, shown.rows, inputs | drawn | outputs, self.brief).edges()),
        )

    def _shown(self, inside: Inside, ends: Ends) -> _Shown:
        """What a sheet shows: blocks that are called side by side open together, or stay closed."""
        called: dict[int, Opening] = dict.fromkeys(self.parts.calls.heads, "closed")
        rows = self._rows(inside, ends, called)
        if not called:
            return _Shown(rows, {})
        opening: dict[int, Opening] = {}
        count: dict[int, int] = {}
        for row in rows.rows("unit"):
            atom = rows.found.atoms[rows.drawn[row[0].number].main]
            if len(row) > 1 and id(atom.node) in called:
                opening[id(atom.node)] = self._together(atom)
                count[id(atom.node)] = len(row)
        return _Shown(self._rows(inside, ends, opening), count)

    def _together(self, atom: Atom) -> Opening:
        """How all calls of a block are drawn that stand side by side."""
        if not isinstance(atom.node, Block) or not self.together or len(atom.part.nodes) > 1:
            return "closed"
        opening = self.opening(atom.part, len(atom.frames))
        return "framed" if opening == "dissolved" and not is_unit(atom.node) else opening

    def _rows(self, inside: Inside, ends: Ends, called: Mapping[int, Opening]) -> Rows:
        found = Flattening(self.parts, self.opening, called).sheet(inside, len(ends.inputs))
        return settled(Rows(found, units(found, self.parts), ends, self.parts.calls.first), self._kin)

    def _kin(self, node: NodeType) -> Hashable:
        """Equal for nodes that can be one box: ops of the same fields and blocks of one template, or of one module."""
        first = self.parts.calls.first(node)
        if id(first) in self.parts.calls.heads:
            return id(first)
        return id(self.parts.template(first) or first) if isinstance(first, Block) else (first.op.name, first.op)


@dataclass(frozen=True)
class _Shown:
    """The rows of a sheet, and by the `id` of each block of which several calls stand side by side, how many."""

    rows: Rows
    lanes: Mapping[int, int]


def _framed(shown: _Shown, drawn: Mapping[Row, Box], level: int) -> list[Item]:
    """Boxes in the frames that they stand in; a frame stands where its first box does."""
    items: list[Item] = []
    held: dict[int, tuple[Part, dict[Row, Box]]] = {}
    places: dict[int, int] = {}
    for row, box in drawn.items():
        frames = shown.rows.found.atoms[shown.rows.drawn[row[0].number].main].frames
        if len(frames) == level:
            items.append(box)
            continue
        part = frames[level]
        if id(part) not in held:
            held[id(part)] = (part, {})
            places[id(part)] = len(items)
            items.append(box)  # keeps the frame's place
        held[id(part)][1][row] = box
    for key, (part, inner) in held.items():
        items[places[key]] = _group(part, _framed(shown, inner, level + 1), shown.lanes.get(id(part.node), 1))
    return items


def _group(part: Part, items: Sequence[Item], times: int) -> Group:
    node = part.node
    assert isinstance(node, Block)
    name = "" if node.name.isdigit() else node.name
    title = ": ".join(filter(None, [name, node.title])) or UNTITLED
    if times > 1:
        title += f"\n{lanes_text(times, shared=True)}"
    return Group(node.address, title, tooltip([node]), all(each.training for each in items), tuple(items), times > 1)
