"""A comparison → its drawing: the two networks over each other, and a sheet for each thing that happened to blocks."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from archspec.backends.drawing.atoms import SHEET, Value
from archspec.backends.drawing.captions import lanes_text, line, names_text, worth_telling
from archspec.backends.drawing.lanes import FEW
from archspec.backends.drawing.model import Box, Cell, Drawing, Edge, Line, Piece, Role, Row, Sheet, Table
from archspec.backends.overlay.forms import Forms
from archspec.backends.overlay.merged import SIDES, Merged, Side, block_of, fared, merged, node_of, nodes, opened
from archspec.backends.overlay.units import Unit, sign_of, units
from archspec.backends.overlay.words import SIGNS, Symbols, further, told, words
from archspec.backends.words import range_text, rounded_text, shapes_text, shown_shapes
from archspec.comparison import Comparison, Pair, Status
from archspec.graph import Block, Graph, Leaf
from archspec.shapes import known
from archspec.tensors import tensors

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
    keys = _keys(groups)
    maker = _Maker(forms, keys)
    main = maker.sheet(MAIN, comparison.new.title, [comparison.root])
    insets = [maker.sheet(keys[form], keys[form], pairs) for form, pairs in groups.items()]
    title = f"{comparison.old.name} → {comparison.new.name}"
    return Drawing(title, title, tuple(_heading(comparison)), (), main, tuple(insets))


def _keys(groups: dict[Hashable, list[Pair]]) -> dict[Hashable, str]:
    """A name for the sheet of each form: the block's title, with a stroke for each earlier one of that title."""
    keys: dict[Hashable, str] = {}
    for form, pairs in groups.items():
        (title,) = words(pairs[0])[:1]
        while title in keys.values():
            title += "′"
        keys[form] = title
    return keys


def _heading(comparison: Comparison) -> Iterator[str]:
    old, new = comparison.old, comparison.new
    if comparison.empty:
        yield "nothing differs"
    counts = [_counted(old, new, what, word) for what, word in (("params", "parameters"), ("macs", "MACs"))]
    yield " · ".join([f"input {_either(*(shapes_text(each.root.input_shapes) for each in (old, new)))}", *counts])
    carried, whole = len(comparison.weights.fitting), len(tensors(new))
    yield f"weights that would carry over: {carried} of {whole} tensors"


def _counted(old: Graph, new: Graph, what: str, word: str) -> str:
    before, now = getattr(old.counts, what), getattr(new.counts, what)
    growth = f" ({now / before - 1:+.1%})" if known(before, now) and before and before != now else ""
    return f"{_either(rounded_text(before), rounded_text(now))} {word}{growth}".replace("-", "−")


def _either(old: str, new: str) -> str:
    return old if old == new else f"{old} → {new}"


class _Maker(Struct, frozen=True):
    forms: Forms
    keys: dict[Hashable, str]

    def sheet(self, key: str, title: str, pairs: Sequence[Pair]) -> Sheet:
        """The sheet of pairs of one form."""
        found = merged(pairs)
        drawn = units(found, self.forms)
        symbols = Symbols()
        boxes = [self._box(unit, found, symbols, key == MAIN) for unit in drawn]
        wiring = _Wiring(found, pairs, key, drawn, boxes)
        return Sheet(
            key=key,
            title=title,
            instances=tuple(pair.node.address for pair in pairs),
            items=(*dict.fromkeys(wiring.inputs.values()), *boxes, *wiring.outputs.values()),
            edges=tuple(wiring.edges()),
            table=_table(pairs, symbols),
        )

    def _box(self, unit: Unit, found: Merged, symbols: Symbols, named: bool) -> Box:
        columns = [found.atoms[number] for number in unit.atoms]
        first = columns[0]
        sign = sign_of(first[0]) if unit.status == "unchanged" and len(columns) == 1 else None
        members = tuple(
            tuple(node.address for column in columns if (node := node_of(column[place], side)) is not None)
            for place in range(len(first))
            for side in SIDES
        )
        return Box(
            id=first[0].node.address if first[0].new is not None else f"old-{first[0].node.address}",
            role=_role(first[0]),
            lines=tuple(_lines(unit, columns, symbols, named)),
            tooltip=told([column[0] for column in columns]),
            members=members,
            times=unit.times,
            stacked=unit.times > 1 or unit.lanes > 1,
            sign=sign,
            inside=self.keys[self.forms.form(first[0])] if opened(first[0]) else None,
            training=all(node.training for column in columns for node in nodes(column[0])),
            status=unit.status,
        )


def _role(pair: Pair) -> Role:
    return pair.node.op.kind if isinstance(pair.node, Leaf) else "block"


