"""Numbers that rise from copy to copy → one expression of the copies' index, as the rates of stochastic depth are said.

`{block: , p: 0.0117647}`, `{block: , p: 0.0176471}`, `{block: , p: 0.0235294}` → `{block: , p: 0.1 * (i + 2) / 17}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.importing.noise import DIGITS
from archspec.importing.page.scalars import Tree, Word, value_text

STEPS = 400
"""A rate is reached after at most so many steps."""
_UNEVEN = 2e-7
"""So far may rates be from rising evenly, which rounded ones do not quite."""


def with_progressions(trees: Sequence[Tree]) -> list[Tree]:
    """The calls of a series, equal ones for each run of several that differ in one rising number."""
    result: list[Tree] = []
    while len(result) < len(trees):
        result += next(_runs(trees, len(result)), [trees[len(result)]])
    return result


def _runs(trees: Sequence[Tree], start: int) -> Iterator[list[Tree]]:
    """The calls from a place on that are one run, in the form that all of them share; the longest run first."""
    for stop in range(len(trees), start + 1, -1):
        name = _sole_difference(trees[start:stop])
        text = name and progression([float(each[name]) for each in trees[start:stop]])
        if name and text:
            yield [{**each, name: Word(text)} for each in trees[start:stop]]


def _sole_difference(trees: Sequence[Tree]) -> str | None:
    """The one field in which calls differ, each holding a fraction there."""
    first = trees[0]
    if not all(isinstance(each, dict) and each.keys() == first.keys() for each in trees):
        return None
    differing = [name for name, value in first.items() if any(each[name] != value for each in trees)]
    fractions = len(differing) == 1 and all(_is_fraction(each[differing[0]]) for each in trees)
    return differing[0] if fractions else None


def _is_fraction(tree: Tree) -> bool:
    try:
        return isinstance(tree, Word) and 0 < float(tree) < 1
    except ValueError:
        return False


def progression(values: Sequence[float]) -> str | None:
    """Rates that rise evenly from 0 to one of two digits, as an expression of `i` that gives just these numbers.

    Those that were rounded, as a traced network's are, are what the expression gives when it is rounded as they are.

    >>> progression([0.0117647, 0.0176471, 0.0235294])
    '0.1 * (i + 2) / 17'
    """
    step = (values[-1] - values[0]) / (len(values) - 1)
    if step <= 0 or any(abs(value - values[0] - step * at) > _UNEVEN for at, value in enumerate(values)):
        return None
    rounded = any(value == round(value, DIGITS) != round(value, DIGITS - 1) for value in values)
    start = round(values[0] / step)
    for steps in range(max(1, start + len(values) - 1), STEPS):
        rate = round(step * steps, 2)
        rates = [rate * (start + at) / steps for at in range(len(values))]
        if rate and ([round(each, DIGITS) for each in rates] if rounded else rates) == [*values]:
            return f"{value_text(rate)} * {f'(i + {start})' if start else 'i'} / {steps}"
    return None
