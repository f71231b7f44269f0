"""Modules that are called again: whose weights a node uses, and what stands in its place in other calls."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from archspec.graph.learned import Tie
from archspec.graph.model import Block, Graph, NodeType


class Calls(Struct, frozen=True):
    """The calls of the modules of a graph that has several of one."""

    owners: Mapping[int, NodeType]
    """By the `id` of each node that uses another's weights: that other."""
    heads: frozenset[int]
    """The `id`s of the nodes that are called again."""
    others: Mapping[int, tuple[NodeType, ...]]
    """By the `id` of each of these, and of what is inside it: what stands in its place in the further calls."""
    firsts: Mapping[int, NodeType]
    """By the `id` of each of those others: what stands in its place in the first call."""
    ties: tuple[Tie, ...] = ()
    """The tensors of single layers that are others'."""

    @classmethod
    def of(cls, graph: Graph) -> Calls:
        owners: dict[int, NodeType] = {}
        others: dict[int, tuple[NodeType, ...]] = {}
        firsts: dict[int, NodeType] = {}
        for owner, again in _tied(graph.root):
            owners[id(again)] = owner
            for one, other in _side_by_side(owner, again):
                others[id(one)] = (*others.get(id(one), ()), other)
                firsts[id(other)] = one
        return cls(owners, frozenset(map(id, owners.values())), others, firsts, graph.ties)

    def is_named(self, address: str) -> bool:
        """Whether another box says by this address whose weights it uses."""
        return any(owner.address == address and owner.counts.params for owner in self.owners.values())

    def owner(self, node: NodeType) -> NodeType | None:
        """The node whose weights a node uses again."""
        return self.owners.get(id(node))

    def first(self, node: NodeType) -> NodeType:
        """What stands in a node's place in the first call; most nodes have but one."""
        return self.firsts.get(id(node), node)

    def all(self, node: NodeType) -> tuple[NodeType, ...]:
        """A node, and what stands in its place in the further calls."""
        return node, *self.others.get(id(node), ())


def _tied(block: Block) -> Iterator[tuple[NodeType, NodeType]]:
    for child in block.children:
        if child.tied is not None:
            yield block.children[child.tied], child
        elif isinstance(child, Block):
            yield from _tied(child)


def _side_by_side(one: NodeType, other: NodeType) -> Iterator[tuple[NodeType, NodeType]]:
    yield one, other
    if isinstance(one, Block) and isinstance(other, Block):
        for first, second in zip(one.children, other.children):
            yield from _side_by_side(first, second)
