"""Which op, block or spec a node calls: by its word, or by what `use` comes to.

A word and an expression under `use` may mean the same:

>>> from archspec.elaborate.example import example
>>> graph = example('[{use: act}, {use: "act if narrow else other"}]', params='{act: silu, other: gelu, narrow: true}')
>>> [node.op.name for node in graph.walk()]
['silu', 'silu']
"""

from __future__ import annotations

from archspec.elaborate.arguments import check_call
from archspec.elaborate.call_plans import Home, Plan, standard_plan
from archspec.elaborate.partial_calls import PartialCall, with_call
from archspec.elaborate.placement import Place
from archspec.elaborate.site import Site
from archspec.language.nodes import NodeDef
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span


def planned(site: Site, node: NodeDef, place: Place) -> tuple[NodeDef, Plan, Span]:
    """A call with all its fields, what it means, and where it says that."""
    if node.callee is not None:
        return node, plan_of(site, node, str(node.callee.value), node.called_at), node.called_at
    callee, span, node, home = _used(site, node)
    return node, plan_of(site, node, callee, span, home), span


def plan_of(site: Site, node: NodeDef, callee: str, span: Span, home: Home | None = None) -> Plan:
    """What a node means that calls `callee`, found out once; with `use` its fields are checked only then.

    A standard block's own calls mean the standard blocks, whatever the document defines.
    """
    plans, key = site.context.plans, node if node.callee is not None else (node, callee)
    plan = plans.get(key)
    if plan is None and node.callee is not None and node.span.source.standard:
        plan = plans[key] = standard_plan(node)
    elif plan is None:
        library = site.context.library if home is None else home.library
        plan = Plan.of(callee, library.meaning(callee), node, home)
        if plan.signature is not None:
            called_at = node.span if plan.block is not None else span
            check_call(site.context, plan.signature, node, site.address, called_at)
        plans[key] = plan
    return plan


def _used(site: Site, node: NodeDef) -> tuple[str, Span, NodeDef, Home | None]:
    """What a node with `use` calls, where it says so, the node with all fields, and whose block it is."""
    assert node.use is not None
    text = getattr(node.use, "value", None)
    if isinstance(text, str) and text.endswith((".yaml", ".yml")):
        return text, node.use.span, node, None
    value = site.value(node.use, "`use`", words=True)
    if not isinstance(value, str):
        site.fail(
            "wrong-type",
            f"`use` cannot be {value_text(value)}",
            node.use.span,
            expected="the name of an op or block, or of another spec",
            help="`identity` does nothing; `when` switches a node off" if value is None else None,
        )
    if isinstance(value, PartialCall):
        return value.name, node.use.span, with_call(node, value), value.home
    return value, node.use.span, node, None
