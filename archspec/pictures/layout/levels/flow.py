"""What the wires of a sheet say of its boxes, by resolution."""

from __future__ import annotations

from collections import defaultdict
from math import prod
from typing import TypeAlias

from archspec.pictures.drawing import Sheet

Extent: TypeAlias = tuple[int, ...]
"""The height and width of a map."""


class Flow:
    """What a sheet's wires say of its boxes: those before and after each, and the resolution that each gives.

    Wires along which only a size goes do not count.
    """

    def __init__(self, sheet: Sheet) -> None:
        self.order = [box.id for box in sheet.boxes()]
        self.boxes = {box.id: box for box in sheet.boxes()}
        self.after: dict[str, list[str]] = defaultdict(list)
        self.before: dict[str, list[str]] = defaultdict(list)
        self.given: dict[str, list[Extent | None]] = defaultdict(list)
        self.taken: dict[str, list[Extent | None]] = defaultdict(list)
        for edge in (edge for edge in sheet.edges if not edge.sized):
            self.after[edge.source].append(edge.target)
            self.before[edge.target].append(edge.source)
            self.given[edge.source].append(edge.extent)
            self.taken[edge.target].append(edge.extent)
        self.level = {id: self._level(id) for id in self.order}

    def _level(self, id: str) -> Extent | None:
        """What a box gives first, or else takes, where that is of one resolution."""
        if self.given[id]:
            return self.given[id][0]
        return self.taken[id][0] if len(set(self.taken[id])) == 1 else None

    def enlarges(self, id: str) -> bool:
        """Whether a box gives a larger map than one that it takes."""
        own = self.level[id]
        return own is not None and any(each and prod(each) < prod(own) for each in self.taken[id])

    def reduces(self, id: str) -> bool:
        """Whether a box gives a smaller map than each that it takes."""
        own, taken = self.level[id], self.taken[id]
        return own is not None and bool(taken) and all(each and prod(each) > prod(own) for each in taken)

    def meets(self) -> bool:
        """Whether values of one size meet again: what is enlarged was reduced before, or is joined with its like."""
        reduced: set[str] = set()
        for id in self.order:
            if self.reduces(id) or any(each in reduced for each in self.before[id]):
                reduced.add(id)
        return any(self.enlarges(id) and (id in reduced or self._is_joined(id)) for id in self.order)

    def _is_joined(self, id: str) -> bool:
        return any(self.taken[each].count(self.level[id]) > 1 for each in self.after[id])

    def is_between(self, id: str) -> bool:
        """Whether a box only brings a value from one resolution to the next, where all that take it stand."""
        if not (self.enlarges(id) or self.reduces(id)) or len(self.before[id]) != 1:
            return False
        return all(self.level[each] == self.level[id] and not self._changes(each) for each in self.after[id])

    def _changes(self, id: str) -> bool:
        return len(self.before[id]) == 1 and (self.enlarges(id) or self.reduces(id))
