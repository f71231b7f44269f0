"""A number that is equal for two graphs of the same network, however their pages say it."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from archspec.graph.initial_values import starts
from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.ops import Op
from archspec.ops.equation import Compute


def fingerprint(graph: Graph) -> int:
    """Equal for graphs of the same nodes, ops, wires, shapes and starts.

    What says the same is the same: `3` and `[3, 3]` for a kernel, a pool that steps by its own size, other names
    for a block's inputs and outputs, and one rule of `init` or several that fill the same tensors.
    """
    return hash(_said(graph))


def digest(graph: Graph) -> str:
    """The same as a text that every process gives: SHA-256 of what the fingerprint knows."""
    return sha256(repr(_said(graph)).encode()).hexdigest()


def _said(graph: Graph) -> tuple[Any, ...]:
    begun = [(*where, rule.function, repr(rule.arguments)) for *where, rule in starts(graph) if rule]
    nodes = tuple(map(form, graph.walk()))
    return (nodes, graph.root.results, graph.root.input_shapes, tuple(begun), graph.ties)


def form(node: NodeType) -> tuple[Any, ...]:
    """All that a fingerprint knows of one node."""
    results = isinstance(node, Block) and tuple(result.ref for result in node.results)
    what = (node.op.name, op_form(node), node.parametrize) if isinstance(node, Leaf) else results
    frozen = node.frozen and node.counts.params > 0
    return node.address, what, node.inputs, node.input_shapes, node.training, frozen, node.tied


def op_form(leaf: Leaf) -> Op:
    """An op with one number for a list of the same for each dimension, and no stride where it is the kernel's size."""
    op = leaf.op
    if isinstance(op, Compute):
        return op.model_copy(update={"equation": ""})  # its term says all, whatever its values are called
    lists = {name: getattr(op, name, None) for name in op.per_dimension}
    plain = {name: value[0] for name, value in lists.items() if isinstance(value, tuple) and len({*value}) == 1}
    sizes = {**lists, **plain}
    if op.kind == "pooling" and sizes.get("stride") == sizes.get("kernel_size", 0):
        plain["stride"] = None
    return op.model_copy(update=plain) if plain else op
