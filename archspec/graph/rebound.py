"""Tensors whose owner is cut away: they are the own of the first layer that remains of those that had them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from msgspec.structs import replace

from archspec.graph.learned import Bound, Tie
from archspec.graph.model import Block, Leaf, NodeType, counted, inside, ties_of
from archspec.ops.shapes import product

Tensor: TypeAlias = tuple[str, str]
"""A layer's address, and the tensor's name in it."""


def rebound(block: Block, whole: Block) -> Block:
    """A block that was cut from a `whole` one, no layer tied to what is not there any more."""
    ties = tuple(ties_of(whole))
    present = {node.address for node in inside(block)} if ties else set()
    if all(tie.owner in present for tie in ties if tie.address in present):
        return block
    return _with(block, dict(_heirs(ties, present)))


def _heirs(ties: tuple[Tie, ...], present: set[str]) -> Iterator[tuple[Tensor, Tensor]]:
    """For each tensor that is another's, in order: whose it now is."""
    owners: dict[Tensor, Tensor] = {}
    heirs: dict[Tensor, Tensor] = {}
    for tie in ties:
        own, given = (tie.address, tie.tensor), (tie.owner, tie.owner_tensor)
        first = owners[own] = owners.get(given, given)
        if tie.address in present:
            yield own, heirs.setdefault(first, first if first[0] in present else own)


def _with(block: Block, heirs: dict[Tensor, Tensor]) -> Block:
    """The block, each of its layers tied to its heir."""
    children = tuple(_child(block, child, heirs) for child in block.children)
    return counted(replace(block, children=children))


def _child(block: Block, child: NodeType, heirs: dict[Tensor, Tensor]) -> NodeType:
    if isinstance(child, Block):
        return _with(child, heirs)
    if child.tied is not None:
        return child
    around = child.address[: -len(child.name)]
    bound = []
    for each in child.bound:
        address, tensor = heirs[child.address, each.tensor]
        if address == child.address:
            child = _owning(child, each)
        else:
            bound.append(each._replace(owner=address.removeprefix(around), owner_tensor=tensor))
    return replace(child, bound=tuple(bound)) if child.bound else child


def _owning(leaf: Leaf, bound: Bound) -> Leaf:
    """The layer with one tensor more that counts as its own."""
    size = product(leaf.parameters[bound.tensor])
    counts = leaf.counts
    counts = replace(counts, params=counts.params + size, frozen=counts.frozen + size * bound.frozen)
    return replace(leaf, counts=counts)
