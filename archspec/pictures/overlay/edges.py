"""The edges of an overlay's sheet, and the boxes of its inputs and outputs, each with what became of it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, starmap

from msgspec import Struct

from archspec.analysis.comparison import Pair, Status
from archspec.graph.labels import range_text, shown_shapes
from archspec.graph.model import Block, Leaf
from archspec.pictures.drawing.captions import line, names_text
from archspec.pictures.drawing.flatten import SHEET, Value
from archspec.pictures.drawing.model import Box, Edge, Role
from archspec.pictures.drawing.parallel_copies import FEW
from archspec.pictures.overlay.captions import SIGNS, turned
from archspec.pictures.overlay.layer_groups import Unit
from archspec.pictures.overlay.merge import Merged
from archspec.pictures.overlay.ports import End, inputs, outputs
from archspec.pictures.overlay.sides import SIDES, Side, block_of, node_of

MAIN = "network"


class OverlayEdges(Struct, dict=True):
    """The edges of a sheet: each once, with what became of it."""

    found: Merged
    pairs: Sequence[Pair]
    key: str
    drawn: Sequence[Unit]
    boxes: Sequence[Box]

    def __post_init__(self) -> None:
        self._box = {number: box for unit, box in zip(self.drawn, self.boxes) for number in unit.atoms}
        self._unit = {number: unit for unit in self.drawn for number in unit.atoms}
        blocks: dict[Side, Block] = {side: block_of(self.pairs[0], side) for side in SIDES}
        ids: set[str] = set()
        self._into: dict[tuple[Side, int], Box] = {}
        for run in self._lists(inputs(blocks["old"], blocks["new"])):
            box = self._end("input", run, "input_shapes", False, ids)
            self._into |= {(side, number): box for end in run for side in end.numbers for number in end.numbers[side]}
        self._out_of: dict[tuple[Side, int], Box] = {}
        for end in outputs(blocks, self.found.results):
            values = [(side, number) for side, numbers in end.numbers.items() for number in numbers]
            box = self._end("output", [end], "shapes", all(starmap(self._runs_in_training, values)), ids)
            self._out_of |= dict.fromkeys(values, box)

    @property
    def inputs(self) -> list[Box]:
        """The boxes of what the sheet is given."""
        return list(dict.fromkeys(self._into.values()))

    @property
    def outputs(self) -> list[Box]:
        """The boxes of what the sheet gives."""
        return list(dict.fromkeys(self._out_of.values()))

    def _runs_in_training(self, side: Side, output: int) -> bool:
        value = self.found.results[side][output]
        return value.atom != SHEET and self._box[value.atom].training

    def _lists(self, ends: Sequence[End]) -> Iterator[list[End]]:
        """The inputs; numbered ones in a row that go to the same boxes in both networks together."""
        users: dict[tuple[Side, int], set[str]] = defaultdict(set)
        for side in SIDES:
            for atom, taken in self.found.inputs[side].items():
                for value in taken:
                    if value.atom == SHEET:
                        users[side, value.output].add(self._box[atom].id)

        def alike(end: End) -> object:
            stems = {re.sub(r"\d+$", "", name) for name in end.names.values()}
            return stems, [(side, sorted(users[side, numbers[0]])) for side, numbers in end.numbers.items()]

        for _, run in groupby(ends, key=alike):
            together = list(run)
            yield from [together] if len(together) >= FEW else ([end] for end in together)

    def _shapes(self, side: Side, what: str, numbers: Sequence[int]) -> set[str]:
        found = (getattr(node_of(pair, side), what) for pair in self.pairs)
        return {range_text([shapes[number] for number in numbers]) for shapes in found}

    def _end(self, role: Role, run: Sequence[End], what: str, training: bool, ids: set[str]) -> Box:
        """The box of an end, or of several in a row; `ids` are taken."""
        sides = [side for side in SIDES if side in run[0].numbers]
        numbers = ([number for end in run for number in end.numbers[side]] for side in sides)
        shapes = [self._shapes(side, what, each) for side, each in zip(sides, numbers)]
        names = [names_text([end.names[side] for end in run]) for side in sides]
        status = _status("old" in sides, "new" in sides)
        texts = list(dict.fromkeys(each for found in shapes for each in found)) if all(map(_one, shapes)) else []
        told = texts[:1] if len(texts) < 2 else [turned(texts[0], texts[-1])]
        lines = [SIGNS[status] + turned(names[0], names[-1]), *(each for text in told for each in text.split(", "))]
        id = f"{'' if self.key == MAIN else f'{self.key}-'}{role}-{names[-1]}"
        id = f"old-{id}" if id in ids else id
        ids.add(id)
        shown = tuple(line(text, "minor") for text in lines if text)
        return Box(id, role, shown, "\n".join(filter(None, lines)), training=training, status=status)

    def edges(self) -> Iterator[Edge]:
        """Box by box, in the order of what each takes; then what the sheet gives."""
        held = {side: self._held(side) for side in SIDES}
        orders = {side: self._operands(side) for side in SIDES}
        training = {box.id for box in (*self.boxes, *self.outputs) if box.training}
        written: set[str] = set()
        for source, target in self._ordered([*held["new"], *held["old"]]):
            sides = [held[side].get((source, target)) for side in SIDES]
            label = "" if source in written else _either_label(*sides)
            operands = next(filter(None, (orders[side].get((source, target), ()) for side in reversed(SIDES))), ())
            if self.key == MAIN and label:
                written.add(source)
            yield Edge(
                source,
                target,
                label=label if self.key == MAIN else "",
                training=not training.isdisjoint((source, target)),
                status=_status(sides[0] is not None, sides[1] is not None),
                operands=operands,
                operand=names_text([str(number) for number in operands]) if operands else "",
            )

    def _ordered(self, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        places = {box.id: number for number, box in enumerate((*self.boxes, *self.outputs))}
        return sorted(dict.fromkeys(keys), key=lambda key: places[key[1]])

    def _held(self, side: Side) -> dict[tuple[str, str], str]:
        """The edges of one network, each with the shape that is news there."""
        held: dict[tuple[str, str], str] = {}
        results = enumerate(self.found.results[side])
        ends = [(self._out_of[side, number], (source,)) for number, source in results]
        inner = [(self._box[number], taken) for number, taken in self.found.inputs[side].items()]
        for target, taken in (*inner, *ends):
            for value in taken:
                source = self._into[side, value.output] if value.atom == SHEET else self._box[value.atom]
                if source is not target:
                    known_as = "" if target.role == "output" else self._news(side, value)
                    held.setdefault((source.id, target.id), known_as)
        return held

    def _operands(self, side: Side) -> dict[tuple[str, str], tuple[int, ...]]:
        """Which inputs each edge of one network brings, by number from 1, where their order matters."""
        found: dict[tuple[str, str], set[int]] = defaultdict(set)
        for number, taken in self.found.inputs[side].items():
            node, target = self.found.node(number, side), self._box[number]
            if len(set(taken)) < 2 or (isinstance(node, Leaf) and node.op.commutative):
                continue
            for slot, value in enumerate(taken, 1):
                source = self._into[side, value.output] if value.atom == SHEET else self._box[value.atom]
                found[source.id, target.id].add(slot)
        return {ends: tuple(sorted(slots)) for ends, slots in found.items()}

    def _news(self, side: Side, value: Value) -> str:
        """The shape of a value, where its box takes another."""
        if value.atom == SHEET:
            return ""
        atoms = self._unit[value.atom].atoms
        there = [node for number in atoms if (node := self.found.node(number, side)) is not None]
        shape = there[-1].shapes[min(value.output, len(there[-1].shapes) - 1)]
        return "" if set(there[0].input_shapes) == {shape} else shown_shapes([shape], False)


def _one(found: set[str]) -> bool:
    return len(found) == 1


def _status(old: bool, new: bool) -> Status:
    return "unchanged" if old and new else "added" if new else "removed"


def _either_label(old: str | None, new: str | None) -> str:
    texts = list(dict.fromkeys(text for text in (old, new) if text))
    return turned(texts[0], texts[-1], "\n") if texts else ""
