"""What a network should come to: `macs=300M`, `params<=5M macs<=400M`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.source import Source, Span
from archspec.search.figures import FIGURES, amount

Counted = Mapping[str, int]
"""A network's figures by name."""


class Target(NamedTuple):
    """One figure and what it should be: about an amount, at most that, or at least that."""

    figure: str
    relation: str
    """`=`, `<=` or `>=`."""
    amount: Fraction
    span: Span

    def __str__(self) -> str:
        return f"{self.figure}{self.relation}{self.amount}"

    def distance(self, count: int) -> Fraction:
        """How far a count is from the amount, as a share of the amount."""
        return abs(count - self.amount) / self.amount

    def missed(self, count: int, tolerance: Fraction) -> Fraction:
        """By what share a count misses the target; 0 where it meets it."""
        away = self.distance(count)
        if self.relation == "=":
            return away if away > tolerance else Fraction(0)
        beyond = count > self.amount if self.relation == "<=" else count < self.amount
        return away if beyond else Fraction(0)


class Rank(NamedTuple):
    """How good a network is under some targets: the least rank is the best."""

    missed: Fraction
    """By what share it misses that target which it misses most."""
    off: Fraction
    """How far the figures are from what they should be about."""
    unused: Fraction
    """How much of the bounds is left: of those above, or where there are none of those below."""


def rank(targets: Sequence[Target], counted: Counted, tolerance: Fraction) -> Rank:
    """The rank of a network's figures."""
    about = [each for each in targets if each.relation == "="]
    bounds = [each for each in targets if each.relation == "<="] or [each for each in targets if each.relation == ">="]
    return Rank(
        max(each.missed(counted[each.figure], tolerance) for each in targets),
        max((each.distance(counted[each.figure]) for each in about), default=Fraction(0)),
        sum((each.distance(counted[each.figure]) for each in bounds), Fraction(0)),
    )


def parse_targets(texts: Iterable[str]) -> tuple[Target, ...]:
    """The targets in some texts, several to a text; raises `SpecError` for what is none.

    >>> [str(target) for target in parse_targets(["params<=5M macs=0.4G"])]
    ['params<=5000000', 'macs=400000000']
    """
    found = tuple(target for text in texts for target in _of_text(text))
    if not found:
        raise SpecError([Diagnostic("target", "nothing is asked for", expected=_FORM)])
    return found


_FORM = "a figure and an amount, such as `macs=300M` or `params<=5M`"


def _of_text(text: str) -> Iterator[Target]:
    source = Source("--target", text)
    for word in re.finditer(r"[^\s,]+", text):
        span = Span(source, 1, word.start() + 1, 1, word.end() + 1)
        parts = re.fullmatch(r"(\w+)(<=|>=|=)(.+)", word[0])
        value = amount(parts[3]) if parts else None
        if parts is None or not value:
            raise SpecError([Diagnostic("target", f"`{word[0]}` is not a target", span, expected=_FORM)])
        if parts[1] not in FIGURES:
            help_ = did_you_mean(parts[1], FIGURES)
            raise SpecError([Diagnostic("target", f"`{parts[1]}` is not counted", span, help=help_)])
        yield Target(parts[1], parts[2], value, span)
