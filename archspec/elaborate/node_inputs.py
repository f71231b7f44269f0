"""What a node takes: the values that it names, else the node before it.

>>> from archspec.elaborate.example import example
>>> graph = example('{a: relu, b: tanh, c: {sigmoid: null, from: a}, d: {add: [b, c]}}')
>>> [(node.name, [ref.child for ref in node.inputs]) for node in graph.walk()]
[('a', [-1]), ('b', [0]), ('c', [0]), ('d', [1, 2])]
"""

from __future__ import annotations

from msgspec.structs import replace

from archspec.elaborate.block_builder import NOTHING, Body, Value
from archspec.elaborate.context import Context
from archspec.elaborate.keywords.compute import equation
from archspec.elaborate.references import operands, single, split, taken
from archspec.elaborate.site import Site
from archspec.language.diagnostics import Note
from archspec.language.nodes import NodeDef, Taken
from archspec.ops import ops
from archspec.ops.equation import Compute


def node_inputs(site: Site, body: Body, node: NodeDef) -> list[Value]:
    """The values a node takes: those it names, else the node before it."""
    if node.sources is not None:
        return taken(site, body, node.sources)
    if _takes_nothing(site.context, node):
        return []
    previous = body.previous
    if previous is NOTHING:
        site.fail("inputs", "there is no node before this one, and the graph has no input", node.called_at)
    if len(previous.refs) < 2:
        return [previous]
    return split(single(site, previous, body.called(previous), node.called_at))


def _takes_nothing(context: Context, node: NodeDef) -> bool:
    """Whether a node calls what needs no input: a tensor that the network holds, or a block without any."""
    if node.callee is None:
        return False
    callee = context.library.meaning(str(node.callee.value))
    inputs = callee.inputs if callee is not None else None
    return inputs == () or (inputs is not None and inputs[0] == 0)


def joined_values(site: Site, body: Body, node: NodeDef) -> list[Value]:
    """What a join names: values, and in arithmetic numbers."""
    op = ops().get(str(node.callee.value)) if node.callee is not None else None
    find = operands if op is not None and op.takes_numbers else taken
    written = node.operands or ()
    values = find(site, body, written)
    alone = len(written) == len(values) == 2 and written[0].span == written[1].span
    if alone and values[0].refs == values[1].refs and not values[0].broken:
        name = written[1].name
        message = f"`{name.value}` is the node before this one, which would be joined with itself"
        site.fail("join", message, name.span, help="name the node that it is joined with")
    return values


def _is_nothing(site: Site, written: Taken) -> bool:
    """Whether an operand is a param that is given nothing, as a node that is switched off may have."""
    name = written.name.value
    return isinstance(name, str) and name in site.scope and site.scope[name] is None


def start_value(site: Site, body: Body, node: NodeDef) -> Value:
    """What branches or a group start from: the one value that `from` names, else all that the node before gives."""
    if node.sources is None:
        return body.previous
    values = node_inputs(site, body, node)
    if len(values) != 1:
        extra = node.sources[min(1, len(node.sources) - 1)]
        site.fail("inputs", f"one input is needed here, found {len(values)}", extra.span)
    return values[0]


def stand_in(site: Site, body: Body, node: NodeDef, name: str | None) -> Value:
    """The value of a switched-off node: its own first input, or the node before where it takes nothing.

    Where that input is left out, so is the node.
    """
    written = node.operands or node.sources
    if written and written[0].name.value in body.left_out:
        body.left_out.update({name} if name else ())
        return body.previous
    first, *others = _would_take(site, body, node) or [body.previous]
    what = f"`{name}`" if name else "the node"
    note = Note(f"{what} would take it, but is switched off and stands for its first input", node.called_at)
    body.passed_over.update((ref.child, note) for other in others for ref in other.refs)
    return first


def _would_take(site: Site, body: Body, node: NodeDef) -> list[Value]:
    if node.callee is not None and node.callee.value == Compute.name:
        return equation(site, body, node)[0]
    if not node.operands:
        return node_inputs(site, body, node)
    values = [each for each in node.operands if not _is_nothing(site, each)]
    return joined_values(site, body, replace(node, operands=tuple(values)))
