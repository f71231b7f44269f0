"""What the parameters are made of."""

from __future__ import annotations

from msgspec import Struct

from archspec.graph.model import Block, Graph, NodeType
from archspec.ops.shapes import product


class Breakdown(Struct, frozen=True):
    """Parameters by kind, and the largest of the root's children."""

    normalization: int
    biases: int
    training: int
    statistics: int
    blocks: tuple[tuple[str, int], ...]


def breakdown(graph: Graph, most: int = 8) -> Breakdown:
    """Where a graph's parameters lie; `statistics` are the running means and variances, which are buffers."""
    leaves = graph.owners
    norms = [leaf for leaf in leaves if leaf.op.kind == "normalization"]
    blocks = sorted(graph.root.children, key=lambda child: -child.counts.params)[:most]
    return Breakdown(
        normalization=sum(leaf.counts.params for leaf in norms),
        biases=sum(product(leaf.filled["bias"]) for leaf in leaves if leaf not in norms and "bias" in leaf.filled),
        training=sum(_training(child) for child in graph.root.children),
        statistics=sum(product(shape) for leaf in norms for shape in leaf.buffers.values() if shape),
        blocks=tuple((child.address, child.counts.params) for child in blocks if child.counts.params),
    )


def _training(node: NodeType) -> int:
    if node.training:
        return node.counts.params
    return sum(map(_training, node.children)) if isinstance(node, Block) else 0