def _lines(unit: Unit, columns: Sequence[tuple[Pair, ...]], symbols: Symbols, named: bool) -> Iterator[Line]:
    """Names, what it is, and each thing that goes along and fared differently on a line of its own."""
    first, times = columns[0], f" ×{unit.times}" if unit.times > 1 else ""
    shown = columns[: len(columns) // unit.lanes]
    name = _name([column[0] for column in shown], named) if unit.times > 1 or named else None
    if name:
        yield line(name, "name")
    (head, *details) = _wrapped([words(pair) for pair in first])
    yield Line(tuple(filter(_any, (Piece(SIGNS[unit.status]), *symbols.line(head), Piece(times)))))
    yield from (Line(symbols.line(detail), "minor") for detail in details)
    if unit.lanes > 1:
        shared = any(node.counts.params for node in nodes(first[0]))
        yield from (line(text, "minor") for text in lanes_text(unit.lanes, shared).split("\n"))
    for text in _rows([further(pair) for pair in first]):
        yield Line(symbols.line(text), "minor")
    size = len(columns) // (unit.times * unit.lanes)
    for status, run in groupby(columns[1:size], key=fared):
        along = list(run)
        text = [[word for column in along for word in words(column[place])] for place in range(len(first))]
        sign = "" if status == unit.status else SIGNS[status]
        yield Line(tuple(filter(_any, (Piece(sign), *symbols.line(text)))), "minor")


def _wrapped(texts: list[list[str]]) -> list[list[list[str]]]:
    """The words of a node in each of the blocks shown, in one line, or where one has much to say in two."""
    long = max(len(", ".join(text)) for text in texts) > LONGEST and min(map(len, texts)) > 1
    return [[text[:1] for text in texts], [text[1:] for text in texts]] if long else [texts]


def _rows(texts: list[list[str]]) -> list[list[list[str]]]:
    """Each row of several columns by itself, where all have as many."""
    return [[[text] for text in row] for row in zip(*texts)] if texts and all(texts) else []


def _any(piece: Piece) -> bool:
    return bool(piece.text)


def _name(pairs: Sequence[Pair], named: bool) -> str | None:
    node = pairs[0].node
    if isinstance(node, Block):
        names = [pair.node.address for pair in pairs]
        return names_text(names if named else [_own(each) for each in names])
    own = node.address.rpartition(".")[2]
    plain = "." in node.address or sign_of(pairs[0]) is not None
    return None if plain or not worth_telling(own, node) else own


def _own(address: str) -> str:
    """The last of the names of an address; with the one before it where it is but a number."""
    *around, name = address.split(".")
    return ".".join([*around[-1:], name]) if name.isdigit() else name


def _table(pairs: Sequence[Pair], symbols: Symbols) -> Table | None:
    """What each letter stands for, in a row for each run of blocks in which all stand for the same."""
    if not symbols.letters:
        return None
    rows = []
    for values, run in groupby(range(len(pairs)), key=lambda place: tuple(each[place] for each in symbols.letters)):
        addresses = tuple(pairs[place].node.address for place in run)
        rows.append(Row(names_text(addresses), addresses, tuple(Cell(value, (value,)) for value in values)))
    letters = (Piece(letter, symbol=True) for letter in symbols.letters.values())
    return Table((Piece("block"), Piece("×"), *letters), tuple(rows))


class _Wiring(Struct, dict=True):
    """The edges of a sheet: each once, with what became of it."""

    found: Merged
    pairs: Sequence[Pair]
    key: str
    drawn: Sequence[Unit]
    boxes: Sequence[Box]

    def __post_init__(self) -> None:
        self.inputs: dict[int, Box] = {}
        self.outputs: dict[str, Box] = {}
        self._box = {number: box for unit, box in zip(self.drawn, self.boxes) for number in unit.atoms}
        self._unit = {number: unit for unit in self.drawn for number in unit.atoms}
        names: dict[Side, list[str]] = {}
        for side in SIDES:
            results = block_of(self.pairs[0], side).results
            names[side] = _names([result.name for result in results], self.found.results[side])
        self._ends = {side: list(zip(names[side], self.found.results[side])) for side in SIDES}
        self._make_inputs()
        for name in dict.fromkeys([*names["new"], *names["old"]]):
            status = _status(name in names["old"], name in names["new"])
            places = {side: [at for at, each in enumerate(names[side]) if each == name] for side in SIDES}
            shapes = [self._shapes(side, "shapes", places[side]) for side in SIDES if places[side]]
            self.outputs[name] = self._end("output", name, shapes, status)

    def _make_inputs(self) -> None:
        sides = {side: block_of(self.pairs[0], side).input_names for side in SIDES}
        longer = max(sides.values(), key=len)
        for numbers in self._lists(longer):
            there = [side for side in SIDES if numbers[0] < len(sides[side])]
            shapes = [self._shapes(side, "input_shapes", numbers) for side in there]
            name = names_text([longer[number] for number in numbers])
            box = self._end("input", name, shapes, _status("old" in there, "new" in there))
            self.inputs |= dict.fromkeys(numbers, box)

    def _lists(self, names: Sequence[str]) -> Iterator[list[int]]:
        """The inputs, by number; numbered ones in a row that go to the same boxes in both networks together."""
        users: dict[int, set[tuple[Side, str]]] = {number: set() for number in range(len(names))}
        for side in SIDES:
            for atom, taken in self.found.inputs[side].items():
                for value in taken:
                    if value.atom == SHEET:
                        users[value.output].add((side, self._box[atom].id))
        alike = groupby(users, key=lambda number: (re.sub(r"\d+$", "", names[number]), sorted(users[number])))
        for _, run in alike:
            numbers = list(run)
            yield from [numbers] if len(numbers) >= FEW else ([number] for number in numbers)

    def _shapes(self, side: Side, what: str, numbers: Sequence[int]) -> set[str]:
        found = (getattr(node_of(pair, side), what) for pair in self.pairs)
        return {range_text([shapes[number] for number in numbers]) for shapes in found}

    def _end(self, role: Role, name: str, shapes: Sequence[set[str]], status: Status) -> Box:
        texts = list(dict.fromkeys(each for found in shapes for each in found)) if all(map(_one, shapes)) else []
        told = texts[0].split(", ") if len(texts) == 1 else [" → ".join(texts)]
        lines = [SIGNS[status] + name, *told]
        prefix = "" if self.key == MAIN else f"{self.key}-"
        shown = tuple(line(text, "minor") for text in lines if text)
        return Box(f"{prefix}{role}-{name}", role, shown, "\n".join(filter(None, lines)), status=status)

    def edges(self) -> Iterator[Edge]:
        """Box by box, in the order of what each takes; then what the sheet gives."""
        held = {side: self._held(side) for side in SIDES}
        written: set[str] = set()
        for source, target in self._ordered([*held["new"], *held["old"]]):
            sides = [held[side].get((source, target)) for side in SIDES]
            label = "" if source in written else _either_label(*sides)
            if self.key == MAIN and label:
                written.add(source)
            yield Edge(
                source,
                target,
                label=label if self.key == MAIN else "",
                status=_status(sides[0] is not None, sides[1] is not None),
            )

    def _ordered(self, keys: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
        places = {box.id: number for number, box in enumerate((*self.boxes, *self.outputs.values()))}
        return sorted(dict.fromkeys(keys), key=lambda key: places[key[1]])

    def _held(self, side: Side) -> dict[tuple[str, str], str]:
        """The edges of one network, each with the shape that is news there."""
        held: dict[tuple[str, str], str] = {}
        ends = [(self.outputs[name], (source,)) for name, source in self._ends[side]]
        inner = [(self._box[number], taken) for number, taken in self.found.inputs[side].items()]
        for target, taken in (*inner, *ends):
            for value in taken:
                source = self.inputs[value.output] if value.atom == SHEET else self._box[value.atom]
                if source is not target:
                    known_as = "" if target.role == "output" else self._news(side, value)
                    held.setdefault((source.id, target.id), known_as)
        return held

    def _news(self, side: Side, value: Value) -> str:
        """The shape of a value, where its box takes another."""
        if value.atom == SHEET:
            return ""
        atoms = self._unit[value.atom].atoms
        there = [node for number in atoms if (node := node_of(self.found.atoms[number][0], side)) is not None]
        shape = there[-1].shapes[min(value.output, len(there[-1].shapes) - 1)]
        return "" if set(there[0].input_shapes) == {shape} else shown_shapes([shape], False)


def _names(given: Sequence[str | None], values: Sequence[Value]) -> list[str]:
    """A name for each output; those without one that an atom gives as one list have one together."""
    unnamed = [value.atom for name, value in zip(given, values) if name is None]
    together = len(unnamed) >= FEW and len(set(unnamed)) == 1
    return [name or f"output{'' if together else number or ''}" for number, name in enumerate(given)]


def _one(found: set[str]) -> bool:
    return len(found) == 1


def _status(old: bool, new: bool) -> Status:
    return "unchanged" if old and new else "added" if new else "removed"


def _either_label(old: str | None, new: str | None) -> str:
    texts = list(dict.fromkeys(text for text in (old, new) if text))
    return texts[0] if len(texts) == 1 else " → ".join(text.replace("\n", ", ") for text in texts)
