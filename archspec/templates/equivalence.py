"""Blocks that folding cannot tell apart: a network has many, and one of them is folded for all.

Blocks that are equal inside and take equal values have one form, and one that gives more channels has its own:

>>> from archspec.elaborate.example import example
>>> from archspec.templates.module_calls import own_modules
>>> blocks = '{unit: {params: {width: int}, graph: [{conv: width, kernel_size: 1}, relu]}}'
>>> graph = example('[{unit: 3}, {unit: 3}, {unit: 8}]', blocks=blocks)
>>> forms = Forms(own_modules())
>>> [forms.of(block) for block in graph.root.children]
[2, 2, 5]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

from msgspec import Struct, field

from archspec.graph.model import Block, Leaf, NodeType
from archspec.templates.module_calls import ModuleOf

Form = int
"""A number for all that folding reads of a node: its address, its place in the spec and its counts are not among it."""

Value = TypeVar("Value")


class Forms(Struct):
    """Gives equal numbers to blocks that are equal inside, in what they are called with and in what they take.

    Ops and modules are told apart by identity: the leaves of one op with the same fields share them.
    """

    module_of: ModuleOf
    _numbers: dict[Hashable, Form] = field(default_factory=dict)
    _of_block: dict[int, Form] = field(default_factory=dict)

    def of(self, block: Block) -> Form:
        """The form of a block, wherever it stands."""
        form = self._of_block.get(id(block))
        if form is None:
            called = block.kind, block.title, repr(block.arguments), block.input_shapes
            inside = block.numbered, block.input_names, block.results, tuple(map(self._child, block.children))
            form = self._of_block[id(block)] = self._number((*called, *inside))
        return form

    def _child(self, node: NodeType) -> Form:
        """The form of a node in its block."""
        what = self.of(node) if isinstance(node, Block) else self._op(node)
        return self._number((node.slot, node.name, node.inputs, node.tied, node.training, node.frozen, what))

    def _op(self, leaf: Leaf) -> Hashable:
        return id(leaf.op), leaf.input_shapes, id(self.module_of(leaf))

    def _number(self, key: Hashable) -> Form:
        return self._numbers.setdefault(key, len(self._numbers))


class Copies(Struct, frozen=True):
    """Blocks, of which those of one form are copies of the `first` one.

    `numbers` says for each block which of the first ones it is a copy of.
    """

    blocks: tuple[Block, ...]
    firsts: tuple[Block, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, blocks: Sequence[Block], forms: Forms) -> Copies:
        """The copies among blocks."""
        firsts: dict[Form, Block] = {}
        for block in blocks:
            firsts.setdefault(forms.of(block), block)
        places = {form: place for place, form in enumerate(firsts)}
        return cls(tuple(blocks), tuple(firsts.values()), tuple(places[forms.of(block)] for block in blocks))

    @property
    def times(self) -> list[int]:
        """How many copies there are of each first one, itself among them."""
        count = Counter(self.numbers)
        return [count[number] for number in range(len(self.firsts))]

    def spread(self, values: Sequence[Value]) -> tuple[Value, ...]:
        """For each block what holds for the first of its form."""
        return tuple(values[number] for number in self.numbers)
