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

import builtins
import keyword
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct, field

from archspec.graph.model import Block
from archspec.ops.shapes import Shape
from archspec.templates.constructor_calls import Comparison, Condition, Constant, Expression, Given
from archspec.templates.template import Parameter, Sort
from archspec.templates.unify import SHAPES, Difference, Values

TAKEN = frozenset({"self", "nn", "torch", "torchvision", "F", "Tensor", "i", "layers", *keyword.kwlist, *dir(builtins)})
"""Names that a parameter must not shadow."""

_SIZES = ("in_channels", "out_channels", "num_features", "num_channels", "in_features", "out_features")

Seen: TypeAlias = Callable[[Sequence[Block]], Mapping[str, Sequence[int]]]
"""The numbers that a template sees without being given them, by the words for them, one for each of its blocks."""

LARGEST_FACTOR = 16
"""Past this a ratio between two sizes is more likely chance than design."""


class _Group(Struct):
    """Differences that are one parameter, or that follow from others.

    `numbers` are those of the differences, `first` among them, and `arguments` the torch arguments that they belong to;
    `leading` is true where one of them is. `base` is the parameter of which a size is a multiple, `condition` what a
    switch comes down to; `optional` is true where `None` says that the child it belongs to is absent.
    """

    sort: Sort
    values: Values
    own: str | None
    first: Difference
    numbers: list[int] = field(default_factory=list)
    arguments: set[str] = field(default_factory=set)
    leading: bool = False
    base: tuple[_Group, int, int] | None = None
    condition: Callable[[], Condition] | None = None
    optional: bool = False
    name: str = ""
    seen: bool = False
    """Whether a template sees it without being given it."""

    @property
    def size(self) -> bool:
        return _is_size(self.first)

    @property
    def expression(self) -> Expression:
        """What stands for it in the template, once parameters have names."""
        if self.condition is not None:
            return self.condition()
        base, factor, divisor = self.base or (self, 1, 1)
        return Given(base.name, factor, divisor)

    @property
    def whole(self) -> list[int | None]:
        """The values where all of them are whole numbers."""
        plain = [value.value if isinstance(value, Constant) else value for value in self.values]
        return plain if all(each is None or type(each) is int for each in plain) else []  # type: ignore[return-value]


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
    groups = _grouped(differences, blocks)
    for group in groups:
        group.values = _filled_in(group, blocks)
    groups.sort(key=lambda each: _role(each, blocks) not in ("channels", "in_channels"))
    groups = [*(_as_seen(name, values) for name, values in (seen or {}).items()), *groups]
    for group in groups:
        group.base = _derived(group, groups)
    for group in groups:
        if group.sort == "flag":
            group.condition = _condition(group, groups, blocks)
    independent = [each for each in groups if each.base is None and each.condition is None and not each.seen]
    _name(independent, blocks)
    given = {number: _constant(each) for number, each in enumerate(differences) if each.constant}
    given |= {number: group.expression for group in groups for number in group.numbers}
    parameters = [_parameter(group, times) for group in independent]
    parameters.sort(key=lambda each: (not each.leading, each.default is not None))
    return tuple(parameters), [given[number] for number in range(len(differences))]


def _as_seen(name: str, values: Sequence[int]) -> _Group:
    """A number that a template sees, as one on which others may depend; of a length only shapes do."""
    constants = tuple(map(Constant, values))
    width = "[" not in name
    first = Difference("value", constants, "in_channels" if width else "shape", (), width)
    return _Group("value", constants, None, first, leading=width, name=name, seen=True)


def _grouped(differences: Sequence[Difference], blocks: Sequence[Block]) -> list[_Group]:
    """Differences with the same values are one, if they are of one sort or the block's own word for them is one."""
    groups: list[_Group] = []
    for number, difference in enumerate(differences):
        if difference.constant:
            continue
        own = _own_word(difference, blocks)
        for group in groups:
            if _belongs(difference, own, group):
                group.values = tuple(_either(pair) for pair in zip(group.values, difference.values))
                break
        else:
            group = _Group(difference.sort, difference.values, own, difference)
            groups.append(group)
        group.numbers.append(number)
        group.arguments.add(difference.argument)
        group.leading = group.leading or difference.leading
    for number, difference in enumerate(differences):
        if difference.constant and (followed := _followed(difference, groups)):
            followed.numbers.append(number)
    return groups


