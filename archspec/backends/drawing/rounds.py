"""Equal copies of several boxes in series: a group that the spec repeats in place is drawn once, in a frame."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator, Sequence

from msgspec import Struct

from archspec.backends.drawing.atoms import Slot
from archspec.backends.drawing.lanes import Given, Place, Row, Rows
from archspec.graph import NodeType

Line = tuple[tuple[Slot, ...], Slot]
"""A line of the spec that is repeated: the places of the blocks around it, and its own."""


class Rounds(Struct, frozen=True, eq=False):
    """Copies in series, each of the same rows: what one gives is all that the next one takes."""

    copies: tuple[tuple[Row, ...], ...]


def rounds(rows: Rows, kin: Callable[[NodeType], Hashable]) -> Iterator[Rounds]:
    """The rounds of a sheet, outer ones first; `kin` is equal for nodes that are said to be the same."""
    found: dict[tuple[int, int], dict[Line, dict[int, list[Place]]]] = defaultdict(lambda: defaultdict(dict))
    for row in rows.rows("unit"):
        for (level, at), line, copy in _copies(rows, row[0]):
            found[level, at][line].setdefault(copy, []).append(row[0])
    taken: set[Place] = set()
    for place in sorted(found):
        for copies in found[place].values():
            if len(copies) > 1 and taken.isdisjoint(place for each in copies.values() for place in each):
                for run in _runs(rows, [copies[number] for number in sorted(copies)], kin):
                    taken.update(place for each in run for place in each)
                    yield Rounds(tuple(tuple(rows.row_of[place] for place in each) for each in run))


def _copies(rows: Rows, place: Place) -> Iterator[tuple[tuple[int, int], Line, int]]:
    """The repeated lines that a unit is inside of, and the number of its copy in each."""
    paths = [rows.found.atoms[number].slots for number in rows.drawn[place.number].atoms]
    for level, slot in enumerate(paths[0]):
        for at in range(1, len(slot), 2):
            inside = level + 1 < len(paths[0]) or at + 1 < len(slot)
            if inside and all(len(path) > level and path[level][: at + 1] == slot[: at + 1] for path in paths):
                yield (level, at), (paths[0][:level], slot[:at]), slot[at]


def _runs(
    rows: Rows, copies: Sequence[Sequence[Place]], kin: Callable[[NodeType], Hashable]
) -> Iterator[list[Sequence[Place]]]:
    """Copies in a row of which each follows on the one before; of several boxes, or there is nothing to gain."""
    run: list[Sequence[Place]] = [copies[0]]
    for copy in [*copies[1:], ()]:
        if copy and _follows(rows, run[-1], copy, kin):
            run.append(copy)
            continue
        if len(run) > 1 and len(run[0]) > 1 and len(_leaving(rows, run[-1])) == 1:
            yield run
        run = [copy]


def _follows(rows: Rows, one: Sequence[Place], other: Sequence[Place], kin: Callable[[NodeType], Hashable]) -> bool:
    """Whether a copy is equal to the one before it, and takes what that gives, alone."""
    if len(one) != len(other) or [_form(rows, each, one, kin) for each in one] != [
        _form(rows, each, other, kin) for each in other
    ]:
        return False
    leaving = _leaving(rows, one)
    both = {*one, *other}
    alone = all(user in both for given in leaving for user, _ in rows.users(given))
    return len(leaving) == 1 and _entering(rows, other) == leaving and alone and len(_entering(rows, one)) == 1


def _entering(rows: Rows, copy: Sequence[Place]) -> set[Given]:
    return {given for place in copy for given in rows.taken(place) if given.place not in copy}


def _leaving(rows: Rows, copy: Sequence[Place]) -> set[Given]:
    values = {Given(place, output) for place in copy for output in range(rows.outputs(place))}
    return {given for given in values if any(user not in copy for user, _ in rows.users(given))}


def _form(rows: Rows, place: Place, copy: Sequence[Place], kin: Callable[[NodeType], Hashable]) -> Hashable:
    """Equal for boxes that say the same and are wired alike in their copies."""
    unit = rows.drawn[place.number]
    atoms = [rows.found.atoms[number] for number in unit.atoms]
    says = tuple((kin(atom.node), atom.node.input_shapes, atom.node.shapes, atom.node.tied) for atom in atoms)
    wired = tuple(
        (copy.index(given.place), given.output) if given.place in copy else None for given in rows.taken(place)
    )
    main = rows.found.atoms[unit.main]
    stands = tuple(map(id, main.frames)), main.training, main.node.frozen, len(main.part.nodes) == 1 or id(main.part)
    return says, wired, stands, unit.times, len(rows.row_of[place]) == 1 or place
