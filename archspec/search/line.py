"""The best point along one param: by bisection where the figures grow with it or fall, else by trying each value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise

from archspec.search.targets import Counted, Rank, Target, rank

Count = Callable[[int], "Counted | None"]
"""What the network comes to at a value's number; `None` where there is no network."""

PROBES = 17
"""So many values are counted first, evenly spread, to see whether the figures go one way."""


class Line:
    """The values along one param, by their numbers."""

    def __init__(self, length: int, count: Count, targets: Sequence[Target], tolerance: Fraction) -> None:
        self._length, self._targets, self._tolerance = length, targets, tolerance
        self._count = count
        self._seen: dict[int, Counted | None] = {}

    def best(self, *, every: bool = False) -> tuple[Rank, range] | None:
        """The best rank, and the run of neighbouring values that have it; `None` where no value makes a network.

        Where all that bisection counts goes one way, the rest is taken to do so; `every` tries each value regardless.
        """
        if not every and self._length > PROBES and self._one_way(self._probes()):
            candidates = self._crossings()
            if self._one_way(self._seen):
                return self._run(min(candidates, key=self._key))
        numbers = [number for number in range(self._length) if self._at(number) is not None]
        if not numbers:
            return None
        first = min(numbers, key=self._key)
        last = first
        while last + 1 < self._length and self._at(last + 1) == self._at(first):
            last += 1
        return self._rank(first), range(first, last + 1)

    def _at(self, number: int) -> Counted | None:
        if number not in self._seen:
            self._seen[number] = self._count(number)
        return self._seen[number]

    def _rank(self, number: int) -> Rank:
        counted = self._at(number)
        assert counted is not None, "only networks are ranked"
        return rank(self._targets, counted, self._tolerance)

    def _key(self, number: int) -> tuple[Rank, int]:
        return self._rank(number), number

    def _probes(self) -> list[int]:
        return sorted({(self._length - 1) * step // (PROBES - 1) for step in range(PROBES)})

    def _one_way(self, numbers: Sequence[int] | dict[int, Counted | None]) -> bool:
        """Whether all figures of these values grow, or all fall; they may stay as they are."""
        counted = [self._at(number) for number in sorted(numbers)]
        rows = [tuple(each[target.figure] for target in self._targets) for each in counted if each is not None]
        if len(rows) < len(counted):
            return False
        pairs = [pair for before, after in pairwise(rows) for pair in zip(before, after)]
        return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)

    def _crossings(self) -> list[int]:
        """The values on either side of every target's amount; beside an amount, the ends of their runs too."""
        ends = {0, self._length - 1}
        for target in self._targets:
            for beyond in self._sides(target):
                number = self._first(beyond)
                ends.update(each for each in (number - 1, number) if 0 <= each < self._length)
        if len(self._targets) > 1 and any(target.relation == "=" for target in self._targets):
            ends |= {each for number in ends for each in self._shared(number)}
        return sorted(number for number in ends if self._at(number) is not None)

    def _sides(self, target: Target) -> Iterator[Callable[[Counted], bool]]:
        first, last = self._at(0), self._at(self._length - 1)
        assert first is not None and last is not None, "probes are networks"
        grows = first[target.figure] <= last[target.figure]
        bounds = [target.amount]
        if target.relation == "=":
            bounds += [target.amount * (1 - self._tolerance), target.amount * (1 + self._tolerance)]
        for bound in bounds:
            yield partial(_beyond, target.figure, bound, grows)

    def _shared(self, number: int) -> Iterator[int]:
        """The first and last values of each run around this one in which one figure stays the same."""
        here = self._at(number)
        if here is None:
            return
        for figure in here:
            yield self._first(partial(_is, figure, here[figure], True), 0, number)
            yield self._first(partial(_is, figure, here[figure], False), number) - 1

    def _run(self, number: int) -> tuple[Rank, range]:
        """The values around this one with the same figures."""
        here = self._at(number)
        first = self._first(lambda each: each == here, 0, number)
        return self._rank(number), range(first, self._first(lambda each: each != here, number))

    def _first(self, holds: Callable[[Counted], bool], low: int = 0, high: int | None = None) -> int:
        """The first value from `low` on of which something holds that holds of all after it; `high` where of none."""
        high = self._length if high is None else high
        while low < high:
            middle = (low + high) // 2
            counted = self._at(middle)
            if counted is not None and holds(counted):
                high = middle
            else:
                low = middle + 1
        return low


def _beyond(figure: str, bound: Fraction, grows: bool, counted: Counted) -> bool:
    """Whether a figure has passed a bound, from below where it grows; one that is on it has where it grows."""
    return counted[figure] >= bound if grows else counted[figure] <= bound


def _is(figure: str, count: int, alike: bool, counted: Counted) -> bool:
    return (counted[figure] == count) is alike
