"""The constructor calls of leaves' modules."""

from __future__ import annotations

from collections.abc import Callable

from archspec.graph.model import Leaf
from archspec.ops.base import Module
from archspec.ops.shapes import Shape

ModuleOf = Callable[[Leaf], Module | None]
"""The constructor call of a leaf's module, or `None` where it has none."""


def own_modules() -> ModuleOf:
    """The constructor calls of a graph's modules as their ops give them: one for all leaves of one op and input."""
    made: dict[tuple[int, tuple[Shape, ...]], Module | None] = {}

    def module_of(leaf: Leaf) -> Module | None:
        key = id(leaf.op), leaf.input_shapes
        if key not in made:
            made[key] = leaf.op.module(*leaf.input_shapes)
        return made[key]

    return module_of


def asked_once(module_of: ModuleOf) -> ModuleOf:
    """The same constructor calls, each kept from the first time on, so that equal ids say that they are the same."""
    given: dict[int, Module | None] = {}

    def kept(leaf: Leaf) -> Module | None:
        if id(leaf) not in given:
            given[id(leaf)] = module_of(leaf)
        return given[id(leaf)]

    return kept
