"""Differences between instances become named parameters, as few as tell the instances apart.

Differences that go together become one parameter, named by the block's own word for them:

>>> from archspec.elaborate.example import example
>>> from archspec.templates import fold
>>> blocks = '{unit: {params: {width: int}, graph: [{conv: width, kernel_size: 1}, {conv: 4 * width, kernel_size: 1}]}}'
>>> found = fold(example('[{unit: 8}, {unit: 16}]', blocks=blocks))
>>> [(each.name, each.values) for each in found.templates[0].parameters]
[('in_channels', (Constant(value=3), Constant(value=32))), ('width', (Constant(value=8), Constant(value=16)))]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from archspec.graph.model import Block
from archspec.templates.constructor_calls import Constant, Expression
from archspec.templates.derived_parameters import condition, derived
from archspec.templates.grouped_differences import DifferenceGroup, constant_of, filled_in, grouped, role_of
from archspec.templates.parameter_names import name_all
from archspec.templates.template import Parameter
from archspec.templates.unify import Difference

Seen: TypeAlias = Callable[[Sequence[Block]], Mapping[str, Sequence[int]]]
"""The numbers that a template sees without being given them, by the words for them, one for each of its blocks."""


def settle(
    differences: Sequence[Difference],
    blocks: Sequence[Block],
    times: Sequence[int],
    seen: Mapping[str, Sequence[int]] | None = None,
) -> tuple[tuple[Parameter, ...], list[Expression]]:
    """The parameters of a template, and for each difference what stands in its place.

    The differences have a value for each of the blocks, each of which stands for so many (`times`) equal ones. What the
    template sees anyway (`seen`) becomes no parameter.
    """
    groups = grouped(differences, blocks)
    for group in groups:
        group.values = filled_in(group, blocks)
    groups.sort(key=lambda each: role_of(each, blocks) not in ("channels", "in_channels"))
    groups = [*(_as_seen(name, values) for name, values in (seen or {}).items()), *groups]
    for group in groups:
        group.base = derived(group, groups)
    for group in groups:
        if group.sort == "flag":
            group.condition = condition(group, groups, blocks)
    independent = [each for each in groups if each.base is None and each.condition is None and not each.seen]
    name_all(independent, blocks)
    given = {number: constant_of(each) for number, each in enumerate(differences) if each.constant}
    given |= {number: group.expression for group in groups for number in group.numbers}
    parameters = [_parameter(group, times) for group in independent]
    parameters.sort(key=lambda each: (not each.leading, each.default is not None))
    return tuple(parameters), [given[number] for number in range(len(differences))]


def _as_seen(name: str, values: Sequence[int]) -> DifferenceGroup:
    """A number that a template sees, as one on which others may depend; of a length only shapes do."""
    constants = tuple(map(Constant, values))
    width = "[" not in name
    first = Difference("value", constants, "in_channels" if width else "shape", (), width)
    return DifferenceGroup("value", constants, None, first, leading=width, name=name, seen=True)


def _parameter(group: DifferenceGroup, times: Sequence[int]) -> Parameter:
    default = _default(group, times)
    if group.optional:
        return Parameter(group.name, group.sort, group.values, default or Constant(None), leading=False)
    return Parameter(group.name, group.sort, group.values, default, group.leading)


def _default(group: DifferenceGroup, times: Sequence[int]) -> Expression | None:
    """The value of most instances; sizes that lead a call have none."""
    known: Counter[Expression] = Counter()
    for value, count in zip(group.values, times):
        if value is not None:
            known[value] += count
    value, most = known.most_common(1)[0]
    half = known.total() / 2
    everywhere = None not in group.values
    if group.sort == "flag":
        return Constant(most > half and value == Constant(True))
    if group.leading and not group.optional and everywhere:
        return None
    if group.sort == "module":
        return None if everywhere else Constant(None)
    if most > half or not everywhere:
        return value
    return Constant(None) if Constant(None) in known else None


def arguments_of(parameters: Sequence[Parameter], instance: int) -> Mapping[str, Expression]:
    """What one instance gives for each parameter; the default where any value will do."""
    values = {parameter.name: parameter.values[instance] or parameter.default for parameter in parameters}
    return {name: value for name, value in values.items() if value is not None}
