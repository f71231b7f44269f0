"""Which names a graph's definition reads: what it comes to follows from their values and its inputs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.tree import Mapping, Scalar, Sequence, Tree

_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def names_read(graph: GraphDef) -> Iterator[str]:
    """Every word in the graph's expressions, names and modifiers: all that it could look up, and a few more."""
    for entry in graph.entries:
        if entry.name is not None:
            yield from words(entry.name)
        yield from _of_node(entry.node)


def _of_node(node: NodeDef) -> Iterator[str]:
    for given in (*node.fields.values(), *node.modifiers.values()):
        yield from words(given.value)
    for taken in (*(node.operands or ()), *(node.sources or ())):
        for tree in taken.trees:
            yield from words(tree)
    if node.use is not None:
        yield from words(node.use)
    for graph in (node.body, node.branches):
        if graph is not None:
            yield from names_read(graph)


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
