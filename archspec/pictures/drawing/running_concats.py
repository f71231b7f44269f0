"""Running concatenations: one that begins or ends with all that an earlier one joins is drawn as taking that one."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.model import Leaf
from archspec.pictures.drawing.parallel_copies import Given, Place, Rows

Joined = tuple[tuple[Given, ...], object]
"""The values that a concatenation joins, and how."""


def running(rows: Rows) -> Iterator[tuple[Place, tuple[Place, range]]]:
    """The concatenations of a sheet that hold an earlier one: that one, and the inputs that it stands for."""
    earlier: dict[Joined, Place] = {}
    for number, unit in enumerate(rows.drawn):
        place, node = Place("unit", number), rows.found.atoms[unit.main].node
        if not isinstance(node, Leaf) or not node.op.accumulates or len(rows.row_of[place]) > 1:
            continue
        taken, alike = tuple(rows.taken(place)), (node.op, rows.found.atoms[unit.main].part.present)
        pieces = (range(*ends) for size in range(len(taken) - 1, 1, -1) for ends in _ends(size, len(taken)))
        for piece in pieces:
            if (shorter := earlier.get((taken[piece.start : piece.stop], alike))) is not None:
                yield place, (shorter, piece)
                break
        earlier.setdefault((taken, alike), place)


def _ends(size: int, whole: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (0, size), (whole - size, whole)
