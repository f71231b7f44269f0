"""The sizes that a symbol may have under all its conditions: found by trying, and said in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from archspec.language.budget import spend
from archspec.language.symbolic import Symbolic
from archspec.ops.conditions import MOST_TRIED, SizeCondition
from archspec.ops.shapes import Dim


class Legal(NamedTuple):
    """The sizes of one symbol for which conditions hold: those of `small`, and from `start` on those whose remainder
    by `modulus` is one of `residues`."""

    name: str
    small: tuple[int, ...]
    start: int
    modulus: int
    residues: tuple[int, ...]

    @classmethod
    def of(cls, name: str, conditions: Iterable[SizeCondition]) -> Legal:
        """Found by trying sizes until everything repeats; where nothing does, by trying the first few thousand."""
        return _legal(name, tuple(dict.fromkeys(conditions)))

    def __bool__(self) -> bool:
        return bool(self.small or self.residues)

    @property
    def all(self) -> bool:
        """Whether every size is legal."""
        return self.start == 1 and self.modulus == 1 and bool(self.residues)

    def sizes(self, count: int, least: int = 1) -> list[int]:
        """The first legal sizes from `least` on."""
        small = [size for size in self.small if size >= least]
        if not self.residues:
            return small[:count]
        at, found = max(least, self.start), small
        while len(found) < count:
            if at % self.modulus in self.residues:
                found.append(at)
            at += 1
        return found

    def __str__(self) -> str:
        """In words: `H must be divisible by 8`."""
        parts = []
        if self.small:
            parts.append(_listed(self.small))
        if self.residues:
            parts.append(self._many())
        return f"{self.name} must be {', or '.join(parts)}"

    def _many(self) -> str:
        least = next(
            size for size in range(self.start, self.start + self.modulus) if size % self.modulus in self.residues
        )
        natural = min(residue or self.modulus for residue in self.residues)
        words = _residue_words(self.modulus, self.residues)
        if not words:
            return f"at least {least}"
        return words if least == natural else f"{words} and at least {least}"


@lru_cache(maxsize=4096)
def _legal(name: str, conditions: tuple[SizeCondition, ...]) -> Legal:
    rising = [each for each in conditions if each.kind == "least" and each.one.grows]
    wanted = [each for each in conditions if each not in rising]
    least = max([_first(name, each) for each in rising], default=1)
    if not wanted:
        return Legal(name, (), least, 1, (0,))
    period, settled = math.lcm(*map(_period, wanted)), max([least, *map(_settled, wanted)])
    if repeats := 0 < period <= MOST_TRIED:
        tail = range(max(1, settled - _BACK), settled + period + 1)
    else:
        period, tail = 1, range(1, MOST_TRIED + 1)
    tried = (*range(1, min(tail.start, MOST_TRIED)), *tail)
    spend(len(tried) * sum(each.complexity for each in wanted))
    found = {size for size in tried if size >= least and all(each.holds({name: size}) for each in wanted)}
    last = tail[-period:] if repeats else tail[-MOST_TRIED // 4 :]
    if not repeats and 0 < len(found.intersection(last)) < len(last):
        return Legal(name, tuple(sorted(found)), MOST_TRIED, 1, ())
    modulus, residues = _reduced(period, {size % period for size in last if size in found})
    start = tail.stop
    for size in reversed(tried):
        if size != start - 1 or (size in found) != (size % modulus in residues):
            break
        start = size
    return Legal(name, tuple(sorted(size for size in found if size < start)), start, modulus, residues)


def _first(name: str, condition: SizeCondition) -> int:
    """The first size for which a condition holds that, once it holds, holds for all larger ones."""
    spend(20 * condition.complexity)
    high = 1
    while not condition.holds({name: high}):
        high *= 2
    low = high // 2
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (low, middle) if condition.holds({name: middle}) else (middle, high)
    return high


_BACK = 64
"""So far before everything has settled sizes are tried, whatever they are."""


def _period(condition: SizeCondition) -> int:
    period = math.lcm(*(each.period for each in condition.sides if isinstance(each, Symbolic)))
    return period * condition.other if condition.kind == "divisible" else period


def _settled(condition: SizeCondition) -> int:
    """A size from which on only rounding decides whether a condition of one symbol holds."""
    pairs = [pair for each in condition.sides if isinstance(each, Symbolic) for pair in each.maxima()]
    if condition.kind != "divisible":
        pairs.append(condition.sides)
    if condition.kind == "broadcast":
        pairs += [(each, 1) for each in condition.sides]
    return max([_crossing(one - other) for one, other in pairs], default=1)


def _crossing(difference: Dim) -> int:
    """A size from which on a difference does not change its sign, nor become 0 but by rounding."""
    if not isinstance(difference, Symbolic):
        return 1
    slopes, least, greatest = difference.envelope
    slope = abs(Fraction(sum(slopes.values())))
    if math.isinf(least) or math.isinf(greatest):
        return MOST_TRIED
    return max(1, math.ceil(max(-least, least, -greatest, greatest) / slope)) if slope else 1


def _reduced(period: int, residues: set[int]) -> tuple[int, tuple[int, ...]]:
    """The smallest modulus that tells these residues from the others, and them by it."""
    for modulus in range(1, period + 1):
        if period % modulus == 0:
            short = {residue % modulus for residue in residues}
            if len(short) * (period // modulus) == len(residues):
                return modulus, tuple(sorted(short))
    return period, tuple(sorted(residues))


def _residue_words(modulus: int, residues: Sequence[int]) -> str:
    """Which remainders are legal; empty where all are."""
    if modulus == 1:
        return ""
    if residues == (0,):
        return f"divisible by {modulus}"
    if modulus == 2:
        return "odd"
    if len(residues) == 1:
        return f"{residues[0]} more than a multiple of {modulus}"
    if tuple(residues) == tuple(range(1, modulus)):
        return f"not divisible by {modulus}"
    return f"{_listed(residues)} more than a multiple of {modulus}"


def _listed(numbers: Sequence[int]) -> str:
    """Numbers in words, those in a row as a range: `3, 5 or 8 to 12`."""
    rows: list[list[int]] = []
    for number in numbers:
        if rows and rows[-1][-1] == number - 1:
            rows[-1].append(number)
        else:
            rows.append([number])
    words = [word for row in rows for word in ([f"{row[0]} to {row[-1]}"] if len(row) > 2 else map(str, row))]
    words = [*words[:5], f"{len(words) - 5} more"] if len(words) > 6 else words
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
