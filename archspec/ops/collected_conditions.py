"""Conditions that shape rules ask for: refused where no size meets them, else noted.

A shape rule asks `possible(equal(one, other))` where for numbers it would compare. What no size fulfils is refused
there and then; what some fulfil is noted, for `collected` to gather.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Literal

from archspec.language.symbolic import Symbolic
from archspec.ops.conditions import SizeCondition
from archspec.ops.legal_sizes import Legal

_noted: ContextVar[dict[SizeCondition, None] | None] = ContextVar("noted", default=None)


@contextmanager
def collected() -> Iterator[Collection[SizeCondition]]:
    """Gather the conditions that shape rules note meanwhile."""
    found: dict[SizeCondition, None] = {}
    token = _noted.set(found)
    try:
        yield found.keys()
    finally:
        _noted.reset(token)


def possible(condition: SizeCondition) -> bool:
    """Whether a condition holds for some sizes; where it does not hold for all, it is noted.

    >>> from archspec.ops.conditions import at_least, equal
    >>> from archspec.ops.shapes import symbol
    >>> with collected() as found:
    ...     possible(equal(symbol("H"), 2 * (symbol("H") // 2))), possible(at_least(symbol("H"), 1))
    (True, True)
    >>> list(map(str, found))
    ['H must be equal to 2*floor(H/2)']
    """
    verdict = _verdict(condition)
    if verdict == "sometimes" and (found := _noted.get()) is not None:
        found[condition] = None
    return verdict != "never"


@lru_cache(maxsize=4096)
def _verdict(condition: SizeCondition) -> Literal["always", "sometimes", "never"]:
    names = condition.names
    if not names:
        return "always" if condition.holds({}) else "never"
    if len(names) == 1:
        legal = Legal.of(next(iter(names)), [condition])
        return "always" if legal.all else "sometimes" if legal else "never"
    return _of_several(condition)


def _of_several(condition: SizeCondition) -> Literal["always", "sometimes", "never"]:
    """The verdict on a condition of several symbols, as far as its form tells it."""
    one, other = condition.one, condition.other
    if condition.kind == "divisible":
        rest = one % other
        return "sometimes" if isinstance(rest, Symbolic) else "never" if rest else "always"
    difference = one - other
    lower, upper = (difference.lower, difference.upper) if isinstance(difference, Symbolic) else (difference,) * 2
    if condition.kind == "least":
        return "always" if lower >= 0 else "never" if upper < 0 else "sometimes"
    if not isinstance(difference, Symbolic):
        return "always" if not difference else "sometimes" if condition.kind == "broadcast" else "never"
    if condition.kind == "broadcast":
        return "sometimes"
    factors = [int(factor) for monomial, factor in difference.terms.items() if monomial]
    apart = lower > 0 or upper < 0 or difference.constant % math.gcd(*factors)
    return "never" if apart else "sometimes"
