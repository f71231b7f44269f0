"""A comparison → its drawing: the two networks over each other, and a sheet for each thing that happened to blocks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby, starmap

from msgspec import Struct

from archspec.analysis.comparison import Comparison, Pair, Status
from archspec.analysis.state_dict import tensors
from archspec.graph.labels import range_text, rounded_text, shapes_text, shown_shapes
from archspec.graph.model import Block, Graph, Leaf
from archspec.ops.shapes import known
from archspec.pictures.drawing.captions import lanes_text, line, names_text, worth_telling
from archspec.pictures.drawing.flatten import SHEET, Value
from archspec.pictures.drawing.model import Box, Drawing, Edge, Line, Piece, Role, Sheet
from archspec.pictures.drawing.parallel_copies import FEW
from archspec.pictures.overlay.captions import GIVEN, NOTHING, SIGNS, Symbols, further, told, told_value, turned, words
from archspec.pictures.overlay.equivalence import Forms
from archspec.pictures.overlay.layer_groups import Unit, sign_at, units
from archspec.pictures.overlay.merge import Column, Merged, merged
from archspec.pictures.overlay.ports import End, inputs, outputs
from archspec.pictures.overlay.sides import SIDES, Side, block_of, node_of, nodes, opened
from archspec.pictures.overlay.tables import tabled

MAIN = "network"
LONGEST = 36
"""Characters of what is said of a node in one line, at most."""


def overlay(comparison: Comparison) -> Drawing:
    """The drawing of a comparison.

    Boxes have a status. Their `members` are two rows for each pair of blocks that their sheet shows: the addresses in
    the old network, and those in the new one.
    """
    forms = Forms()
    groups = forms.groups(comparison.root)
    keys = _keys(groups, forms)
    maker = _Maker(forms, keys)
    main = maker.sheet(MAIN, comparison.new.title, [comparison.root])
    insets = [maker.sheet(key, key, pairs) for key, pairs in zip(keys.values(), groups)]
    title = f"{comparison.old.name} → {comparison.new.name}"
    return Drawing(title, title, tuple(_heading(comparison)), (), main, tuple(insets))


def _keys(groups: Sequence[Sequence[Pair]], forms: Forms) -> dict[int, str]:
    """A name for the sheet of each group: the block's title, with a stroke for each earlier one of that title."""
    keys: dict[int, str] = {}
    for pairs in groups:
        (title,) = words(pairs[0])[:1]
        while title in keys.values():
            title += "′"
        keys[forms.group(pairs[0])] = title
    return keys