def _followed(difference: Difference, groups: Sequence[_Group]) -> _Group | None:
    """The parameter that a constant of an optional child may well be: one for the same argument, or a size."""
    if difference.argument == "kernel_size" and _constant(difference) == Constant(1):
        return None  # a convolution of single points is meant as one
    for group in groups:
        alike = difference.argument in group.arguments or (difference.leading and group.leading)
        if alike and group.sort == difference.sort and _agree(difference.values, group.values):
            return group
    return None


def _constant(difference: Difference) -> Expression:
    return next(value for value in difference.values if value is not None)


def _agree(some: Values, others: Values) -> bool:
    """Whether values are the same wherever the first ones matter."""
    return all(one is None or one == other for one, other in zip(some, others))


def _belongs(difference: Difference, own: str | None, group: _Group) -> bool:
    if difference.sort == "module" or difference.sort != group.sort or own != group.own:
        return False
    related = own is not None or _topic(difference) == _topic(group.first)
    pairs = [(a, b) for a, b in zip(difference.values, group.values) if a is not None and b is not None]
    return related and bool(pairs) and all(a == b for a, b in pairs)


def _topic(difference: Difference) -> str:
    """What kind of quantity it is: unrelated ones stay apart even where their values happen to agree."""
    if difference.sort in ("flag", "class"):
        return difference.sort
    return "size" if _is_size(difference) else difference.argument


def _is_size(difference: Difference) -> bool:
    return difference.leading or difference.argument in {"groups", *SHAPES}


def _either(pair: tuple[Expression | None, Expression | None]) -> Expression | None:
    return pair[0] if pair[0] is not None else pair[1]


def _own_word(difference: Difference, blocks: Sequence[Block]) -> str | None:
    """The block's own param with the same values; for a class or module one that differs where it does."""
    words = [name for name in blocks[0].arguments if name.isidentifier() and name not in TAKEN]
    same = _same_pattern if difference.sort in ("class", "module") else _same_values
    matching = [word for word in words if same(difference.values, [block.arguments.get(word) for block in blocks])]
    return difference.argument if difference.argument in matching else next(iter(matching), None)


def _same_values(values: Values, own: Sequence[Any]) -> bool:
    return all(value is None or value == Constant(_hashable(given)) for value, given in zip(values, own))


def _same_pattern(values: Values, own: Sequence[Any]) -> bool:
    """Whether two instances agree in one exactly where they agree in the other."""
    if not all(isinstance(given, str) for given in own):
        return False
    pairs = {(value, given) for value, given in zip(values, own) if value is not None}
    return len(pairs) == len({value for value, _ in pairs}) == len({given for _, given in pairs})


def _hashable(value: Any) -> Any:
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _filled_in(group: _Group, blocks: Sequence[Block]) -> Values:
    """The values of a size with those that play no part set to what it means: the block's word, or its channels."""
    if not group.leading or None not in group.values:
        return group.values
    if group.own is not None and group.sort == "value":
        return tuple(Constant(_hashable(block.arguments.get(group.own))) for block in blocks)
    for sizes in (_arriving(blocks), _leaving(blocks)):
        meant = tuple(map(Constant, sizes))
        if all(type(size) is int for size in sizes) and _agree(group.values, meant):
            return meant
    return group.values


def _derived(group: _Group, groups: Sequence[_Group]) -> tuple[_Group, int, int] | None:
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
            if other.seen and _agree(group.values, other.values):
                return other, 1, 1
            for factor, divisor in ((_ratio(group, other), 1), (1, _ratio(other, group))):
                if factor and divisor and _covers(other, group):
                    return other, factor, divisor
        elif (group.first.argument, other.first.argument) == ("padding", "kernel_size") and _halves(group, other):
            return other, 1, 2
    return None


def _covers(other: _Group, group: _Group) -> bool:
    """Whether `other` has a value wherever `group` needs one."""
    return all(a is None or b is not None for a, b in zip(group.values, other.values))


