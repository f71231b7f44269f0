"""The edges of a sheet: one for each value and place that takes it, or for several that belong together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from archspec.graph.labels import are_alike, shown_shapes
from archspec.graph.model import ENCLOSING, Block, Leaf, NodeType, Ref
from archspec.ops.shapes import Carried, Shape, form_of
from archspec.pictures.drawing.aligned_children import Part, Parts
from archspec.pictures.drawing.captions import may_be_left_out, names_text
from archspec.pictures.drawing.flatten import SHEET, Atoms, Value
from archspec.pictures.drawing.model import Box, Edge
from archspec.pictures.drawing.parallel_copies import FEW, Given, Row, Rows
from archspec.pictures.drawing.running_concats import running


class Wire(NamedTuple):
    """A value on its way: the row that gives it and the number of its output there, and where it goes likewise.

    Where it is `joined`, it goes by way of a shorter concatenation, whose value this is.
    """

    value: Value
    source: Row
    output: int
    target: Row
    input: int
    joined: bool = False


class Wiring(Struct, dict=True):
    """The edges of a sheet; each value's shape is written once, and only where it is news."""

    blocks: Sequence[Block]
    parts: Parts
    rows: Rows
    boxes: Mapping[Row, Box]
    skipped: Mapping[Row, Row]
    """For rows that are drawn as others: these."""
    brief: bool
    copied: Mapping[int, Part]
    """By the number of each atom that stands for those of several copies: these."""

    def __post_init__(self) -> None:
        self._first = {unit.atoms[-1]: unit.atoms[0] for unit in self.rows.drawn}
        rounds = {*self.skipped, *self.skipped.values()}
        self._running = {
            place: (shorter, joined)
            for place, (shorter, joined) in running(self.rows)
            if rounds.isdisjoint((self.rows.row_of[place], self.rows.row_of[shorter]))
        }

    def edges(self) -> Iterator[Edge]:
        """Box by box, in the order of what each takes; then what the sheet gives."""
        written: set[Value] = set()
        bundles: set[tuple[Value, ...]] = set()
        for target in self.boxes:
            for bundle in self._bundles(target):
                values = tuple(wire.value for wire in bundle)
                operands = self._operands(bundle)
                ends = target[0].kind == "output"
                source = self.boxes[bundle[0].source]
                news = not ends and not written.issuperset(values)
                name = "" if ends or values in bundles else self._name(bundle)
                written.update(values)
                bundles.add(values)
                yield Edge(
                    source=source.id,
                    target=self.boxes[target].id,
                    outputs=tuple(wire.output for wire in bundle) if not bundle[0].joined else (0,),
                    inputs=tuple(wire.input for wire in bundle),
                    joined=bundle[0].joined,
                    label=self._label(values) if news else "",
                    name=name,
                    training=self._in_training(values, target),
                    sized=all(map(self._is_sized, bundle)),
                    operands=operands,
                    operand=self._operand(target, operands),
                    extent=self._extent(values),
                )

    def _extent(self, values: Sequence[Value]) -> tuple[int, ...] | None:
        """The sizes of the map that values are, where all are maps of the same."""
        found = {extent(self._shape(value)) for value in values}
        return found.pop() if len(found) == 1 else None

    def _in_training(self, values: Sequence[Value], target: Row) -> bool:
        """Whether values are there in training alone: then what gives or takes them runs, or they may be left out."""
        left_out = all(may_be_left_out(self._shape(value)) for value in values)
        given = all((node := self._node(value)) and is_of_training(node, value.output) for value in values)
        return left_out or given or self.boxes[target].training or runs_in_training(self.rows.found, values[0].atom)

    def _is_sized(self, wire: Wire) -> bool:
        """Whether nothing but the size of a value is used, or it is a size itself."""
        taker = self.rows.taker(wire.target[0])
        if form_of(self._shape(wire.value)) == "sizes":
            return True
        return taker is not None and not wire.joined and is_sized(taker, wire.input % len(taker.inputs))

    def _operands(self, bundle: Sequence[Wire]) -> tuple[int, ...]:
        """Which inputs a bundle brings, where it matters: not where all are one value, or any order gives the same."""
        target = bundle[0].target
        node = self.rows.taker(target[0])
        taken = self.rows.taken(target[0])
        if node is None or (isinstance(node, Leaf) and node.op.commutative) or len(set(taken)) < 2:
            return ()
        return tuple(sorted({wire.input % len(taken) + 1 for wire in bundle}))

    def _operand(self, target: Row, operands: Sequence[int]) -> str:
        """The same in a word: the names of a block's inputs, or numbers."""
        node = self.rows.taker(target[0])
        if isinstance(node, Block):
            return names_text([node.input_names[number - 1] for number in operands]) if operands else ""
        return names_text([str(number) for number in operands]) if operands else ""

    def _bundles(self, target: Row) -> Iterator[list[Wire]]:
        """The values that a row takes, in the order of the first of each bundle."""
        found: dict[object, list[Wire]] = {}
        for wire in self._wires(target):
            found.setdefault(self._belongs(wire, found), []).append(wire)
        for bundle in found.values():
            yield from [bundle] if self._is_bundle(bundle) else ([wire] for wire in bundle)

    def _wires(self, target: Row) -> Iterator[Wire]:
        for lane, place in enumerate(target):
            taken = self.rows.taken(place)
            shorter, joined = self._running.get(place, (None, range(0)))
            for slot, given in enumerate(taken):
                if shorter and slot in joined:
                    value = self.rows.value(Given(shorter, 0))
                    yield Wire(value, self.rows.row_of[shorter], 0, target, slot, joined=True)
                    continue
                row = self.rows.row_of[given.place]
                row = self.skipped.get(row, row)
                outputs = self.rows.outputs(given.place)
                number = row.index(given.place) * outputs + given.output if len(row) > 1 else given.output
                yield Wire(self.rows.value(given), row, number, target, lane * len(taken) + slot)

    def _belongs(self, wire: Wire, found: Mapping[object, list[Wire]]) -> object:
        """What wires have in common that are drawn as one."""
        if wire.joined:
            return wire.source, "joined"
        if len(wire.target) > 1:
            return wire.source, "input", wire.input % len(self.rows.taken(wire.target[0]))
        if len(wire.source) > 1:
            return wire.source, "output", wire.output % self.rows.outputs(wire.source[0])
        last = next(reversed(found), None)
        before = found[last][-1] if last is not None else None
        if before and (before.source, before.output, before.input) == (wire.source, wire.output - 1, wire.input - 1):
            return last if are_alike(self._shape(before.value), self._shape(wire.value)) else wire
        return wire

    def _is_bundle(self, bundle: Sequence[Wire]) -> bool:
        first = bundle[0]
        return first.joined or len(bundle) >= FEW or len(first.source) > 1 or len(first.target) > 1

    def _label(self, values: Sequence[Value]) -> str:
        """The shape of values, where it is news; what goes in has its shape in its box."""
        shape = self._shape(values[0])
        untold = self.brief and isinstance(shape, Carried) and shape.fields
        if values[0].atom == SHEET or untold or not any(map(self._is_news, values)):
            return ""
        many = len(self.blocks) > 1 or not self.copied.keys().isdisjoint(value.atom for value in values)
        nodes = ((node, value.output) for value in values for node in self._part(value).nodes)
        shapes = [each.shapes[output] for node, output in nodes if node for each in self.parts.calls.all(node)]
        return shown_shapes(shapes, many)

    def _part(self, value: Value) -> Part:
        return self.copied.get(value.atom, self.rows.found.atoms[value.atom].part)

    def _shape(self, value: Value) -> Shape:
        node = self._node(value)
        return self.blocks[0].input_shapes[value.output] if node is None else node.shapes[value.output]

    def _node(self, value: Value) -> NodeType | None:
        return None if value.atom == SHEET else self.rows.found.atoms[value.atom].node

    def _is_news(self, value: Value) -> bool:
        """Whether a box gives another shape than it takes."""
        given = set(self.rows.found.atoms[self._first[value.atom]].node.input_shapes)
        shape = self._shape(value)
        if self.blocks[0].address and len(given) == 1:
            return {each[1:] for each in given} != {shape[1:]}  # inside a block, boxes tell their channels
        carried = isinstance(shape, Carried) or any(isinstance(each, Carried) for each in given)
        return given != {shape} and not (carried and self._is_told(shape, given))

    def _is_told(self, shape: Shape, given: set[Shape]) -> bool:
        """Whether a value has the numbers of one that its box takes, carried otherwise: sizes are those of images."""
        return form_of(shape) == "sizes" or any(_fields(shape) == _fields(each) for each in given)

    def _name(self, bundle: Sequence[Wire]) -> str:
        """Which of several values of a node it is, by its own word or by number."""
        names = []
        for value in dict.fromkeys(wire.value for wire in bundle):
            node = self._node(value)
            if node is None or len(node.shapes) == 1 or self._is_all_that_is_taken(value):
                return ""
            own = [result.name for result in node.results] if isinstance(node, Block) else node.op.outputs
            names.append((own[value.output] if own else None) or f"[{value.output}]")
        return names_text(list(dict.fromkeys(names)))

    def _is_all_that_is_taken(self, value: Value) -> bool:
        """Whether nothing but its first value is taken of an op: that is what any reader takes it to give."""
        node, users = self._node(value), self.rows.found.users
        others = range(1, 0 if node is None else len(node.shapes))
        return isinstance(node, Leaf) and not any(users[Value(value.atom, output)] for output in others)


