"""Edges that only some of the blocks have that a sheet shows: those that lead to what the others lack.

A box that a block lacks passes its first input on, so of an optional sum the second wire is missing in that block, and
all that leads there alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from archspec.pictures.drawing.model import Box, Edge


def in_some(edges: Iterable[Edge], boxes: Sequence[Box], blocks: int) -> Iterator[Edge]:
    """The edges of a sheet of so many blocks; `boxes` are in order, each after those that it takes from."""
    every = list(edges)
    used = [_used(every, boxes, block) for block in range(blocks)]
    for number, edge in enumerate(every):
        there = [number in each for each in used]
        yield replace(edge, optional=True) if any(there) and not all(there) else edge


def _used(edges: Sequence[Edge], boxes: Sequence[Box], block: int) -> set[int]:
    """The edges, by number, that a block has: those by which it comes to what it gives."""
    into: dict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(edges):
        into[edge.target].append(number)
    used: set[int] = set()
    reached: set[str] = set()
    for box in reversed(boxes):
        if box.role == "output" or box.id in reached:
            lacks = bool(box.members) and not box.members[block]
            taken = [number for number in into[box.id] if not lacks or 0 in edges[number].inputs]
            used.update(taken)
            reached.update(edges[number].source for number in taken)
    return used
