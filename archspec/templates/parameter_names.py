"""A name for each parameter: the block's own word, what it is to the block, or the argument's.

A parameter is called by the block's own word for it:

>>> from archspec.elaborate.example import example
>>> from archspec.templates import fold
>>> unit = '{unit: {params: {k: int}, graph: [{conv: 3, kernel_size: k}]}}'
>>> [each.name for each in fold(example('[{unit: 1}, {unit: 3}]', blocks=unit)).templates[0].parameters]
['k']
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from archspec.graph.model import Block
from archspec.templates.grouped_differences import TAKEN, DifferenceGroup, role_of
from archspec.templates.unify import Difference

_SIZES = ("in_channels", "out_channels", "num_features", "num_channels", "in_features", "out_features")


def name_all(groups: Sequence[DifferenceGroup], blocks: Sequence[Block]) -> None:
    """Give each parameter a name of its own: the block's word, what it is to the block, or the argument's."""
    used: set[str] = set()
    wanted = {id(group): group.own or role_of(group, blocks) or group.first.argument for group in groups}
    common = {*_SIZES, *(name for name, count in Counter(wanted.values()).items() if count > 1)}
    between = [group for group in groups if group.leading and not (group.own or role_of(group, blocks))]
    if len(between) == 1 and between[0].first.argument in common:
        wanted[id(between[0])] = "hidden_channels"
    rank = {id(group): 0 if group.own else 1 if role_of(group, blocks) else 2 for group in groups}
    plain = Counter(wanted.values())
    for group in sorted(groups, key=lambda each: rank[id(each)]):
        name = wanted[id(group)]
        candidates = [name] if plain[name] == 1 or rank[id(group)] < 2 else []
        candidates += _prefixed(group.first)
        group.name = _free(candidates, used)
        used.add(group.name)


def _prefixed(difference: Difference) -> Iterable[str]:
    for length in range(1, len(difference.path) + 1):
        parts = difference.path[-length:]
        yield "_".join(parts if difference.sort != "value" else (*parts, difference.argument))


def _free(candidates: Sequence[str], used: set[str]) -> str:
    """The first candidate that is neither taken nor a word of Python; numbered where all are."""
    for candidate in candidates:
        if candidate.isidentifier() and candidate not in used | TAKEN:
            return candidate
    stem = candidates[-1] if candidates[-1].isidentifier() else f"value_{candidates[-1]}"
    return next(name for number in range(2, 10**6) if (name := f"{stem}{number}") not in used | TAKEN)
