"""Copies of boxes in series: a group that the spec repeats in place is drawn once, in a frame.

That is so for equal copies of several boxes, and for many that differ only in numbers, which a table tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TypeAlias

from msgspec import Struct

from archspec.graph.model import Leaf, NodeType
from archspec.pictures.drawing.aligned_children import Parts
from archspec.pictures.drawing.flatten import Atom, Slot
from archspec.pictures.drawing.parallel_copies import Given, Place, Row, Rows
from archspec.templates import Construct, Expression, Together

Copy: TypeAlias = Sequence[Place]
"""The units of one copy of a group."""

Line = tuple[tuple[Slot, ...], Slot]
"""A line of the spec that is repeated: the places of the blocks around it, and its own."""


LONG = 12
"""So many boxes that differ only in numbers are drawn as one copy and a table, at least: fewer are read faster."""


class Rounds(Struct, frozen=True, eq=False):
    """Copies in series, each of the same rows: what one gives is all that the next one takes.

    Where the copies differ in numbers, `together` says in which.
    """

    copies: tuple[tuple[Row, ...], ...]
    together: Together | None = None


def rounds(rows: Rows, kin: Callable[[NodeType], Hashable], parts: Parts, tables: bool) -> Iterator[Rounds]:
    """The rounds of a sheet, outer ones first; `kin` is equal for nodes that are said to be the same.

    Copies that differ in numbers are rounds where there may be `tables`.
    """
    said = Said(rows, kin, parts)
    found: dict[tuple[int, int], dict[Line, dict[int, list[Place]]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows.rows("unit"):
        for (level, at), line, copy in _copies(rows, row[0]):
            found[level, at][line].setdefault(copy, []).append(row[0])
    taken: set[Place] = set()
    for place in sorted(found):
        for copies in found[place].values():
            if len(copies) > 1 and taken.isdisjoint(place for each in copies.values() for place in each):
                for run, together in _runs(said, [copies[number] for number in sorted(copies)], tables):
                    taken.update(place for each in run for place in each)
                    yield Rounds(tuple(tuple(rows.row_of[place] for place in each) for each in run), together)


def is_repeated(rows: Rows) -> bool:
    """Whether the spec repeats a group on a sheet."""
    places = (row[0] for row in rows.rows("unit"))
    return any(copy for place in places for _, _, copy in _copies(rows, place))


def numbers_apart(layers: Rows, whole: Rows, kin: Callable[[NodeType], Hashable], parts: Parts) -> set[int]:
    """The atoms of copies that are alike layer by layer, and not once equal layers in series are one, as in `whole`.

    They are few boxes in `whole` where it is not worth while to draw them apart.
    """
    box_of = {number: place for place, unit in enumerate(whole.drawn) for number in unit.atoms}
    together = {number for numbers in _tables(whole, kin, parts) for number in numbers}
    found = (set(numbers) for numbers in _tables(layers, kin, parts))
    long = (numbers for numbers in found if len({box_of[number] for number in numbers}) >= LONG)
    return {number for numbers in long if numbers.isdisjoint(together) for number in numbers}


def _tables(rows: Rows, kin: Callable[[NodeType], Hashable], parts: Parts) -> Iterator[list[int]]:
    """The atoms of each group of copies that differ in numbers."""
    for each in rounds(rows, kin, parts, tables=True):
        if each.together is not None:
            yield [number for copy in each.copies for number in copied_atoms(rows, copy)]


def copied_atoms(rows: Rows, copy: Sequence[Row]) -> list[int]:
    """The atoms of a copy, by number."""
    return [number for row in copy for number in rows.drawn[row[0].number].atoms]


def _copies(rows: Rows, place: Place) -> Iterator[tuple[tuple[int, int], Line, int]]:
    """The repeated lines that a unit is inside of, and the number of its copy in each."""
    paths = [rows.found.atoms[number].slots for number in rows.drawn[place.number].atoms]
    for level, slot in enumerate(paths[0]):
        for at in range(1, len(slot), 2):
            inside = level + 1 < len(paths[0]) or at + 1 < len(slot)
            if inside and all(len(path) > level and path[level][: at + 1] == slot[: at + 1] for path in paths):
                yield (level, at), (paths[0][:level], slot[:at]), slot[at]


def _runs(said: Said, copies: Sequence[Copy], tables: bool) -> Iterator[tuple[list[Copy], Together | None]]:
    """Copies in a row that follow on each other: alike ones that would be a long picture, else equal ones."""
    for alike in _followed(said, copies, said.alike):
        equal = list(_followed(said, alike, said.equal))
        long = tables and len(equal) > 1 and sum(len(run[0]) for run in equal) >= LONG
        together = said.together(alike) if long and _ends_in_one(said.rows, alike) else None
        if together is not None:
            yield alike, together
            continue
        for run in equal:
            if len(run) > 1 and len(run[0]) > 1 and _ends_in_one(said.rows, run):  # of one box there is nothing to gain
                yield run, None


def _followed(said: Said, copies: Sequence[Copy], form: Callable[[Copy], Hashable]) -> Iterator[list[Copy]]:
    """Copies in a row of one form, of which each follows on the one before."""
    run: list[Copy] = [copies[0]]
    for copy in copies[1:]:
        if form(run[-1]) == form(copy) and _follows(said.rows, run[-1], copy):
            run.append(copy)
        else:
            yield run
            run = [copy]
    yield run


def _follows(rows: Rows, one: Copy, other: Copy) -> bool:
    """Whether a copy takes what the one before it gives, alone."""
    leaving = _leaving(rows, one)
    both = {*one, *other}
    alone = all(user in both for given in leaving for user, _ in rows.users(given))
    return len(leaving) == 1 and _entering(rows, other) == leaving and alone and len(_entering(rows, one)) == 1


def _ends_in_one(rows: Rows, run: Sequence[Copy]) -> bool:
    return len(_leaving(rows, run[-1])) == 1


def _entering(rows: Rows, copy: Sequence[Place]) -> set[Given]:
    return {given for place in copy for given in rows.taken(place) if given.place not in copy}


def _leaving(rows: Rows, copy: Sequence[Place]) -> set[Given]:
    values = {Given(place, output) for place in copy for output in range(rows.outputs(place))}
    return {given for given in values if any(user not in copy for user, _ in rows.users(given))}


class Said(Struct):
    """What the copies on a sheet say: the same in all that is to be read, or in all but numbers."""

    rows: Rows
    kin: Callable[[NodeType], Hashable]
    parts: Parts

    def equal(self, copy: Copy) -> Hashable:
        """Equal for copies of the same boxes, wired alike."""
        atoms = (atom for place in copy for atom in self._atoms(place))
        return self.alike(copy), tuple(
            (self.kin(each.node), each.node.input_shapes, each.node.shapes) for each in atoms
        )

    def alike(self, copy: Copy) -> Hashable:
        """Equal for copies of boxes that differ only in numbers and are wired alike."""
        return tuple(self._form(place, copy) for place in copy)

    def together(self, copies: Sequence[Copy]) -> Together | None:
        """In which numbers alike copies differ; `None` where these are not all that their boxes would say."""
        columns = [[atom.node for atom in column] for column in self.columns(copies)]
        found = self.parts.folding.together(columns)
        if found is None or not all(map(_is_told, columns, found.makers)):
            return None
        return found

    def columns(self, copies: Sequence[Copy]) -> list[tuple[Atom, ...]]:
        """The atoms of copies, those at one place side by side."""
        return list(zip(*([atom for place in copy for atom in self._atoms(place)] for copy in copies)))

    def _atoms(self, place: Place) -> list[Atom]:
        return [self.rows.found.atoms[number] for number in self.rows.drawn[place.number].atoms]

    def _form(self, place: Place, copy: Copy) -> Hashable:
        rows, unit = self.rows, self.rows.drawn[place.number]
        says = tuple(self._what(atom.node) for atom in self._atoms(place))
        wired = tuple(
            (copy.index(given.place), given.output) if given.place in copy else None for given in rows.taken(place)
        )
        main = rows.found.atoms[unit.main]
        stands = (
            tuple(map(id, main.frames)),
            main.training,
            main.node.frozen,
            len(main.part.nodes) == 1 or id(main.part),
        )
        return says, wired, stands, unit.times, len(rows.row_of[place]) == 1 or place

    def _what(self, node: NodeType) -> Hashable:
        """What a node is, but for its numbers."""
        if isinstance(node, Leaf):
            return node.op.name, node.tied, len(node.shapes)
        return self.kin(node), node.tied, len(node.shapes)


def _is_told(column: Sequence[NodeType], maker: Expression | None) -> bool:
    """Whether what differs between ops is all told by the call of their modules."""
    ops = [node.op for node in column if isinstance(node, Leaf)]
    if not ops or all(op == ops[0] for op in ops):
        return True
    told = {item.name for item in maker.items} if isinstance(maker, Construct) else set()
    return all(getattr(op, name) == getattr(ops[0], name) for op in ops for name in {*op.field_names()} - told)
