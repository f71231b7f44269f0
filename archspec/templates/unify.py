"""Anti-unification: many constructor calls become one call with holes where they differ.

`nn.Conv2d(3, 8)` and `nn.Conv2d(3, 16)` become one call with a hole, and what goes into it:

>>> from archspec.templates.constructor_calls import Constant
>>> unifier = Unifier(())
>>> unifier.fold((Constant(8), Constant(16)), 'out_channels', ('conv',))
Hole(number=0)
>>> unifier.differences[0].values
(Constant(value=8), Constant(value=16))
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.graph.model import Block
from archspec.templates.align import may_miss, merged
from archspec.templates.constructor_calls import (
    Chain,
    Constant,
    Construct,
    Expression,
    Hole,
    Item,
    Link,
    Reference,
    listed,
)
from archspec.templates.template import Sort

DIMENSIONS = 3
"""Of sizes, at most; more numbers in a row are a list of something else."""

SHAPES = frozenset({"shape", "unflattened_size"})
"""The arguments that are whole shapes, of any rank."""

Values = tuple[Expression | None, ...]
"""One entry an instance; `None` where an instance lacks the child and any value will do."""


class Difference(Struct, frozen=True):
    """One place where instances differ.

    `argument` is the torch argument or child it belongs to, `path` the children's labels that lead to it; `leading` is
    true for the sizes that come first in a call. Where `constant` is true no instance that has the child differs: it is
    a place that may follow a parameter, but needs none.
    """

    sort: Sort
    values: Values
    argument: str
    path: tuple[str, ...]
    leading: bool
    constant: bool = False


class Unifier(Struct):
    """Folds expressions of several blocks and keeps what differs between them, numbered as the holes are."""

    blocks: Sequence[Block]
    differences: list[Difference] = field(default_factory=list)

    def fold(
        self,
        values: Values,
        argument: str,
        path: tuple[str, ...],
        *,
        leading: bool = False,
        per_dimension: bool = False,
    ) -> Expression:
        """The one expression that stands for all of `values`."""
        present = [value for value in values if value is not None]
        first = present[0]
        if all(value == first for value in present):
            if len(present) == len(values):
                return first
            return self._maybe_following(values, argument, path, leading, per_dimension)
        if all(isinstance(value, Constant) for value in present):
            sizes = self._sizes(values, argument, path, per_dimension)
            return sizes or self._hole("value", values, argument, path, leading)
        if all(isinstance(value, Reference) or value == Constant(None) for value in present):
            return self._hole("class", values, argument, path, False)
        return (
            self._same_class(values, path)
            or self._same_arguments(values, argument, path)
            or self._chains(values, path)
            or self._hole("module", values, argument, path, False)
        )

    def flag(self, values: Sequence[bool | None], argument: str, path: tuple[str, ...]) -> Expression:
        """The truth value of whether a child is there."""
        if all(value is not False for value in values):
            return Constant(True)
        known = tuple(None if value is None else Constant(value) for value in values)
        return self._hole("flag", known, argument, (*path, argument), False)

    def _maybe_following(
        self, values: Values, argument: str, path: tuple[str, ...], leading: bool, per_dimension: bool
    ) -> Expression:
        """What is the same in all instances that have it, with each of its numbers free to follow a parameter."""
        first = next(value for value in values if value is not None)
        if (sizes := self._sizes(values, argument, path, per_dimension)) is not None:
            return sizes
        if isinstance(first, (Constant, Reference)):
            sort: Sort = "value" if isinstance(first, Constant) else "class"
            self.differences.append(Difference(sort, values, argument, path, leading, constant=True))
            return Hole(len(self.differences) - 1)
        return self._same_class(values, path) or self._chains(values, path) or first

    def _sizes(self, values: Values, argument: str, path: tuple[str, ...], per_dimension: bool) -> Expression | None:
        """Lists of numbers, those of each place by themselves; a list that is the block's own word stays one."""
        plain = [getattr(value, "value", None) for value in values]
        rows = None if Constant(None) in values else _by_place(plain, per_dimension, shape=argument in SHAPES)
        if rows is None or any(map(partial(_is_word, values, self.blocks), self.blocks[0].arguments)):
            return None
        rank = len(next(filter(None, rows)))
        columns = ([None if row is None else Constant(row[at]) for row in rows] for at in range(rank))
        return listed(tuple(self._size(tuple(column), argument, path) for column in columns), per_dimension)

    def _size(self, values: Values, argument: str, path: tuple[str, ...]) -> Expression:
        """The number of one place."""
        first = next(value for value in values if value is not None)
        constant = all(value in (None, first) for value in values)
        if constant and None not in values:
            return first
        self.differences.append(Difference("value", values, argument, path, False, constant))
        return Hole(len(self.differences) - 1)

    def _hole(self, sort: Sort, values: Values, argument: str, path: tuple[str, ...], leading: bool) -> Hole:
        self.differences.append(Difference(sort, values, argument, path, leading))
        return Hole(len(self.differences) - 1)

    def _same_class(self, values: Values, path: tuple[str, ...]) -> Expression | None:
        """Calls of one class: the arguments are folded one by one."""
        calls = _constructs(values)
        if calls is None or len({(call.callee, call.frozen, _names(call)) for call in calls if call}) > 1:
            return None
        first = next(call for call in calls if call)
        items = []
        for number, item in enumerate(first.items):
            column = tuple(call.items[number].value if call else None for call in calls)
            value = self.fold(column, item.name, path, leading=item.positional, per_dimension=item.per_dimension)
            items.append(replace(item, value=value))
        return replace(first, items=tuple(items))

    def _same_arguments(self, values: Values, argument: str, path: tuple[str, ...]) -> Expression | None:
        """Calls of several classes with the very same arguments: the class is the hole."""
        calls = _constructs(values)
        if calls is None or not all(isinstance(call.callee, str) for call in calls if call):
            return None
        if len({(_shown(call), call.frozen) for call in calls if call}) > 1:
            return None
        classes = tuple(Reference(str(call.callee)) if call else None for call in calls)
        first = next(call for call in calls if call)
        items = tuple(replace(item, default=None) for item in _shown(first))
        return replace(first, callee=self._hole("class", classes, argument, path, False), items=items)

    def _chains(self, values: Values, path: tuple[str, ...]) -> Expression | None:
        """Chains of one definition, in which links may be missing."""
        if not all(isinstance(value, Chain) for value in values if value is not None):
            return None
        chains = [value if isinstance(value, Chain) else None for value in values]
        first = next(chain for chain in chains if chain)
        if any((chain.numbered, chain.frozen) != (first.numbered, first.frozen) for chain in chains if chain):
            return None
        slots = merged([[link.slot for link in chain.links] for chain in chains if chain])
        if slots is None:
            return None
        rows = [None if chain is None else {link.slot: link for link in chain.links} for chain in chains]
        columns = [[None if row is None else row.get(slot) for row in rows] for slot in slots]
        optional = may_miss(slots)
        for slot, column in zip(slots, columns):
            missing = any(link is None and row is not None for link, row in zip(column, rows))
            names = {link.name for link in column if link}
            if (missing and not optional(slot)) or (len(names) > 1 and not first.numbered):
                return None
        present = [[None if row is None else link is not None for link, row in zip(column, rows)] for column in columns]
        return replace(first, links=tuple(self._link(each, there, path) for each, there in zip(columns, present)))

    def _link(self, column: Sequence[Link | None], present: Sequence[bool | None], path: tuple[str, ...]) -> Link:
        first = next(link for link in column if link)
        switch = self.flag(present, first.label, path)
        values = tuple(link.value if link else None for link in column)
        return replace(first, value=self.fold(values, first.label, (*path, first.label)), present=switch)


