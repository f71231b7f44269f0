"""Whether each rule of `init` fills a tensor: a rule that fills none changes nothing, and its author would not know."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from archspec.elaborate.context import Context
from archspec.graph.learned import role_of
from archspec.graph.model import Leaf, NodeType, inside
from archspec.language.torch_init import FUNCTIONS, fills_only
from archspec.language.yaml_tree import Mapping, Scalar, Tree
from archspec.ops import OpError, ops
from archspec.ops.shapes import Shape


class _Rule(NamedTuple):
    """A rule as written: which nodes it is for, which of their tensors, and with what it fills them."""

    key: Scalar
    nodes: Sequence[Leaf]
    role: str
    function: Tree


def check_reach(context: Context, tree: Tree, nodes: dict[str, NodeType]) -> None:
    """Report the rules that fill no tensor of the nodes they are for, or one of other dimensions."""
    for rule in _rules(context, tree, nodes.values(), nodes):
        reached = [each for leaf in rule.nodes for each in leaf.filled.items() if role_of(each[0]) == rule.role]
        what = f"`{rule.key.value}`"
        if not reached and not any(rule.role in _possible(leaf) for leaf in rule.nodes):
            message = f"{what} has no {rule.role} to fill"
            context.report("init", message, rule.key.span, found=_found(rule.nodes))
        function = _name(rule.function)
        unfit = [(name, shape) for name, shape in reached if fills_only(function, len(shape))]
        if unfit:
            message = f"`{function}` fills {fills_only(function, len(unfit[0][1]))}"
            context.report("init", message, rule.function.span, found=f"{_listed(unfit)} of {what}")


def _rules(context: Context, tree: Tree, nodes: Iterable[NodeType], by_address: dict[str, NodeType]) -> Iterator[_Rule]:
    """The rules of a mapping for those of some nodes that are there."""
    by_op = _by_op(nodes)
    for key, value in tree.entries if isinstance(tree, Mapping) else ():
        name = str(key.value)
        if name in ops():
            leaves = by_op.get(name, [])
        elif (node := by_address.get(name)) is None:
            continue
        elif isinstance(node, Leaf):
            leaves = [node]
        elif isinstance(value, Mapping) and all(inner.value in ops() for inner, _ in value.entries):
            yield from _rules(context, value, inside(node), {})
            continue
        else:
            message = f"`{name}` is a block, whose rules go by the ops in it"
            context.report("init", message, key.span, expected=f"for example `{{{name}: {{conv: kaiming_normal}}}}`")
            continue
        if leaves:
            yield from (_Rule(key, leaves, role, function) for role, function in by_role(value))


def _by_op(nodes: Iterable[NodeType]) -> dict[str, list[Leaf]]:
    """The leaves of each op; of those with the same tensors the first."""
    found: dict[str, dict[Hashable, Leaf]] = {}
    for node in nodes:
        if type(node) is Leaf:
            found.setdefault(node.op.name, {}).setdefault((id(node.op), node.input_shapes, node.bound), node)
    return {name: list(leaves.values()) for name, leaves in found.items()}


def by_role(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """The rules of one target: the weight's, and the bias's where it is written beside it."""
    bias = tree.get("bias") if isinstance(tree, Mapping) else None
    if not isinstance(tree, Mapping) or bias is None:
        yield "weight", tree
        return
    rest = Mapping(tuple((key, value) for key, value in tree.entries if key.value != "bias"), tree.span)
    if rest.entries:
        yield "weight", rest
    yield "bias", bias


def _possible(leaf: Leaf) -> set[str]:
    """The roles that tensors of an op have under one setting or another of its fields that are true or false."""
    flags = {name: True for name in type(leaf.op).model_fields if isinstance(getattr(leaf.op, name), bool)}
    try:
        made = leaf.op.model_copy(update=flags).parameters(*leaf.input_shapes)
    except OpError:
        return set()
    return {role_of(name) for name in made if name in leaf.filled or name not in leaf.made}


def _name(tree: Tree) -> str:
    """The torch.nn.init function that a rule names."""
    if isinstance(tree, Mapping):
        return next((str(key.value) for key, _ in tree.entries if key.value in FUNCTIONS), "")
    return str(getattr(tree, "value", ""))


def _found(leaves: Sequence[Leaf]) -> str:
    """The tensors that some nodes have, and whose they are where they are others'."""
    own = [each for leaf in leaves for each in leaf.filled.items()]
    bound = [each for leaf in leaves for each in leaf.bound]
    others = [f"`{each.tensor}`, which is that of `{each.owner}`" for each in bound[:1]]
    return ", ".join(filter(None, [_listed(own), *others])) or "no parameters"


def _listed(tensors: Iterable[tuple[str, Shape]]) -> str:
    names = [f"`{name}`" if name else "the tensor" for name in dict.fromkeys(name for name, _ in tensors)]
    return ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
