"""Differences between instances that are one parameter, because their values are the same and mean the same."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

from archspec.graph.model import Block
from archspec.ops.shapes import Shape
from archspec.templates.constructor_calls import Condition, Constant, Expression, Given
from archspec.templates.template import Sort
from archspec.templates.unify import SHAPES, Difference, Values

TAKEN = frozenset({"self", "nn", "torch", "torchvision", "F", "Tensor", "i", "layers", *keyword.kwlist, *dir(builtins)})
"""Names that a parameter must not shadow."""


class DifferenceGroup(Struct):
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
    base: tuple[DifferenceGroup, int, int] | None = None
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


def grouped(differences: Sequence[Difference], blocks: Sequence[Block]) -> list[DifferenceGroup]:
    """Differences with the same values are one, if they are of one sort or the block's own word for them is one."""
    groups: list[DifferenceGroup] = []
    for number, difference in enumerate(differences):
        if difference.constant:
            continue
        own = _own_word(difference, blocks)
        for group in groups:
            if _belongs(difference, own, group):
                group.values = tuple(_either(pair) for pair in zip(group.values, difference.values))
                break
        else:
            group = DifferenceGroup(difference.sort, difference.values, own, difference)
            groups.append(group)
        group.numbers.append(number)
        group.arguments.add(difference.argument)
        group.leading = group.leading or difference.leading
    for number, difference in enumerate(differences):
        if difference.constant and (followed := _followed(difference, groups)):
            followed.numbers.append(number)
    return groups


def _followed(difference: Difference, groups: Sequence[DifferenceGroup]) -> DifferenceGroup | None:
    """The parameter that a constant of an optional child may well be: one for the same argument, or a size."""
    if difference.argument == "kernel_size" and constant_of(difference) == Constant(1):
        return None  # a convolution of single points is meant as one
    for group in groups:
        alike = difference.argument in group.arguments or (difference.leading and group.leading)
        if alike and group.sort == difference.sort and agree(difference.values, group.values):
            return group
    return None


def constant_of(difference: Difference) -> Expression:
    """The value of a difference that is the same wherever it matters."""
    return next(value for value in difference.values if value is not None)


def agree(some: Values, others: Values) -> bool:
    """Whether values are the same wherever the first ones matter."""
    return all(one is None or one == other for one, other in zip(some, others))


def _belongs(difference: Difference, own: str | None, group: DifferenceGroup) -> bool:
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


def filled_in(group: DifferenceGroup, blocks: Sequence[Block]) -> Values:
    """The values of a size with those that play no part set to what it means: the block's word, or its channels."""
    if not group.leading or None not in group.values:
        return group.values
    if group.own is not None and group.sort == "value":
        return tuple(Constant(_hashable(block.arguments.get(group.own))) for block in blocks)
    for sizes in (arriving_sizes(blocks), leaving_sizes(blocks)):
        meant = tuple(map(Constant, sizes))
        if all(type(size) is int for size in sizes) and agree(group.values, meant):
            return meant
    return group.values


def role_of(group: DifferenceGroup, blocks: Sequence[Block]) -> str | None:
    """What a size is to the block: its input's or its output's channels."""
    values = group.whole
    if not group.leading or not values:
        return None
    arriving, leaving = arriving_sizes(blocks), leaving_sizes(blocks)
    if all(a is None or a == b for a, b in zip(values, arriving)):
        return "channels" if arriving == leaving else "in_channels"
    if all(a is None or a == b for a, b in zip(values, leaving)):
        return "out_channels"
    return None


def arriving_sizes(blocks: Sequence[Block]) -> list[Any]:
    """The channels that arrive at each block."""
    return _sizes([block.input_shapes[0] if block.input_shapes else () for block in blocks])


def leaving_sizes(blocks: Sequence[Block]) -> list[Any]:
    """The channels that each block gives."""
    return _sizes([block.shapes[0] for block in blocks])


def _sizes(shapes: Sequence[Shape]) -> list[Any]:
    """The channels of images and vectors; the features of sequences."""
    return [None if not shape else shape[-1] if len(shape) == 2 else shape[0] for shape in shapes]
