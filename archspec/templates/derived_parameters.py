"""Parameters that follow from others: multiples of a size, the padding that keeps one, what a stride decides.

A width that is always four times another needs no parameter:

>>> from archspec.elaborate.example import example
>>> from archspec.templates import fold
>>> unit = '{unit: {params: {width: int}, graph: [{conv: width, kernel_size: 1}, {conv: 4 * width, kernel_size: 1}]}}'
>>> found = fold(example('[{unit: 8}, {unit: 16}]', blocks=unit)).templates[0]
>>> [found.children[1].maker.items[1].value, [each.name for each in found.parameters]]
[Given(parameter='width', factor=4, divisor=1), ['in_channels', 'width']]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from archspec.graph.model import Block
from archspec.templates.constructor_calls import Comparison, Condition, Constant
from archspec.templates.grouped_differences import DifferenceGroup, agree, leaving_sizes
from archspec.templates.unify import SHAPES

LARGEST_FACTOR = 16
"""Past this a ratio between two sizes is more likely chance than design."""


def derived(group: DifferenceGroup, groups: Sequence[DifferenceGroup]) -> tuple[DifferenceGroup, int, int] | None:
    """Another parameter from which this one follows: a multiple of a size, or the padding that keeps a size.

    It is an earlier one, or one of the block's own words.
    """
    if group.seen or (group.own is not None and group.first.argument != "padding"):
        return None
    place = groups.index(group)
    for number, other in enumerate(groups):
        if other is group or other.base is not None or not (number < place or other.own is not None):
            continue
        if group.size and other.size:
            if other.first.argument in SHAPES and other.seen and group.first.argument not in SHAPES:
                continue  # a width that is some length is so by chance
            if other.seen and agree(group.values, other.values):
                return other, 1, 1
            for factor, divisor in ((_ratio(group, other), 1), (1, _ratio(other, group))):
                if factor and divisor and _covers(other, group):
                    return other, factor, divisor
        elif (group.first.argument, other.first.argument) == ("padding", "kernel_size") and _halves(group, other):
            return other, 1, 2
    return None


def _covers(other: DifferenceGroup, group: DifferenceGroup) -> bool:
    """Whether `other` has a value wherever `group` needs one."""
    return all(a is None or b is not None for a, b in zip(group.values, other.values))


def _halves(padding: DifferenceGroup, kernel: DifferenceGroup) -> bool:
    """Whether a kernel of odd size is always padded by half of it."""
    pairs = {(a, b) for a, b in zip(padding.whole, kernel.whole) if a is not None}
    if len(pairs) < 2 or not _covers(kernel, padding):
        return False
    return all(b is not None and b % 2 and a == b // 2 for a, b in pairs)


def _ratio(group: DifferenceGroup, other: DifferenceGroup) -> int | None:
    """The whole number by which `other` must be multiplied to give `group`."""
    pairs = {(a, b) for a, b in zip(group.whole, other.whole) if a is not None and b is not None}
    if len(pairs) < 2:
        return None
    ratios = {a // b if b and a % b == 0 else 0 for a, b in pairs}
    ratio = ratios.pop()
    return ratio if not ratios and 2 <= ratio <= LARGEST_FACTOR else None


def condition(
    flag: DifferenceGroup, groups: Sequence[DifferenceGroup], blocks: Sequence[Block]
) -> Callable[[], Condition] | None:
    """What a switch comes down to in every instance: a stride, sizes that differ, or a value that is given."""
    wanted = [value == Constant(True) for value in flag.values]
    if None in flag.values:
        return None
    for group in groups:
        given = [value is not None for value in group.values]
        if group.sort in ("value", "class") and group.base is None and given == wanted:
            group.optional = True
            group.values = tuple(value or Constant(None) for value in group.values)
            return partial(_is_given, group)
    for test in _tests(groups, blocks):
        differ = [any(each.differs(at) for each in test) for at in range(len(wanted))]
        if differ == wanted or [not each for each in differ] == wanted:
            return partial(_compared, test, differ != wanted)
    return None


def _tests(groups: Sequence[DifferenceGroup], blocks: Sequence[Block]) -> Iterator[list[_Test]]:
    """What usually decides whether a child is there, the likeliest first: a shortcut between input and output."""
    whole = [group for group in groups if group.sort == "value" and None not in group.values]
    strides = [_Test(group, None) for group in whole if group.first.argument == "stride"]
    sizes = [group for group in whole if group.leading]
    pairs = [_Test(sizes[0], other) for other in reversed(sizes[1:])]
    ends = [pair for pair in pairs if pair.right and pair.right.whole == leaving_sizes(blocks)]
    yield from ([stride, pair] for pair in ends for stride in strides)
    yield from ([each] for each in (*ends, *pairs, *strides))


class _Test(NamedTuple):
    """Two sizes that may differ; without the second, a stride that may differ from 1."""

    left: DifferenceGroup
    right: DifferenceGroup | None

    def differs(self, instance: int) -> bool:
        return self.left.values[instance] != (self.right.values[instance] if self.right else Constant(1))


def _compared(tests: Sequence[_Test], equal: bool) -> Condition:
    parts = (Comparison(left.expression, right.expression if right else Constant(1), equal) for left, right in tests)
    return Condition(tuple(parts), every=equal)


def _is_given(group: DifferenceGroup) -> Condition:
    return Condition((Comparison(group.expression, Constant(None), equal=False),))
