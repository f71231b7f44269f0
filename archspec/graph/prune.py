"""A block without what certain values inside it do not need.

Only what a value needs remains:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: relu, b: {tanh: null, from: input}, c: {sigmoid: null, from: a}}')
>>> [child.name for child in pruned_to(graph.root, {"out": "c"}).children]
['a', 'c']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from archspec.graph.model import ENCLOSING, Block, NodeType, Ref, Result, counted
from archspec.graph.rebound import rebound


def pruned_to(block: Block, addresses: Mapping[str, str]) -> Block:
    """The block whose results, by name, are the values at these addresses inside it, and what they need."""
    pruned = _pruned(block, (), tuple(dict.fromkeys(addresses.values())))
    results = tuple(Result(name, pruned.taps[address]) for name, address in addresses.items())
    return rebound(_closed(pruned.block, results), block)


def with_outputs(block: Block, numbers: Sequence[int]) -> Block:
    """The block with some of its results only, and what they need."""
    pruned = _pruned(block, numbers, ())
    results = tuple(Result(block.results[number].name, pruned.outputs[number]) for number in numbers)
    return rebound(_closed(pruned.block, results), block)


class _Pruned(NamedTuple):
    """A block without what is not needed, and where the values that are needed now stand inside it.

    `outputs` has those of the outputs that were kept, by their old number; `taps` those of the addresses.
    """

    block: Block
    outputs: Mapping[int, Ref]
    taps: Mapping[str, Ref]


def _pruned(block: Block, outputs: Sequence[int], addresses: Sequence[str]) -> _Pruned:
    """What remains where these outputs of `block` and these addresses inside it are needed."""
    needs = _needs(block, outputs, addresses)
    moved: dict[Ref, Ref] = {}
    taps: dict[str, Ref] = {}
    places: dict[int, int] = {}
    children: list[NodeType] = []
    for number in sorted(needs):
        place = places[number] = len(children)
        child, kept, inner = _pruned_child(block.children[number], sorted(needs[number]), addresses)
        children.append(_rewired(child, moved, places))
        moved |= {Ref(number, old): Ref(place, new) for old, new in kept.items()}
        if child.tied is None:
            taps |= {address: Ref(place, new) for address, new in inner.items()}
        if child.address in addresses:
            taps[child.address] = Ref(place, kept[0])
    kept_outputs = {number: moved.get(block.results[number].ref, block.results[number].ref) for number in outputs}
    return _Pruned(replace(block, children=tuple(children)), kept_outputs, taps)


def _needs(block: Block, outputs: Sequence[int], addresses: Sequence[str]) -> dict[int, set[int]]:
    """The children that are needed, each with the numbers of its outputs that are.

    A child whose module another one uses again keeps the same outputs as that one.
    """
    needs: dict[int, set[int]] = defaultdict(set)

    def need(ref: Ref) -> None:
        if ref.child != ENCLOSING:
            needs[ref.child].add(ref.output)

    for number in outputs:
        need(block.results[number].ref)
    for number in reversed(range(len(block.children))):
        child = block.children[number]
        if child.address in addresses:
            need(Ref(number))
        if number in needs or _inside(child, addresses):
            needs[number] |= set()
            if child.tied is not None:
                needs[child.tied] |= needs[number]
            for ref in child.inputs:
                need(ref)
    for number, child in enumerate(block.children):
        if number in needs and child.tied is not None:
            needs[number] |= needs[child.tied]
    return needs


def _inside(child: NodeType, addresses: Sequence[str]) -> list[str]:
    """The addresses that lie inside a child; a module that is used again has those of its first use."""
    if not isinstance(child, Block) or not child.children:
        return []
    prefix = child.children[0].address.rpartition(".")[0]
    return [address for address in addresses if address.startswith(f"{prefix}.")]


def _pruned_child(
    child: NodeType, outputs: Sequence[int], addresses: Sequence[str]
) -> tuple[NodeType, dict[int, int], dict[str, int]]:
    """A child pruned in turn; the new numbers of its outputs by their old ones, and those of taps by address."""
    inner = _inside(child, addresses)
    if not isinstance(child, Block) or (not inner and len(outputs) == len(child.results)):
        return child, {number: number for number in range(len(child.shapes))}, {}
    pruned = _pruned(child, outputs, inner)
    results = [Result(child.results[number].name, pruned.outputs[number]) for number in outputs]
    results += [Result(address.replace(".", "_"), pruned.taps[address]) for address in inner]
    kept = {old: new for new, old in enumerate(outputs)}
    return _closed(pruned.block, tuple(results)), kept, {each: len(outputs) + at for at, each in enumerate(inner)}


def _rewired(child: NodeType, moved: Mapping[Ref, Ref], places: Mapping[int, int]) -> NodeType:
    tied = None if child.tied is None else places[child.tied]
    return replace(child, inputs=tuple(moved.get(ref, ref) for ref in child.inputs), tied=tied)


def _closed(block: Block, results: tuple[Result, ...]) -> Block:
    """The block with these results, its shapes and counts those of what it now holds."""
    shapes = tuple(block.resolve(result.ref) for result in results)
    return counted(replace(block, results=results, shapes=shapes))
