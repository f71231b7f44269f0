"""A call with its values → a leaf or a block of the graph.

A call of an op is a leaf, a call of a block is a block with its leaves inside:

>>> from archspec.elaborate.example import example
>>> unit = '{unit: {params: {width: int}, graph: [{conv: width, kernel_size: 1}]}}'
>>> graph = example('[{conv: 8, kernel_size: 3}, {unit: 16}]', blocks=unit)
>>> [(node.address, node.counts.params) for node in graph.walk()]
[('0', 224), ('1', 144), ('1.0', 144)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archspec.elaborate.arguments import check_arguments, op_instance
from archspec.elaborate.block_builder import BROKEN, Body, Inputs, Value
from archspec.elaborate.blocks import add_block, add_part
from archspec.elaborate.call_plans import Plan
from archspec.elaborate.callees import plan_of, planned
from archspec.elaborate.keywords.use import find_part
from archspec.elaborate.leaves import add_leaf
from archspec.elaborate.mistaken_input_channels import warn_other_channels
from archspec.elaborate.partial_calls import put_in
from archspec.elaborate.placement import Place
from archspec.elaborate.scope import Failed
from archspec.elaborate.site import Site
from archspec.language.budget import NAMES
from archspec.language.nodes import NodeDef
from archspec.language.source import Span
from archspec.ops import Op, ops

if TYPE_CHECKING:
    from archspec.elaborate.expand import Expander


def add_call(expander: Expander, site: Site, node: NodeDef, values: list[Value], place: Place) -> Value:
    """Add what a node calls, given the values that it takes."""
    context = site.context
    plan, span = context.plans.get(node), place.span
    if plan is None:
        node, plan, span = planned(site, node, place)
    if context.replaced and (instead := context.replaced.get(plan.name)) is not None:
        node = put_in(node, instead)
        plan = plan_of(site, node, instead.name, span, instead.home)
    context.bounds.pay((len(plan.constants) + len(plan.fillings)) // NAMES, span)
    if plan.home is not None:
        with context.at_home(plan.home):
            return _add_meant(expander, site, plan, node, values, place, span)
    return _add_meant(expander, site, plan, node, values, place, span)


def _add_meant(
    expander: Expander, site: Site, plan: Plan, node: NodeDef, values: list[Value], place: Place, span: Span
) -> Value:
    """Add what a call means: a block, an op, or another spec."""
    if plan.block is not None:
        return add_block(expander, site, plan, plan.block, node, values, place)
    if plan.op is not None:
        return _add_op(expander.body, site, plan, node, values, place, span)
    if site.context.library.is_faulty(plan.name):
        raise Failed
    return add_part(expander, site, plan.name, node, values, place, span)


def _add_op(body: Body, site: Site, plan: Plan, node: NodeDef, values: list[Value], place: Place, span: Span) -> Value:
    assert plan.op is not None
    op: Op = op_instance(site, plan, node, span)
    if numbers := tuple((at, each.number) for at, each in enumerate(values) if each.number is not None):
        fields = {name: getattr(op, name) for name in op.model_fields_set}
        op = site.context.memo.op(plan.op, {**fields, "numbers": numbers})
        values = [value for value in values if value.number is None]
    value = add_leaf(site, body, op, node, values, place)
    if values:
        warn_other_channels(site, node, values[0].shapes[0])
    return value


def check_alone(expander: Expander, site: Site, node: NodeDef, place: Place) -> None:
    """Find the faults of a call, or of a nested graph's calls, whose input could not be elaborated."""
    if node.body is not None:
        body = Body.of(place.address, node.body.numbered, Inputs((), ()), place.effects)
        body.previous, body.inputs = BROKEN, {"input": BROKEN}
        expander.inside(body).fill(node.body, site.scope.without("input"))
    if node.callee is None and node.use is None:
        return
    node, plan, span = planned(site, node, place)
    if plan.block is not None:
        check_arguments(site, plan.block, node)
    elif plan.op is not None:
        op_instance(site, plan, node, span)
    elif plan.name not in ops():
        find_part(site.context, plan.name, site.address, span)