def extent(shape: Shape) -> tuple[int, ...] | None:
    """The sizes of a map of known ones, without its channels; `None` for what is no map."""
    plain = not isinstance(shape, Carried) and len(shape) > 2
    sizes = tuple(size for size in shape[1:] if isinstance(size, int)) if plain else ()
    return sizes if plain and len(sizes) == len(shape) - 1 else None


def is_of_training(node: NodeType, output: int) -> bool:
    """Whether a node gives one of its outputs in training alone, such as losses."""
    if isinstance(node, Leaf):
        return output < len(node.op.outputs) and node.op.outputs[output] in node.op.training_outputs
    ref = node.results[output].ref
    return ref.child != ENCLOSING and is_of_training(node.children[ref.child], ref.output)


def is_sized(node: NodeType, input: int) -> bool:
    """Whether a node uses nothing but the size of one of its inputs."""
    if isinstance(node, Leaf):
        return input in node.op.sized_by
    given = Ref(ENCLOSING, input)
    users = [(child, at) for child in node.children for at, ref in enumerate(child.inputs) if ref == given]
    passed_on = any(result.ref == given for result in node.results)
    return bool(users) and not passed_on and all(is_sized(child, at) for child, at in users)


def _fields(shape: Shape) -> object:
    return (shape.fields, shape.count) if isinstance(shape, Carried) else ((), 1), tuple(shape)


def runs_in_training(found: Atoms, atom: int) -> bool:
    """Whether a value runs in training only; those that a sheet is given do not."""
    return atom != SHEET and found.atoms[atom].training
