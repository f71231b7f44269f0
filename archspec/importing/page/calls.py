"""The call of a leaf as a page writes it, in place of the constructor call that a source has."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.learned import joined
from archspec.graph.model import Leaf
from archspec.importing.page.equations import outline
from archspec.importing.page.standard import StandardCall
from archspec.ops import Argument, Module, Op
from archspec.ops.equation import Compute
from archspec.templates import EQUATION
from archspec.templates.module_calls import ModuleOf

OPERAND = "operand"
"""Begins the name of an argument that is a number among a join's values: `operand1` is the second of them."""

NUMBER = "number"
"""Begins the name of an argument that is a number in an equation: `number0` is the first."""


TIE = "tie of "
"""Begins the name of an argument that is a tensor of another node: `tie of weight` is the one for its weight."""


def page_calls() -> ModuleOf:
    """The calls of leaves: one for all leaves of one op whose tensors are bound alike."""
    made: dict[tuple[str, Op, tuple[Argument, ...]], Module] = {}

    def call_of(leaf: Leaf) -> Module:
        if isinstance(leaf.op, StandardCall):
            return leaf.op.module_call  # type: ignore[no-any-return]
        bindings = tuple(_bindings(leaf))
        key = leaf.op.name, leaf.op, bindings
        if key not in made:
            made[key] = Module(leaf.op.name, (*_arguments(leaf.op), *bindings))
        return made[key]

    return call_of


def _bindings(leaf: Leaf) -> Iterator[Argument]:
    """What a layer's tensors are, where they are computed from others, or another's: `embedding.weight`."""
    if leaf.parametrize is not None:
        yield Argument("parametrize", leaf.parametrize)
    for each in leaf.bound:
        yield Argument(f"{TIE}{each.tensor}", joined(each.owner, each.owner_tensor))


def _arguments(op: Op) -> Iterator[Argument]:
    """The fields in their order; a required main one comes first and without its name."""
    if isinstance(op, Compute):
        equation, numbers = outline(op.term)
        yield Argument(EQUATION, equation)
        yield from (Argument(f"{NUMBER}{place}", number) for place, number in enumerate(numbers))
        return
    for name, default in op.defaults():
        value = getattr(op, name)
        if name == "numbers" and name in op.internal:
            yield from (Argument(f"{OPERAND}{place}", number) for place, number in value)
        elif name not in op.internal:
            yield Argument(name, value, default, positional=name == op.main)
