"""What folding gives: one template for all blocks that differ in numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from archspec.graph.model import Block, NodeType, Ref, Result
from archspec.templates.constructor_calls import Constant, Expression

Sort = Literal["value", "flag", "class", "module"]
"""What a parameter holds: a number or word, whether an optional child is there, a class to call, or a whole module."""


class Parameter(Struct, frozen=True):
    """What differs between the instances of a template.

    `values` has one entry an instance, `None` where it plays no part. `default` is the value of most instances, if one
    is; `leading` parameters are the sizes that come first in a call.
    """

    name: str
    sort: Sort
    values: tuple[Expression | None, ...]
    default: Expression | None
    leading: bool


class Child(Struct, frozen=True):
    """One child of a template.

    `node` is the child of the first instance that has it, `inputs` refer to the template's children, `maker` is the
    constructor call of its module (`None` where it is an expression in `forward`), `present` a truth value, and `tied`
    the number of the child whose module it calls.
    """

    node: NodeType
    label: str
    inputs: tuple[Ref, ...]
    maker: Expression | None
    present: Expression
    tied: int | None

    @property
    def optional(self) -> bool:
        return self.present != Constant(True)


class Template(Struct, eq=False):
    """One structure for all of its instances.

    `chain` is true where each child takes only what the one before it gives, so that the order says all. `calls` holds
    for each instance, by `id`, the values of the parameters.
    """

    title: str
    parameters: tuple[Parameter, ...]
    children: tuple[Child, ...]
    input_names: tuple[str, ...]
    results: tuple[Result, ...]
    numbered: bool
    chain: bool
    instances: tuple[Block, ...]
    calls: Mapping[int, Expression]

    @property
    def block(self) -> Block:
        """The first instance."""
        return self.instances[0]