def _halves(padding: _Group, kernel: _Group) -> bool:
    """Whether a kernel of odd size is always padded by half of it."""
    pairs = {(a, b) for a, b in zip(padding.whole, kernel.whole) if a is not None}
    if len(pairs) < 2 or not _covers(kernel, padding):
        return False
    return all(b is not None and b % 2 and a == b // 2 for a, b in pairs)


def _ratio(group: _Group, other: _Group) -> int | None:
    """The whole number by which `other` must be multiplied to give `group`."""
    pairs = {(a, b) for a, b in zip(group.whole, other.whole) if a is not None and b is not None}
    if len(pairs) < 2:
        return None
    ratios = {a // b if b and a % b == 0 else 0 for a, b in pairs}
    ratio = ratios.pop()
    return ratio if not ratios and 2 <= ratio <= LARGEST_FACTOR else None


def _condition(flag: _Group, groups: Sequence[_Group], blocks: Sequence[Block]) -> Callable[[], Condition] | None:
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


def _tests(groups: Sequence[_Group], blocks: Sequence[Block]) -> Iterator[list[_Test]]:
    """What usually decides whether a child is there, the likeliest first: a shortcut between input and output."""
    whole = [group for group in groups if group.sort == "value" and None not in group.values]
    strides = [_Test(group, None) for group in whole if group.first.argument == "stride"]
    sizes = [group for group in whole if group.leading]
    pairs = [_Test(sizes[0], other) for other in reversed(sizes[1:])]
    ends = [pair for pair in pairs if pair.right and pair.right.whole == _leaving(blocks)]
    yield from ([stride, pair] for pair in ends for stride in strides)
    yield from ([each] for each in (*ends, *pairs, *strides))


class _Test(NamedTuple):
    """Two sizes that may differ; without the second, a stride that may differ from 1."""

    left: _Group
    right: _Group | None

    def differs(self, instance: int) -> bool:
        return self.left.values[instance] != (self.right.values[instance] if self.right else Constant(1))


def _compared(tests: Sequence[_Test], equal: bool) -> Condition:
    parts = (Comparison(left.expression, right.expression if right else Constant(1), equal) for left, right in tests)
    return Condition(tuple(parts), every=equal)


def _is_given(group: _Group) -> Condition:
    return Condition((Comparison(group.expression, Constant(None), equal=False),))


def _name(groups: Sequence[_Group], blocks: Sequence[Block]) -> None:
    """Give each parameter a name of its own: the block's word, what it is to the block, or the argument's."""
    used: set[str] = set()
    wanted = {id(group): group.own or _role(group, blocks) or group.first.argument for group in groups}
    common = {*_SIZES, *(name for name, count in Counter(wanted.values()).items() if count > 1)}
    between = [group for group in groups if group.leading and not (group.own or _role(group, blocks))]
    if len(between) == 1 and between[0].first.argument in common:
        wanted[id(between[0])] = "hidden_channels"
    rank = {id(group): 0 if group.own else 1 if _role(group, blocks) else 2 for group in groups}
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


def _role(group: _Group, blocks: Sequence[Block]) -> str | None:
    """What a size is to the block: its input's or its output's channels."""
    values = group.whole
    if not group.leading or not values:
        return None
    arriving, leaving = _arriving(blocks), _leaving(blocks)
    if all(a is None or a == b for a, b in zip(values, arriving)):
        return "channels" if arriving == leaving else "in_channels"
    if all(a is None or a == b for a, b in zip(values, leaving)):
        return "out_channels"
    return None


def _arriving(blocks: Sequence[Block]) -> list[Any]:
    return _sizes([block.input_shapes[0] for block in blocks])


def _leaving(blocks: Sequence[Block]) -> list[Any]:
    return _sizes([block.shapes[0] for block in blocks])


def _sizes(shapes: Sequence[Shape]) -> list[Any]:
    """The channels of images and vectors; the features of sequences."""
    return [None if not shape else shape[-1] if len(shape) == 2 else shape[0] for shape in shapes]


def _parameter(group: _Group, times: Sequence[int]) -> Parameter:
    default = _default(group, times)
    if group.optional:
        return Parameter(group.name, group.sort, group.values, default or Constant(None), leading=False)
    return Parameter(group.name, group.sort, group.values, default, group.leading)


def _default(group: _Group, times: Sequence[int]) -> Expression | None:
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
