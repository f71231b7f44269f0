"""The calls of ops as boxes say them: the constructor call of a module, and the fields that it does not name."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from archspec.graph.model import Leaf
from archspec.ops.base import Argument, Module, Op
from archspec.templates.module_calls import ModuleOf, own_modules


def field_calls() -> ModuleOf:
    """The calls of a graph's modules: one for all leaves of one op and input.

    A parameter of 8×1×1 is made by a call that gives each size by itself; a box says its shape.
    """
    own = own_modules()
    made: dict[int, Module] = {}

    def call_of(leaf: Leaf) -> Module | None:
        module = own(leaf)
        if module is not None and id(module) not in made:
            made[id(module)] = replace(module, arguments=(*module.arguments, *_further(leaf.op, module)))
        return made.get(id(module))

    return call_of


def _further(op: Op, module: Module) -> Iterator[Argument]:
    named = {argument.name for argument in module.arguments}
    return (Argument(name, getattr(op, name), default) for name, default in op.defaults() if name not in named)