def _heading(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old, comparison.new
    if comparison.empty:
        yield "nothing differs"
    elif old.name == new.name and comparison.settings:
        yield ", ".join(f"{each.what} {told_value(each.old)} → {told_value(each.new)}" for each in comparison.settings)
    counts = [_counted(old, new, what, word) for what, word in (("params", "parameters"), ("macs", "MACs"))]
    yield " · ".join([f"input {turned(*(shapes_text(each.root.input_shapes) for each in (old, new)))}", *counts])
    carried, whole = len(comparison.weights.fitting), len(tensors(new))
    yield f"weights that would carry over: {carried} of {whole} tensors"


def _counted(old: Graph, new: Graph, what: str, word: str) -> str:
    before, now = getattr(old.counts, what), getattr(new.counts, what)
    growth = f" ({now / before - 1:+.1%})" if known(before, now) and before and before != now else ""
    return f"{turned(rounded_text(before), rounded_text(now))} {word}{growth}".replace("-", "−")


class _Maker(Struct, frozen=True):
    forms: Forms
    keys: dict[int, str]

    def sheet(self, key: str, title: str, pairs: Sequence[Pair]) -> Sheet:
        """The sheet of pairs of one group."""
        found = merged(pairs, self.forms.group)
        assert found is not None, "pairs of one group merge"
        drawn = units(found, self.forms)
        symbols = Symbols()
        boxes = [self._box(unit, found, symbols, key == MAIN) for unit in drawn]
        wiring = _Wiring(found, pairs, key, drawn, boxes)
        sheet = Sheet(
            key=key,
            title=title,
            instances=tuple(pair.node.address for pair in pairs),
            items=(*wiring.inputs, *boxes, *wiring.outputs),
            edges=tuple(wiring.edges()),
        )
        return tabled(sheet, symbols, found, drawn)

    def _box(self, unit: Unit, found: Merged, symbols: Symbols, named: bool) -> Box:
        columns = [found.columns[number] for number in unit.atoms]
        first = found.first(unit.atoms[0])
        sign = sign_at(found, unit.atoms[0]) if unit.status == "unchanged" and len(columns) == 1 else None
        there = [pair for pair in found.columns[unit.atoms[0]] if pair is not None]
        inside = next((self.keys.get(self.forms.group(pair)) for pair in there if opened(pair)), None)
        shown = next(row for row in zip(*columns) if row[0] is first)
        return Box(
            id=first.node.address if first.new is not None else f"old-{first.node.address}",
            role=first.node.op.kind if isinstance(first.node, Leaf) else "block",
            lines=tuple(_lines(unit, found, symbols, named)),
            tooltip=told([pair for pair in shown if pair is not None]),
            members=tuple(_members(columns, place, side) for place in range(len(columns[0])) for side in SIDES),
            times=unit.times,
            stacked=unit.times > 1 or unit.lanes > 1,
            sign=sign,
            inside=inside,
            training=all(node.training for column in columns for pair in column if pair for node in nodes(pair)),
            status=unit.status,
        )


def _members(columns: Sequence[Column], place: int, side: Side) -> tuple[str, ...]:
    """The addresses of what stands in a box in one pair of blocks, on one side."""
    pairs = (column[place] for column in columns)
    return tuple(node.address for pair in pairs if pair and (node := node_of(pair, side)) is not None)


def _lines(unit: Unit, found: Merged, symbols: Symbols, named: bool) -> Iterator[Line]:
    """Names, what it is, and each thing that goes along and fared differently on a line of its own."""
    first, times = found.columns[unit.atoms[0]], f" ×{unit.times}" if unit.times > 1 else ""
    shown = unit.atoms[: len(unit.atoms) // unit.lanes]
    name = _name(found, shown, named) if unit.times > 1 or named else None
    if name:
        yield line(name, "name")
    (head, *details) = _wrapped([words(pair) if pair else None for pair in first])
    yield Line(tuple(filter(_any, (Piece(SIGNS[unit.status]), *symbols.line(head), Piece(times)))))
    yield from (Line(symbols.line(detail), "minor") for detail in details)
    if unit.lanes > 1:
        shared = any(node.counts.params for node in nodes(found.first(unit.atoms[0])))
        yield from (line(text, "minor") for text in lanes_text(unit.lanes, shared).split("\n"))
    for row in _rows([further(pair) if pair else None for pair in first]):
        yield Line(symbols.line(row), "minor")
    size = len(unit.atoms) // (unit.times * unit.lanes)

    def signed(number: int) -> str:
        status = found.status(number)
        return "" if status == unit.status else SIGNS[status]

    for sign, run in groupby(unit.atoms[1:size], key=signed):
        along = [found.columns[number] for number in run]
        text = [
            None if pair is None else [word for column in along if (each := column[place]) for word in words(each)]
            for place, pair in enumerate(first)
        ]
        yield Line(tuple(filter(_any, (Piece(sign), *symbols.line(text)))), "minor")


def _wrapped(texts: list[list[str] | None]) -> list[list[list[str] | None]]:
    """The words of a node in each of the blocks shown, in one line, or where one has much to say in two."""
    there = [text for text in texts if text is not None]
    long = max(len(", ".join(text)) for text in there) > LONGEST and min(map(len, there)) > 1
    return [[text and text[:1] for text in texts], [text and text[1:] for text in texts]] if long else [texts]


def _rows(texts: list[list[str] | None]) -> Iterator[list[list[str] | None]]:
    """Each row of several columns by itself; where some have fewer, these have nothing there.

    What a layer is given is only told where that is all that is to be said of it in each of the blocks.
    """
    for row in range(max(len(text) for text in texts if text is not None)):
        parts = [None if text is None else text[row : row + 1] for text in texts]
        if [] not in parts or not any(each[0].startswith(GIVEN) for each in parts if each):
            yield [each if each is None else each or [NOTHING] for each in parts]


def _any(piece: Piece) -> bool:
    return bool(piece.text)


def _name(found: Merged, atoms: Sequence[int], named: bool) -> str | None:
    pairs = [found.first(number) for number in atoms]
    node = pairs[0].node
    whole = found.whole(atoms)
    if isinstance(node, Block):
        if whole is not None and len(atoms) > 1:
            return whole.node.address if named else _own(whole.node.address)
        names = [pair.node.address for pair in pairs]
        return names_text(names if named else [_own(each) for each in names])
    names = [each.address for each in nodes(whole or pairs[0])]
    owns = [name.rpartition(".")[2] for name in names]
    plain = any("." in name for name in names) or sign_at(found, atoms[0]) is not None
    return None if plain or not worth_telling(owns[-1], node) else turned(owns[0], owns[-1])


def _own(address: str) -> str:
    """The last of the names of an address; with the one before it where it is but a number."""
    *around, name = address.split(".")
    return ".".join([*around[-1:], name]) if name.isdigit() else name


class _Wiring(Struct, dict=True):
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
