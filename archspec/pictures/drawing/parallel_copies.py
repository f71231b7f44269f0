"""Copies side by side: those that the spec wrote as one line, and that are wired alike, are drawn as one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Literal, NamedTuple

from msgspec import Struct

from archspec.graph.labels import are_alike
from archspec.graph.model import NodeType
from archspec.ops.shapes import Shape
from archspec.pictures.drawing.flatten import SHEET, Atoms, Slot, Value
from archspec.pictures.drawing.layer_groups import Unit

FEW = 3
"""So many side by side are drawn as one, at least."""


class Place(NamedTuple):
    """A unit, an input or an output of a sheet, by number."""

    kind: Literal["unit", "input", "output"]
    number: int


class Given(NamedTuple):
    """One of the values that a place gives."""

    place: Place
    output: int


class Ends(NamedTuple):
    """What a sheet is given and gives: the name and shape of each value."""

    inputs: Sequence[tuple[str | None, Shape]]
    outputs: Sequence[tuple[str | None, Shape]]


Row = tuple[Place, ...]
"""Places side by side that are drawn as one; most rows have but one lane."""


class Rows(Struct, dict=True):
    """The rows of a sheet: those proposed to it that turn out to be wired alike, and each other place by itself."""

    found: Atoms
    drawn: Sequence[Unit]
    ends: Ends
    first: Callable[[NodeType], NodeType]
    """What stands in a node's place in the first call of a module around it."""

    def __post_init__(self) -> None:
        places = [
            *(Place("input", number) for number in range(len(self.ends.inputs))),
            *(Place("unit", number) for number in range(len(self.drawn))),
            *(Place("output", number) for number in range(len(self.ends.outputs))),
        ]
        self.row_of: dict[Place, Row] = {place: (place,) for place in places}
        self._last = {unit.atoms[-1]: place for place, unit in zip(places[len(self.ends.inputs) :], self.drawn)}
        self._taken = {place: list(map(self.given, self._values(place))) for place in places}
        self._users: dict[Given, list[tuple[Place, int]]] = defaultdict(list)
        for place, taken in self._taken.items():
            for slot, given in enumerate(taken):
                self._users[given].append((place, slot))

    def rows(self, kind: Literal["unit", "input", "output"]) -> Iterator[Row]:
        """The rows of one kind, in the order of their first lanes."""
        return (row for row in self._all() if row[0].kind == kind)

    def taken(self, place: Place) -> list[Given]:
        """The values that a place takes."""
        return self._taken[place]

    def _values(self, place: Place) -> Sequence[Value]:
        if place.kind == "unit":
            return self.found.atoms[self.drawn[place.number].atoms[0]].inputs
        return (self.found.results[place.number],) if place.kind == "output" else ()

    def given(self, value: Value) -> Given:
        """The place that a value comes from."""
        if value.atom == SHEET:
            return Given(Place("input", value.output), 0)
        return Given(self._last[value.atom], value.output)

    def taker(self, place: Place) -> NodeType | None:
        """The node that takes what comes to a place; `None` of an end."""
        return self.found.atoms[self.drawn[place.number].atoms[0]].node if place.kind == "unit" else None

    def units(self, row: Row) -> list[Unit]:
        """The units of a row."""
        return [self.drawn[place.number] for place in row]

    def users(self, given: Given) -> Sequence[tuple[Place, int]]:
        """The places that take a value, each with the number of its input."""
        return self._users.get(given, ())

    def value(self, given: Given) -> Value:
        """The value of the sheet's atoms that a place gives."""
        atom = SHEET if given.place.kind == "input" else self.drawn[given.place.number].atoms[-1]
        return Value(atom, given.place.number if atom == SHEET else given.output)

    def outputs(self, place: Place) -> int:
        """How many values a place gives."""
        return len(self.found.atoms[self.drawn[place.number].atoms[-1]].node.shapes) if place.kind == "unit" else 1

    def settle(self, proposed: Iterable[Row]) -> None:
        """Take proposed rows too, and keep of all rows those that are wired alike.

        Calls of one module may be wired otherwise, as long as none takes what another gives.
        """
        for row in proposed:
            if all(len(self.row_of[place]) == 1 for place in row):
                self.row_of |= dict.fromkeys(row, row)
        self._keep(lambda row: self._is_even(row) or self._is_one_module(row))
        if not all(map(self._is_even, self._wide())) and self._goes_round():
            self._keep(self._is_even)

    def _wide(self) -> list[Row]:
        return list(dict.fromkeys(row for row in self.row_of.values() if len(row) > 1))

    def _keep(self, is_kept: Callable[[Row], bool]) -> None:
        """Take rows apart until all are kept."""
        wide = self._wide()
        while wrong := [row for row in wide if not is_kept(row)]:
            self.row_of |= {place: (place,) for row in wrong for place in row}
            gone = set(wrong)
            wide = [row for row in wide if row not in gone]

    def _is_one_module(self, row: Row) -> bool:
        """Whether all lanes are calls of one module."""
        if row[0].kind != "unit":
            return False
        nodes = [self.found.atoms[self.drawn[place.number].main].node for place in row]
        return len({self.first(node) for node in nodes}) == 1

    def _goes_round(self) -> bool:
        """Whether a row takes its own output, directly or through other rows."""
        waits = {row: {self.row_of[given.place] for place in row for given in self.taken(place)} for row in self._all()}
        try:
            TopologicalSorter(waits).prepare()
        except CycleError:
            return True
        return False

    def _all(self) -> Iterator[Row]:
        return (row for place, row in self.row_of.items() if row[0] == place)

    def _is_even(self, row: Row) -> bool:
        taken = [self.taken(place) for place in row]
        if len(set(map(len, taken))) > 1 or not all(self._is_aligned(row, column) for column in zip(*taken)):
            return False
        uses = [self._uses(place) for place in row]
        return all(each == uses[0] for each in uses)

    def _is_aligned(self, row: Row, column: Sequence[Given]) -> bool:
        """Whether the lanes of a row take one value all of them, or each the next of several that belong together."""
        if all(given == column[0] for given in column):
            return row[0].kind == "unit"
        sources = {self.row_of[given.place] for given in column}
        source = sources.pop()
        if sources or source == row:
            return False
        outputs = [given.output for given in column]
        if len(source) == 1:
            return outputs == list(range(outputs[0], outputs[0] + len(row)))
        return [given.place for given in column] == list(source) and len(set(outputs)) == 1

    def _uses(self, place: Place) -> Counter[tuple[int, Row, int]]:
        """Where the values of a place go: by its output, the row that takes it, and the input of lanes there."""
        uses: Counter[tuple[int, Row, int]] = Counter()
        for output in range(self.outputs(place)):
            for user, slot in self.users(Given(place, output)):
                row = self.row_of[user]
                uses[output, row, slot if len(row) > 1 else 0] += 1
        return uses


