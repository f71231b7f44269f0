"""The drawing model: boxes, groups of boxes and arrows, with all text decided; what renderers lay out and colour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from archspec.ops.base import Kind

Role: TypeAlias = Kind | Literal["block", "input", "output"]
"""What a box is to a reader: an op of some kind, a block drawn closed, or an end of the network."""


@dataclass(frozen=True, slots=True)
class Box:
    """One node; `id` is its address, `symbol` the sign of a join that is drawn small and round.

    `closed` is true of a block whose inside is not drawn; its role is that of its one layer, if it has but one.
    """

    id: str
    label: str
    role: Role
    tooltip: str
    training: bool = False
    symbol: str | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """A block drawn open, around what is in it."""

    id: str
    title: str
    tooltip: str
    training: bool
    items: tuple[Item, ...]


Item: TypeAlias = Box | Group


@dataclass(frozen=True, slots=True)
class Arrow:
    """A value on its way; `label` is its shape, where that is not written before."""

    source: str
    target: str
    label: str
    training: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture before its layout; `lines` stand under the title."""

    title: str
    lines: tuple[str, ...]
    items: tuple[Item, ...]
    arrows: tuple[Arrow, ...]

    def boxes(self) -> Iterator[Box]:
        """Every box, in order."""
        pending: list[Item] = list(reversed(self.items))
        while pending:
            item = pending.pop()
            if isinstance(item, Box):
                yield item
            else:
                pending.extend(reversed(item.items))
