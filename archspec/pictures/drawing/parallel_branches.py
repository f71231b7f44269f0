"""Branches side by side that differ only in numbers: many of them are drawn as one, with a table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterator

from archspec.graph.model import NodeType
from archspec.pictures.drawing.aligned_children import Parts
from archspec.pictures.drawing.parallel_copies import Given, Place, Rows
from archspec.pictures.drawing.series_copies import Copy, Rounds, Said

MANY = 6
"""So many branches are drawn as one, at least: fewer are read faster side by side."""


def branches(rows: Rows, kin: Callable[[NodeType], Hashable], parts: Parts) -> Iterator[Rounds]:
    """The branches from one value into one box that are alike but for numbers, each a copy of as many boxes.

    From now on their boxes are the lanes of one row each.
    """
    said = Said(rows, kin, parts)
    alike: dict[Hashable, list[Copy]] = defaultdict(list)
    for row in list(rows.rows("unit")):
        for given in dict.fromkeys(rows.taken(row[0])) if len(row) == 1 else ():
            if (found := _branch(rows, given)) is not None:
                source, copy = found
                alike[row, source, said.alike(copy)].append(copy)
    for copies in alike.values():
        together = said.together(copies) if len(copies) >= MANY else None
        if together is not None and _settled(rows, copies):
            yield Rounds(tuple(tuple((place,) for place in copy) for copy in copies), together)


def _branch(rows: Rows, given: Given) -> tuple[Given, Copy] | None:
    """The boxes in series that lead to a value and nowhere else, and what they begin with."""
    copy: list[Place] = []
    while given.place.kind == "unit" and len(rows.row_of[given.place]) == 1:
        taken = rows.taken(given.place)
        if len(taken) != 1 or rows.outputs(given.place) != 1 or len(rows.users(given)) != 1:
            break
        copy.insert(0, given.place)
        given = taken[0]
    return (given, copy) if copy else None


def _settled(rows: Rows, copies: list[Copy]) -> bool:
    """Put the boxes at each place of the copies side by side; nothing is done where they are not all wired alike."""
    wanted = [tuple(places) for places in zip(*copies)]
    before = dict(rows.row_of)
    rows.settle(wanted)
    if all(rows.row_of[row[0]] == row for row in wanted):
        return True
    rows.row_of = before
    return False
