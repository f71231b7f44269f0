"""Blocks of one structure → the sheet that shows them."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence

from msgspec import Struct

from archspec.graph.model import Block, NodeType
from archspec.pictures.drawing.aligned_children import Inside, Part, Parts
from archspec.pictures.drawing.ambiguous_boxes import named_apart
from archspec.pictures.drawing.boxes import Boxes
from archspec.pictures.drawing.captions import UNTITLED, lanes_text, tooltip, weights_text
from archspec.pictures.drawing.cost_colours import Colour
from archspec.pictures.drawing.edges import Wiring
from archspec.pictures.drawing.expansion import is_unit
from archspec.pictures.drawing.flatten import Atom, Flattening, Opening
from archspec.pictures.drawing.layer_groups import Unit, units
from archspec.pictures.drawing.model import Box, Group, Item, Sheet
from archspec.pictures.drawing.optional_edges import in_some
from archspec.pictures.drawing.parallel_branches import branches
from archspec.pictures.drawing.parallel_copies import Ends, Row, Rows, settled
from archspec.pictures.drawing.ports import EndBoxes
from archspec.pictures.drawing.repeat_tables import Copied
from archspec.pictures.drawing.series_copies import Rounds, is_repeated, numbers_apart, rounds


class Maker(Struct, frozen=True):
    """Makes the sheets of a graph: what opens is for `opening` to say, `key_of` names the sheet of a block's inside.

    Where boxes are coloured by cost, a block that is called several times side by side stays closed; where `brief`,
    edges do not tell the fields of records; where `tables` is true, copies that differ in numbers are drawn as one.
    """

    parts: Parts
    opening: Callable[[Part, int], Opening]
    key_of: Callable[[Part], str | None]
    colour: Colour = "kind"
    brief: bool = False
    tables: bool = False

    def sheet(self, key: str, title: str, blocks: Sequence[Block]) -> Sheet:
        """The sheet of all `blocks`, which are of one template."""
        inside, short = self.parts.sheet(blocks)
        ends = EndBoxes(key, blocks, self.parts)
        shown = self._shown(inside, ends.ends)
        found = shown.rows.found
        series = self._series(shown.rows) if len(blocks) == 1 else _Series((), {}, {})
        side_by_side = list(branches(shown.rows, self._kin, self.parts)) if self.tables and len(blocks) == 1 else []
        copied = Copied.of(shown.rows, (*series.found, *side_by_side))
        said = copied.said(found.atoms)
        boxes = Boxes(found, said, short, blocks, self.key_of, self.parts, shown.lanes, self.colour)
        drawn = {
            row: boxes.box(shown.rows.units(row), series.again.get(row, ()))
            for row in shown.rows.rows("unit")
            if row not in series.skipped
        }
        drawn = named_apart(drawn, shown.rows)
        inputs = {row: ends.input(row) for row in shown.rows.rows("input")}
        outputs = {row: ends.output(row, shown.rows.found) for row in shown.rows.rows("output")}
        boxes_of = inputs | drawn | outputs
        edges = Wiring(blocks, self.parts, shown.rows, boxes_of, series.skipped, self.brief, copied.parts).edges()
        return Sheet(
            key=key,
            title=title,
            instances=tuple(block.address for block in blocks),
            items=(*inputs.values(), *self._framed(shown, series, drawn, blocks[0]), *outputs.values()),
            edges=tuple(in_some(edges, [*inputs.values(), *drawn.values(), *outputs.values()], len(blocks))),
            table=copied.table(shown.rows, drawn.values()),
        )

    def _framed(
        self, shown: _Shown, series: _Series, drawn: Mapping[Row, Box], within: Block, level: int = 0
    ) -> list[Item]:
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
            inside = self._framed(shown, series, inner, within, level + 1)
            owner = self.parts.calls.owner(part.node) if part.node is not None else None
            remark = weights_text(owner, within) if owner is not None and owner.counts.params else ""
            items[places[key]] = _group(part, inside, shown.lanes.get(id(part.node), 1), remark)
        return series.framed(drawn, items)

    def _series(self, rows: Rows) -> _Series:
        return _Series.of(rows, rounds(rows, self._kin, self.parts, self.tables))

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
        if not isinstance(atom.node, Block) or self.colour != "kind" or len(atom.part.nodes) > 1:
            return "closed"
        opening = self.opening(atom.part, len(atom.frames))
        return "framed" if opening == "dissolved" and not is_unit(atom.node) else opening

    def _rows(self, inside: Inside, ends: Ends, called: Mapping[int, Opening]) -> Rows:
        found = Flattening(self.parts, self.opening, called).sheet(inside, len(ends.inputs))

        def rows(apart: Container[int]) -> Rows:
            return Rows(found, units(found, self.parts, apart), ends, self.parts.calls.first)

        whole = rows(())
        if self.tables and is_repeated(whole):
            layers = numbers_apart(rows(range(len(found.atoms))), whole, self._kin, self.parts)
            whole = rows(layers) if layers else whole
        return settled(whole, self._kin)

    def _kin(self, node: NodeType) -> Hashable:
        """Equal for nodes that can be one box: ops of the same fields and blocks of one template, or of one module."""
        first = self.parts.calls.first(node)
        if id(first) in self.parts.calls.heads:
            return id(first)
        return id(self.parts.template(first) or first) if isinstance(first, Block) else (first.op.name, first.op)


class _Shown(Struct, frozen=True):
    """The rows of a sheet, and by the `id` of each block of which several calls stand side by side, how many."""

    rows: Rows
    lanes: Mapping[int, int]


class _Series(Struct, frozen=True):
    """The rounds of a sheet; the units `again` of each row of a first one, and for each row of others that row."""

    found: tuple[Rounds, ...]
    again: Mapping[Row, Sequence[Unit]]
    skipped: Mapping[Row, Row]

    @classmethod
    def of(cls, rows: Rows, given: Iterable[Rounds]) -> _Series:
        found = tuple(given)
        columns = [column for each in found for column in zip(*each.copies)]
        again = {first: [unit for row in others for unit in rows.units(row)] for first, *others in columns}
        return cls(found, again, {row: first for first, *others in columns for row in others})

    def framed(self, drawn: Mapping[Row, Box], items: Sequence[Item]) -> list[Item]:
        """The items with the boxes of each round in a frame, where the first of them stands."""
        result = list(items)
        for each in self.found:
            boxes = [drawn[row] for row in each.copies[0] if row in drawn]
            if boxes and boxes[0] in result:
                place = result.index(boxes[0])
                result = [item for item in result if item not in boxes[1:]]
                result[place] = _round(boxes, len(each.copies))
        return result


def _round(boxes: Sequence[Box], times: int) -> Group:
    members = [row for box in boxes for row in box.members[0]]
    tooltip = f"{members[0]} … {members[-1]}"
    training = all(box.training for box in boxes)
    return Group(f"{boxes[0].id}-rounds", f"×{times}", tooltip, training, tuple(boxes), True, times)


def _group(part: Part, items: Sequence[Item], times: int, remark: str) -> Group:
    node = part.node
    assert isinstance(node, Block)
    name = "" if node.name.isdigit() else node.name
    title = ": ".join(filter(None, [name, node.title])) or UNTITLED
    remark = lanes_text(times, shared=True) if times > 1 else remark
    title += f"\n{remark}" if remark else ""
    training = all(each.training for each in items)
    return Group(_frame_id(node, items[0]), title, tooltip([node]), training, tuple(items), times > 1)


def _frame_id(node: Block, first: Item) -> str:
    """The address of a block, which further calls of it share: the frame of one of these is called by its first box."""
    return node.address if first.id.startswith(f"{node.address}.") else f"{first.id}-frame"
