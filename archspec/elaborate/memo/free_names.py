"""Which names a graph's definition reads: what it comes to follows from their values and its inputs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import chain

from archspec.language.block_definition import BlockDef
from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def names_read(graph: GraphDef) -> Iterator[str]:
    """Every word in the graph's expressions, names and modifiers: all that it could look up, and a few more."""
    for entry in graph.entries:
        if entry.name is not None:
            yield from words(entry.name)
        yield from words_of_node(entry.node)
        for inner in entry.node.graphs:
            yield from names_read(inner)


def reads(block: BlockDef, graph: GraphDef) -> Counter[str]:
    """How often each word stands in a block's definition, of which `graph` is the body."""
    around = (*block.let.values(), *(param.default for param in block.params.values()), block.output)
    return Counter([*names_read(graph), *(word for tree in around if tree is not None for word in words(tree))])


def only_weighed(block: BlockDef, graph: GraphDef) -> frozenset[str]:
    """The params that say no more than whether nodes are there: nothing is called by their values."""
    read, weighed = reads(block, graph), Counter(_in_conditions(graph))
    return frozenset(name for name in block.params if read[name] == weighed[name])


def _in_conditions(graph: GraphDef) -> Iterator[str]:
    for entry in graph.entries:
        if (condition := entry.node.modifier("when")) is not None:
            yield from words(condition)
        for inner in entry.node.graphs:
            yield from _in_conditions(inner)


def words_of_node(node: NodeDef, but: Collection[str] = ()) -> Iterator[str]:
    """Every word in what a node itself says, but for some of its fields; those of graphs in it are not its own."""
    for name, given in chain(node.fields.items(), node.modifiers.items()):
        if name not in but:
            yield from words(given.value)
    for taken in (*(node.operands or ()), *(node.sources or ())):
        for tree in taken.trees:
            yield from words(tree)
    if node.use is not None:
        yield from words(node.use)


def words(tree: Tree) -> Iterator[str]:
    """Every word in the texts of a tree."""
    if isinstance(tree, Scalar):
        if isinstance(tree.value, str):
            yield from _WORD.findall(tree.value)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from words(item)
    elif isinstance(tree, Mapping):
        for key, value in tree.entries:
            yield from words(key)
            yield from words(value)
