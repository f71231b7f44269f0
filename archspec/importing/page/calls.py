"""The call of a leaf as a page writes it, in place of the constructor call that a source has."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.model import Leaf
from archspec.importing.page.equations import outline
from archspec.ops import Argument, Module, Op
from archspec.ops.base import REQUIRED
from archspec.ops.equation import Compute
from archspec.templates import EQUATION
from archspec.templates.module_calls import ModuleOf

OPERAND = "operand"
"""Begins the name of an argument that is a number among a join's values: `operand1` is the second of them."""

NUMBER = "number"
"""Begins the name of an argument that is a number in an equation: `number0` is the first."""


def page_calls() -> ModuleOf:
    """The calls of a graph's leaves: one for all leaves of one op."""
    made: dict[tuple[str, Op], Module] = {}

    def call_of(leaf: Leaf) -> Module:
        key = leaf.op.name, leaf.op
        if key not in made:
            made[key] = Module(leaf.op.name, tuple(_arguments(leaf.op)))
        return made[key]

    return call_of


def _arguments(op: Op) -> Iterator[Argument]:
    """The fields in their order; a required main one comes first and without its name."""
    if isinstance(op, Compute):
        equation, numbers = outline(op.term)
        yield Argument(EQUATION, equation)
        yield from (Argument(f"{NUMBER}{place}", number) for place, number in enumerate(numbers))
        return
    for name, info in type(op).model_fields.items():
        value = getattr(op, name)
        if name == "numbers" and name in op.internal:
            yield from (Argument(f"{OPERAND}{place}", number) for place, number in value)
        elif name not in op.internal:
            default = REQUIRED if info.is_required() else info.default
            yield Argument(name, value, default, positional=name == op.main)
