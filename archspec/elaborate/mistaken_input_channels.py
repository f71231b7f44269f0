"""`input.channels` where that of the node before is meant: `input` is the input of the whole graph one stands in."""

from __future__ import annotations

from archspec.elaborate.scope import Input, Scope
from archspec.elaborate.site import Site
from archspec.language.expressions import ExpressionError, parse_expression
from archspec.language.nodes import Field, NodeDef
from archspec.language.yaml_tree import Scalar
from archspec.ops.shapes import Shape, dim_text

_OWN = ("groups", "num_groups")
"""Fields that say how a node's own channels are parted, so that another value's channels are hardly meant there."""


def warn_other_channels(site: Site, node: NodeDef, shape: Shape) -> None:
    """Tell where a node parts its channels by those of another value."""
    for name in _OWN:
        given = node.fields.get(name)
        if given is not None and (help_ := other_channels(node, given, site.scope, shape)):
            message = f"`{name}` is as many as the graph's input has channels, not the node's own input"
            site.report("other-channels", message, given.value.span, help=help_, severity="warning")


def other_channels(node: NodeDef, given: Field, scope: Scope, shape: Shape) -> str | None:
    """What to write in a field that reads `input.channels`, where the node takes another number of channels."""
    text = given.value.value if isinstance(given.value, Scalar) else None
    whole = scope.get("input")
    if not isinstance(text, str) or "input." not in text or not isinstance(whole, Input):
        return None
    if not whole.of or not shape or whole.of[0] == shape[0] or not _reads_input(text):
        return None
    graphs, own = dim_text(whole.of[0]), dim_text(shape[0])
    if node.sources or node.operands or node.branches:
        return f"`input.channels` is the graph's, {graphs}; this node takes {own}"
    return f"`input.channels` is the graph's, {graphs}; `previous.channels` is that of the node before, {own}"


def _reads_input(text: str) -> bool:
    try:
        return "input" in parse_expression(text).names
    except ExpressionError:
        return False
