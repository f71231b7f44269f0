"""Names on boxes that would otherwise read alike: of three `fc 64` that take one value, which is the query?"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec.structs import replace

from archspec.graph.model import Leaf
from archspec.pictures.drawing.captions import line
from archspec.pictures.drawing.model import Box
from archspec.pictures.drawing.parallel_copies import Given, Row, Rows


def named_apart(drawn: Mapping[Row, Box], rows: Rows) -> dict[Row, Box]:
    """The boxes of a sheet; those that say the same, and take one value or are inputs of one op, with names.

    Those in different frames are told apart by the titles of these.
    """
    alike: dict[Hashable, list[Row]] = defaultdict(list)
    for row, box in drawn.items():
        if box.sign is None and not any(line.rank == "name" for line in box.lines):
            frames = rows.found.atoms[rows.drawn[row[0].number].main].frames
            alike[box.role, box.lines, tuple(map(id, frames))].append(row)
    names: dict[Row, str] = {}
    for same in alike.values():
        sisters = [*dict.fromkeys(_sisters(same, rows))]
        addresses = [drawn[row].id.rpartition("/")[2] for row in sisters]
        own = [_name(address, False) for address in addresses]
        names |= zip(sisters, own if len({*own}) == len(own) else [_name(address, True) for address in addresses])
    return {row: _named(box, names.get(row, "")) for row, box in drawn.items()}


def _sisters(same: Sequence[Row], rows: Rows) -> Iterator[Row]:
    near = {row: {*_taken(row, rows), *_users(row, rows)} for row in same}
    for one, other in combinations(same, 2):
        if not near[one].isdisjoint(near[other]):
            yield from (one, other)


def _taken(row: Row, rows: Rows) -> Iterator[Hashable]:
    return (given for place in row for given in rows.taken(place))


def _users(row: Row, rows: Rows) -> Iterator[Hashable]:
    """The boxes that take what a row gives, and to which it matters which of their inputs that is."""
    for place in row:
        for output in range(rows.outputs(place)):
            for user, _ in rows.users(Given(place, output)):
                taker = rows.taker(user)
                if taker is not None and not (isinstance(taker, Leaf) and taker.op.commutative):
                    yield rows.row_of[user]


def _name(address: str, numbered: bool) -> str:
    """The last name of an address, with the numbers behind it where it is to be `numbered`; of numbers alone none.

    >>> _name("layer.q", False), _name("layer.heads.2.0", False), _name("layer.heads.2.0", True)
    ('q', 'heads', 'heads.2.0')
    """
    found = re.search(r"([^.]*[^.\d][^.]*)((\.\d+)*)$", address)
    return "" if found is None else found[0] if numbered else found[1]


def _named(box: Box, name: str) -> Box:
    return replace(box, lines=(line(name, "name"), *box.lines)) if name else box
