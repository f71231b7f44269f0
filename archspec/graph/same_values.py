"""Which values of two graphs are computed alike, whatever the nodes that hold nothing are called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.graph.fingerprint import op_form
from archspec.graph.model import ENCLOSING, Block, Leaf
from archspec.ops import Op
from archspec.ops.equation import Apply, Compute, Term
from archspec.ops.shapes import Shape, whole

UNSEEN = -1
"""The number of what inference does not compute."""


class SameValues:
    """Gives equal numbers to values that are computed alike from the same inputs and tensors.

    A layer that holds tensors has its address; a function is known by what it computes alone. Without `drops` a
    dropout is nothing. Each graph's `seen` are its numbers, with the addresses of the nodes that gave them first.
    """

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.shapes: dict[int, tuple[int, Shape]] = {}
        self.seen: dict[int, str] = {}
        self.drops = True

    def of(self, block: Block) -> list[int]:
        """The numbers of what a block, which may be a network, gives in inference."""
        self.seen = {}
        inputs = [self._number(("input", place), f"input {place}") for place in range(len(block.input_shapes))]
        return [each for each in self._inside(block, inputs, "") if each != UNSEEN]

    def _inside(self, block: Block, inputs: list[int], prefix: str) -> list[int]:
        values: list[list[int]] = []

        def value(child: int, output: int) -> int:
            return inputs[output] if child == ENCLOSING else values[child][output]

        for node in block.children:
            taken = [value(*ref) for ref in node.inputs]
            owner = node if node.tied is None else block.children[node.tied]
            address = f"{prefix}{owner.name}"
            if node.training:
                values.append([UNSEEN] * len(node.shapes))
            elif isinstance(node, Block):
                values.append(self._inside(node, taken, f"{address}."))
            else:
                values.append(self._leaf(node, taken, address))
        return [value(*result.ref) for result in block.results]

    def _leaf(self, leaf: Leaf, taken: list[int], address: str) -> list[int]:
        op = leaf.op
        if isinstance(op, Compute):
            return [self._term(op.term, taken, address)]
        if not self.drops and op.kind == "regularization":
            return taken
        if op.keeps_order:
            return [self._view(taken[0], leaf.input_shapes[0], leaf.shapes[0], address)]
        held = (address, leaf.parametrize, leaf.bound) if leaf.parameters or leaf.buffers else None
        form = self._form(op_form(leaf), taken, held)
        return [self._number((*form, output), address) for output in range(len(leaf.shapes))]

    def _form(self, op: Op, taken: Sequence[int], held: Any = None) -> tuple[Any, ...]:
        if op.in_place:
            op = op.model_copy(update={"inplace": None})  # where a value is kept is no part of what it is
        order = sorted(taken) if op.commutative and not getattr(op, "numbers", ()) else taken
        return op.name, op, tuple(order), held

    def _term(self, term: Term, taken: Sequence[int], address: str) -> int:
        """The number of a term of an equation: that of the ops in it, one by one."""
        if not isinstance(term, Apply):
            return taken[term.place]
        inner = [self._term(each, taken, address) for each in term.terms]
        return self._number((*self._form(term.op, inner), 0), address)

    def _view(self, taken: int, before: Shape, after: Shape, address: str) -> int:
        """The number of the same elements in another shape; that of the value itself where it is its own."""
        taken, before = self.shapes.get(taken, (taken, before))
        if whole(before) == whole(after):
            return taken
        number = self._number(("view", taken, whole(after)), address)
        self.shapes[number] = taken, before
        return number

    def _number(self, form: Any, name: str) -> int:
        number = self.numbers.setdefault(form, len(self.numbers))
        self.seen.setdefault(number, name)
        return number