def settled(rows: Rows, kin: Callable[[NodeType], Hashable]) -> Rows:
    """The rows of a sheet with all copies together that can be; `kin` is equal for nodes that can be one box."""
    found, drawn, ends = rows.found, rows.drawn, rows.ends
    lists = [*_lists("input", ends.inputs), *_lists("output", ends.outputs)]
    for copies in _copies(found, drawn, kin):
        rows.settle([*copies, *lists])
    if lists:
        rows.settle(lists)
    return rows


def _lists(kind: Literal["input", "output"], ends: Sequence[tuple[str | None, Shape]]) -> Iterator[Row]:
    """Ends in a row whose names and shapes tell that they are items of one list."""
    start = 0
    for number in range(1, len(ends) + 1):
        if number == len(ends) or not _is_next(ends[number - 1], ends[number]):
            if number - start >= FEW:
                yield tuple(Place(kind, each) for each in range(start, number))
            start = number


def _is_next(one: tuple[str | None, Shape], other: tuple[str | None, Shape]) -> bool:
    names = [name or "" for name, _ in (one, other)]
    numbered = all(not name or re.search(r"\d$", name) for name in names)
    return are_alike(one[1], other[1]) and (names[0] == names[1] or numbered)


def _copies(found: Atoms, drawn: Sequence[Unit], kin: Callable[[NodeType], Hashable]) -> Iterator[list[Row]]:
    """Units that are copies of one line of the spec, by the place of its number of copies: outer ones first."""
    groups: dict[tuple[int, int], dict[tuple[Slot, ...], list[int]]] = defaultdict(lambda: defaultdict(list))
    paths = [found.atoms[unit.main].slots for unit in drawn]
    many = {
        (level, at)
        for slots in paths
        for level, slot in enumerate(slots)
        for at in range(1, len(slot), 2)
        if slot[at] >= FEW - 1
    }
    for level, at in sorted(many):
        for number, slots in enumerate(paths):
            if len(slots) > level and len(slots[level]) > at:
                slot = slots[level]
                line = (*slots[:level], (*slot[:at], *slot[at + 1 :]), *slots[level + 1 :])
                groups[level, at][line].append(number)
    for lines in groups.values():
        yield [row for numbers in lines.values() if len(numbers) >= FEW for row in _alike(numbers, found, drawn, kin)]


def _alike(
    numbers: Sequence[int], found: Atoms, drawn: Sequence[Unit], kin: Callable[[NodeType], Hashable]
) -> Iterator[Row]:
    """Those of several units that say the same."""
    forms: dict[Hashable, list[Place]] = defaultdict(list)
    for number in numbers:
        forms[_form(drawn[number], found, kin)].append(Place("unit", number))
    return (tuple(row) for row in forms.values() if len(row) >= FEW)


def _form(unit: Unit, found: Atoms, kin: Callable[[NodeType], Hashable]) -> Hashable:
    """Equal for units that say the same, in the same frames."""
    main = found.atoms[unit.main]
    nodes = tuple(kin(found.atoms[number].node) for number in unit.atoms)
    roles = unit.times, len(unit.before), len(unit.after), main.training, main.node.frozen
    return nodes, roles, main.part.present, tuple(map(id, main.frames))
