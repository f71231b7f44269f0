"""`tie` and `parametrize`: a layer's tensors that are shared with another layer, or computed from others.

A tied tensor counts once:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: {linear: 32}, b: {linear: 32, tie: {weight: a.weight}}}')
>>> [(node.name, node.counts.params) for node in graph.walk()]
[('a', 1056), ('b', 32)]
>>> [(tie.address, tie.tensor, tie.owner, tie.owner_tensor) for tie in graph.ties]
[('b', 'weight', 'a', 'weight')]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from msgspec.structs import replace

from archspec.elaborate.block_builder import Body, Value
from archspec.elaborate.context import Context
from archspec.elaborate.placement import Place
from archspec.elaborate.site import Site
from archspec.graph.learned import Bound
from archspec.graph.model import Block, Counts, Leaf, NodeType
from archspec.language.diagnostics import did_you_mean
from archspec.language.nodes import Field, NodeDef
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree
from archspec.ops.parametrizations import PARAMETRIZATIONS, WEIGHT
from archspec.ops.shapes import product, shape_text

BINDINGS = ("tie", "parametrize")
_TIE = "for example `{weight: embedding.weight}`"


def bind(site: Site, body: Body, node: NodeDef, place: Place, value: Value) -> None:
    """Do what a node's `parametrize` and `tie` say to the layer that was just added."""
    if value.broken:
        return
    number = value.refs[0].child if value.refs else -1
    leaf = body.children[number] if number >= 0 else None
    for name in BINDINGS:
        if (given := node.modifiers.get(name)) is None:
            continue
        if not isinstance(leaf, Leaf) or leaf.address != place.address or leaf.tied is not None:
            message = f"`{name}` is only allowed on a layer that has tensors of its own"
            site.fail("modifiers", message, given.key.span)
        computed = name == "parametrize"
        leaf = _parametrized(site, leaf, given) if computed else _tied(site.context, body, leaf, given)
        body.children[number] = leaf


def _parametrized(site: Site, leaf: Leaf, given: Field) -> Leaf:
    name = site.value(given.value, "`parametrize`", words=True)
    if name is None:
        return leaf
    if name not in PARAMETRIZATIONS:
        site.fail(
            "parametrize",
            f"`parametrize` cannot be {shown(given.value)}",
            given.value.span,
            expected=", ".join(f"`{each}`" for each in PARAMETRIZATIONS),
            help=did_you_mean(str(name), PARAMETRIZATIONS),
        )
    if leaf.held or len(leaf.parameters.get(WEIGHT, ())) < 2:
        message = f"`{leaf.op.name}` has no weight of two dimensions or more to parametrize"
        site.fail("parametrize", message, given.key.span, found=", ".join(leaf.parameters) or None)
    if WEIGHT not in leaf.filled:
        message = f"`{WEIGHT}` of `{leaf.name}` is another node's by `tie`, and is not computed by `{name}` too"
        site.fail("parametrize", message, given.key.span, help="write `parametrize` or `tie`")
    bound = replace(leaf, parametrize=str(name))
    params, buffers = (sum(map(product, each.values())) for each in (bound.parameters, bound.buffers))
    params -= sum(product(bound.parameters[each.tensor]) for each in leaf.bound)
    frozen = params if leaf.counts.frozen else 0
    return replace(bound, counts=Counts(params, frozen, buffers, leaf.counts.macs))


def _tied(context: Context, body: Body, leaf: Leaf, given: Field) -> Leaf:
    tree = given.value
    if not isinstance(tree, MappingTree) or not tree.entries:
        message = "`tie` is a mapping of the layer's tensors to those of a node above"
        context.fail("tie", message, tree.span, leaf.address, expected=_TIE, found=shown(tree))
    for key, value in tree.entries:
        own = str(key.value)
        if own not in leaf.parameters or leaf.parametrize:
            found = ", ".join(f"`{name}`" for name in leaf.parameters) or "none"
            context.fail("tie", f"`{leaf.op.name}` has no tensor `{own}`", key.span, leaf.address, found=found)
        owner, tensor = _tensor(context, body, value, leaf)
        _check_shape(context, leaf, own, owner, tensor, value)
        size = product(leaf.parameters[own])
        counts = leaf.counts
        still = counts.frozen > 0
        bound = Bound(own, owner.address.removeprefix(body.address("")), tensor, still)
        counts = Counts(counts.params - size, counts.frozen - size * still, counts.buffers, counts.macs)
        leaf = replace(leaf, bound=(*leaf.bound, bound), counts=counts)
        _check_freeze(context, leaf, own, owner, given)
    return leaf


def _check_freeze(context: Context, leaf: Leaf, own: str, owner: Leaf, given: Field) -> None:
    """Refuse a `freeze` on a layer with a tensor that is not its own, where the owner's train."""
    if leaf.frozen and not (owner.counts.frozen or any(each.frozen for each in owner.bound)):
        message = f"`freeze` does not reach `{own}` of `{leaf.name}`: it is that of `{owner.name}`, which trains"
        context.fail("tie", message, given.key.span, leaf.address, help=f"write `freeze` at `{owner.name}`")


def _tensor(context: Context, body: Body, tree: Tree, leaf: Leaf) -> tuple[Leaf, str]:
    """The tensor of a node above that a text names: `embedding.weight`, `body.conv1.bias`, or a `parameter`'s name."""
    text = str(tree.value) if isinstance(tree, Scalar) else ""
    owner = _node(body, text, leaf)
    if isinstance(owner, Leaf) and owner.held:
        return owner, ""
    path, _, tensor = text.rpartition(".")
    owner = _node(body, path, leaf)
    if isinstance(owner, Leaf) and tensor in owner.parameters:
        return owner, tensor
    return _refuse(context, body, tree, text, owner, leaf)


def _refuse(context: Context, body: Body, tree: Tree, text: str, owner: NodeType | None, leaf: Leaf) -> NoReturn:
    if isinstance(owner, Leaf):
        found = ", ".join(f"`{name}`" for name in owner.parameters) or "none"
        context.fail("tie", f"there is no tensor `{text}`", tree.span, leaf.address, found=found)
    names = [child.name for child in body.children if child.name != leaf.name]
    help_ = did_you_mean(text.partition(".")[0], names)
    message = f"there is no layer above with a tensor `{text}`" if text else "a tensor is named by its node and name"
    context.fail("tie", message, tree.span, leaf.address, expected=_TIE, help=help_)


def _node(body: Body, path: str, leaf: Leaf) -> NodeType | None:
    """The node at a path from this graph, with a module of its own and above the layer at hand."""
    return _inside([child for child in body.children if child is not leaf and child.name != leaf.name], path)


def _inside(children: Sequence[NodeType], path: str) -> NodeType | None:
    """The node at a path from these; a name may have dots of its own."""
    for child in children:
        if child.tied is not None or not f"{path}.".startswith(f"{child.name}."):
            continue
        rest = path[len(child.name) + 1 :]
        if not rest:
            return child
        if isinstance(child, Block) and (found := _inside(child.children, rest)) is not None:
            return found
    return None


def _check_shape(context: Context, leaf: Leaf, own: str, owner: Leaf, tensor: str, tree: Tree) -> None:
    wanted, given = leaf.parameters[own], owner.parameters[tensor]
    if wanted != given:
        message = f"`{own}` of `{leaf.name}` is {shape_text(wanted)}, and what it is tied to is {shape_text(given)}"
        context.fail("tie", message, tree.span, leaf.address)