def _by_place(values: Sequence[Any], per_dimension: bool, *, shape: bool) -> list[tuple[int, ...] | None] | None:
    """Lists of equally many numbers; a single number stands for a list of it only `per_dimension`, `None` for none."""
    lengths = {len(value) for value in values if isinstance(value, tuple)}
    if len(lengths) != 1 or not (shape or 1 < max(lengths) <= DIMENSIONS) or lengths == {0}:
        return None
    rank = lengths.pop()
    rows = [(value,) * rank if per_dimension and type(value) is int else value for value in values]
    if not all(row is None or (isinstance(row, tuple) and all(type(size) is int for size in row)) for row in rows):
        return None
    return rows


def _is_word(values: Values, blocks: Sequence[Block], word: str) -> bool:
    """Whether values are what a block's own word says."""
    given = (block.arguments.get(word) for block in blocks)
    return all(
        value is None or value == Constant(tuple(own) if isinstance(own, list) else own)
        for value, own in zip(values, given)
    )


def _constructs(values: Values) -> list[Construct | None] | None:
    """The values as constructor calls, if all of them are."""
    if not all(isinstance(value, Construct) for value in values if value is not None):
        return None
    return [value if isinstance(value, Construct) else None for value in values]


def _names(call: Construct) -> tuple[str, ...]:
    return tuple(item.name for item in call.items)


def _shown(call: Construct) -> tuple[Item, ...]:
    """The arguments that differ from their defaults."""
    return tuple(item for item in call.items if item.shown)
