"""What must hold of symbolic sizes where shapes go together for some sizes only: `H must be divisible by 8`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from archspec.language.symbolic import Symbolic
from archspec.ops.shapes import Dim

MOST_TRIED = 4096
"""So many sizes of a symbol are tried one by one; rounding that repeats later than that is not followed to its end."""


class SizeCondition(NamedTuple):
    """One thing that must hold of symbolic sizes.

    `equal`: both are; `broadcast`: they are equal or one of them is 1; `divisible`: the first by the other, a number;
    `least`: the first is at least the other, a number.
    """

    kind: Literal["equal", "broadcast", "divisible", "least"]
    one: Dim
    other: Dim

    @property
    def sides(self) -> tuple[Dim, Dim]:
        """The two sizes or numbers that it holds against each other."""
        return self.one, self.other

    @property
    def names(self) -> frozenset[str]:
        """The symbols on which it depends."""
        return frozenset().union(*(each.names for each in self.sides if isinstance(each, Symbolic)))

    @property
    def complexity(self) -> int:
        """How many terms its sizes have."""
        return sum(each.complexity for each in self.sides if isinstance(each, Symbolic))

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it holds for these sizes of symbols."""
        one, other = (each.at(sizes) if isinstance(each, Symbolic) else each for each in self.sides)
        if self.kind == "divisible":
            return bool(one % other == 0)
        if self.kind == "least":
            return bool(one >= other)
        return bool(one == other) or (self.kind == "broadcast" and 1 in (one, other))

    def __str__(self) -> str:
        one, other = self.one, self.other
        if self.kind == "divisible":
            return f"{one} must be divisible by {other}"
        if self.kind == "least":
            return f"{one} must be at least {other}"
        either = ", or one of them 1" if self.kind == "broadcast" else ""
        return f"{one} must be equal to {other}{either}"


def equal(one: Dim, other: Dim) -> SizeCondition:
    """Two sizes must be equal."""
    return SizeCondition("equal", *_symbol_first(one, other))


def broadcast(one: Dim, other: Dim) -> SizeCondition:
    """Two sizes must be equal, or one of them 1."""
    return SizeCondition("broadcast", *_symbol_first(one, other))


def _symbol_first(one: Dim, other: Dim) -> tuple[Dim, Dim]:
    swapped = isinstance(other, Symbolic) and (
        not isinstance(one, Symbolic) or (one.complexity, str(one)) > (other.complexity, str(other))
    )
    return (other, one) if swapped else (one, other)


def divisible_by(size: Dim, divisor: int) -> SizeCondition:
    """A size must be divisible by a number."""
    return SizeCondition("divisible", size, divisor)


def at_least(size: Dim, least: int) -> SizeCondition:
    """A size must be at least a number."""
    return SizeCondition("least", size, least)
