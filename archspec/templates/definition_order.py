"""The blocks of graphs by definition, in an order in which each stands after those that it holds.

What a block holds stands before it:

>>> from archspec.elaborate.example import example
>>> blocks = '{inner: {graph: [relu]}, outer: {graph: [{inner: null}]}}'
>>> graph = example('[{outer: null}, {outer: null}]', blocks=blocks)
>>> [[block.address for block in same] for same in inside_out([graph])]
[['0.0', '1.0'], ['0', '1']]
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence

from archspec.graph.model import Block, Graph

Key = tuple[Hashable, ...]


def inside_out(graphs: Sequence[Graph]) -> list[list[Block]]:
    """All blocks by definition; each definition stands after those that its blocks hold.

    A definition that holds itself, in turn or directly, is split by height, so that an order exists.
    """
    owned = [each for graph in graphs for each in _owned(graph.root, (), ())]
    blocks = [block for block, _ in owned]
    keys = {id(block): key for block, key in owned}
    done = _ordered(blocks, keys)
    if len(done) < len(set(keys.values())):
        ready = set(done)
        for block in blocks:
            if keys[id(block)] not in ready:
                keys[id(block)] = (*keys[id(block)], _height(block))
        done = _ordered(blocks, keys)
    groups: dict[Key, list[Block]] = defaultdict(list)
    for block in blocks:
        groups[keys[id(block)]].append(block)
    return [groups[key] for key in done]


def _owned(block: Block, owner: Key, path: Key) -> Iterator[tuple[Block, Key]]:
    """Each block's definition: its kind, or its place in the definition around it where it has none.

    Blocks that use another's module again have none of their own.
    """
    for child in block.children:
        if isinstance(child, Block) and child.tied is None:
            key: Key = (child.kind, child.title) if child.kind else (owner, (*path, child.slot))
            yield child, key
            yield from _owned(child, key if child.kind else owner, () if child.kind else (*path, child.slot))


def _ordered(blocks: Iterable[Block], keys: dict[int, Key]) -> list[Key]:
    """The definitions, each right after those it needs; without those that hold themselves, and what holds them."""
    holds: dict[Key, dict[Key, None]] = {keys[id(block)]: {} for block in blocks}
    for block in blocks:
        holds[keys[id(block)]] |= {keys[id(child)]: None for child in block.children if id(child) in keys}
    states: dict[Key, bool] = {}

    def placed(key: Key) -> bool:
        """Whether a definition, and all that it holds, has found its place."""
        if key not in states:
            states[key] = False
            states[key] = all(placed(inner) for inner in holds[key])
            if states[key]:
                done.append(key)
        return states[key]

    done: list[Key] = []
    for key in holds:
        placed(key)
    return done


def _height(block: Block) -> int:
    return 1 + max((_height(child) for child in block.children if isinstance(child, Block)), default=0)
