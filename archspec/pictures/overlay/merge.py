"""Pairs of blocks in which alike things happened → what one sheet shows of them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

from msgspec import Struct

from archspec.analysis.comparison import Pair, Status
from archspec.graph.model import Leaf, NodeType
from archspec.pictures.drawing.flatten import SHEET, Value
from archspec.pictures.drawing.layer_groups import is_minor
from archspec.pictures.overlay.flatten import Atom, Flat, Wires, flat
from archspec.pictures.overlay.sides import SIDES, Side, block_of, fared, node_of, opened
from archspec.templates.align import may_miss
from archspec.templates.align import merged as merged_order

Column: TypeAlias = tuple[Pair | None, ...]
"""What stands at one place in each of several pairs of blocks; `None` where one lacks it on both sides."""


class Merged(Struct, frozen=True, dict=True):
    """What pairs of blocks hold, side by side; a column that a side of one lacks passes its first input on there."""

    columns: tuple[Column, ...]
    around: tuple[tuple[tuple[Pair, ...], ...], ...]
    """The dissolved pairs around what stands at a place, outer ones first."""
    inputs: dict[Side, Wires]
    """By the number of each column that a side has."""
    results: dict[Side, tuple[Value, ...]]

    @cached_property
    def users(self) -> dict[Side, Counter[Value]]:
        """How often each value is taken."""
        taken = {side: (*self.inputs[side].values(), self.results[side]) for side in SIDES}
        return {side: Counter(value for values in taken[side] for value in values) for side in SIDES}

    @cached_property
    def _sizes(self) -> Counter[int]:
        """How many columns each dissolved pair has inside, by its `id`."""
        return Counter(id(pair) for column in self.around for around in column for pair in around)

    def whole(self, numbers: Sequence[int]) -> Pair | None:
        """The outermost dissolved pair that holds these columns and no others."""
        place = next(place for place, pair in enumerate(self.columns[numbers[0]]) if pair is not None)
        rows = [self.around[number][place] for number in numbers]
        whole = (each for each in rows[0] if self._sizes[id(each)] == len(rows) and all(each in row for row in rows))
        return next(whole, None)

    def present(self, number: int) -> list[Pair]:
        """The pairs of a column that are there."""
        return [pair for pair in self.columns[number] if pair is not None]

    def first(self, number: int) -> Pair:
        """The first pair of a column, one that the new network has before others."""
        there = self.present(number)
        return next((pair for pair in there if pair.new is not None), there[0])

    def node(self, number: int, side: Side) -> NodeType | None:
        """The first node of a column on one side."""
        return next((node for pair in self.present(number) if (node := node_of(pair, side)) is not None), None)

    def status(self, number: int) -> Status:
        """What became of all that a column holds."""
        return fared(self.present(number))

    def even(self, number: int, other: int) -> bool:
        """Whether two columns are there in the same pairs: on the same sides, or on one side in all of them."""
        one, two = (
            [pair and (pair.old is None, pair.new is None) for pair in self.columns[each]] for each in (number, other)
        )
        same = [each is None for each in one] == [each is None for each in two]
        return one == two or (same and all(len(set(each) - {None}) == 1 for each in (one, two)))


def merged(pairs: Sequence[Pair], group_of: Callable[[Pair], Hashable]) -> Merged | None:
    """What pairs of blocks hold, or `None` where they differ in more than numbers and in what some of them lack.

    `group_of` says which sheet shows what a pair holds.
    """
    flats = [flat(pair) for pair in pairs]
    numbers = _numbered(flats)
    if numbers is None or not _same_ends(pairs):
        return None
    columns: list[list[Atom | None]] = [[None] * len(pairs) for _ in range(1 + max(map(max, filter(None, numbers))))]
    for place, (each, places) in enumerate(zip(flats, numbers)):
        for atom, number in zip(each.atoms, places):
            columns[number][place] = atom
    if not all(_alike([atom.pair for atom in column if atom], group_of) for column in columns):
        return None
    sides = [_wired(side, flats, numbers, columns) for side in SIDES]
    wired = {side: found for side, found in zip(SIDES, sides) if found is not None}
    if len(wired) < len(SIDES):
        return None
    return Merged(
        tuple(tuple(atom.pair if atom else None for atom in column) for column in columns),
        tuple(tuple(atom.around if atom else () for atom in column) for column in columns),
        {side: wired[side][0] for side in SIDES},
        {side: wired[side][1] for side in SIDES},
    )


def _same_ends(pairs: Sequence[Pair]) -> bool:
    """Whether blocks have the same inputs and outputs on each side."""
    blocks = [tuple(block_of(pair, side) for side in SIDES) for pair in pairs]
    ends = {
        tuple((each.input_names, tuple(result.name for result in each.results)) for each in both) for both in blocks
    }
    return len(ends) == 1


def _numbered(flats: Sequence[Flat]) -> list[list[int]] | None:
    """The column of each atom of each pair, in one order for all; `None` where they contradict each other.

    Atoms of one path on either side are one column.
    """
    owner: dict[tuple[Side, object], int] = {}
    paths: list[dict[Side, object]] = []
    rows: list[list[int]] = []
    for each in flats:
        row: list[int] = []
        for atom in each.atoms:
            owned = {owner[place] for place in atom.paths.items() if place in owner}
            number = owned.pop() if owned else len(paths)
            if number == len(paths):
                paths.append({})
            if (
                owned
                or number in row
                or any(paths[number].get(side, path) != path for side, path in atom.paths.items())
            ):
                return None
            paths[number] |= atom.paths
            owner |= dict.fromkeys(atom.paths.items(), number)
            row.append(number)
        rows.append(row)
    order = merged_order([[(number,) for number in row] for row in rows])
    if order is None:
        return None
    rank = {number: place for place, (number,) in enumerate(order)}
    return [[rank[number] for number in row] for row in rows]


def _alike(column: Sequence[Pair], group_of: Callable[[Pair], Hashable]) -> bool:
    """Whether what stands at one place can be one box: ops of one name, or blocks with one sheet."""
    for side in SIDES:
        if len({_what(node) for pair in column if (node := node_of(pair, side)) is not None}) > 1:
            return False
    return len({group_of(pair) for pair in column if opened(pair)}) <= 1


def _what(node: NodeType) -> Hashable:
    """What a node is, but for its numbers; norms and activations stand for each other."""
    ends = len(node.inputs), len(node.shapes), node.training
    if isinstance(node, Leaf):
        return (is_minor(node) and node.op.kind) or node.op.name, *ends
    return node.kind, node.title, *ends


def _wired(
    side: Side, flats: Sequence[Flat], numbers: Sequence[Sequence[int]], columns: Sequence[Sequence[Atom | None]]
) -> tuple[Wires, tuple[Value, ...]] | None:
    """The wires of one side, if those of each pair are the same past what it lacks there."""
    views = [_View(each, places, side) for each, places in zip(flats, numbers)]
    wires: Wires = {}
    for number in range(len(columns)):
        found = [view.inputs[number] for view in views if number in view.inputs]
        if found:
            wires[number] = tuple(map(max, zip(*found)))
    results = tuple(map(max, zip(*(view.results for view in views))))
    if not all(view.is_part_of(wires, results) for view in views):
        return None
    lacking = {number for number in wires for view in views if number not in view.inputs}
    return (wires, results) if all(_optional(side, lacking, columns)) else None


def _optional(side: Side, lacking: set[int], columns: Sequence[Sequence[Atom | None]]) -> Iterator[bool]:
    """Says of each column that some blocks lack on a side whether they may."""
    atoms = [[atom for atom in column if atom and side in atom.paths] for column in columns]
    allowed = may_miss([found[0].paths[side] for found in atoms if found])
    for number in lacking:
        node = node_of(atoms[number][0].pair, side)
        assert node is not None
        plain = bool(node.inputs) and len(node.shapes) == 1 and node.tied is None
        yield plain and allowed(atoms[number][0].paths[side])


class _View:
    """One side of a pair of blocks, in terms of the columns."""

    def __init__(self, each: Flat, places: Sequence[int], side: Side) -> None:
        def at(value: Value) -> Value:
            return value if value.atom == SHEET else Value(places[value.atom], value.output)

        self.inputs = {places[number]: tuple(map(at, taken)) for number, taken in each.inputs[side].items()}
        self.results = tuple(map(at, each.results[side]))

    def is_part_of(self, wires: Wires, results: Sequence[Value]) -> bool:
        """Whether these wires are those of the columns, past what is lacking here."""

        def past(value: Value) -> Value:
            while value.atom != SHEET and value.atom not in self.inputs:
                value = wires[value.atom][0]
            return value

        same = all(taken == tuple(map(past, wires[number])) for number, taken in self.inputs.items())
        return same and self.results == tuple(map(past, results))
