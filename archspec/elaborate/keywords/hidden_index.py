"""An index that hides another: `i` inside copies of copies is the inner copies' number, which is easily overlooked.

The inner copies are numbered by `j`, so `i` is still the outer copies' number:

>>> from archspec.elaborate.example import example
>>> graph = example('{"a{i}": {graph: {"b{i}{j}": {relu: , repeat: {j: 2}}}, repeat: 2}}')
>>> [node.address for node in graph.walk()]
['a0', 'a0.b00', 'a0.b01', 'a1', 'a1.b10', 'a1.b11']
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from archspec.elaborate.keywords.repeat import INDEX, index_name, index_of
from archspec.elaborate.site import Site
from archspec.language.expressions import ExpressionError, parse_expression
from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree

_HOLE = re.compile(r"\{([^{}]*)\}")
_COPYING = ("repeat", "each", "over")


def warn_hidden(site: Site, node: NodeDef) -> None:
    """Tell of the index of a node's copies where it hides another that the node seems to mean.

    One that was given a name hides whatever has it; one that was not is told of where the node reads it in more than
    its own name, which is the same for all copies unless it holds their index.
    """
    keyword = next(name for name in _COPYING if name in node.modifiers)
    given = node.modifiers[keyword]
    index = index_of(keyword, given.value)
    named = index != INDEX or (keyword == "repeat" and isinstance(given.value, Mapping))
    if index not in site.scope or not (named or reads(node, index)):
        return
    other = "k" if named else "j"
    table = keyword == "each" and isinstance(given.value, Mapping)
    form = f"each: {{index: {other}, …}}" if table else f"repeat: {{{other}: …}}"
    inner = keyword == "repeat" or table
    site.report(
        "hidden-index",
        f"`{index}` is the number of these copies, and hides the `{index}` around them",
        given.key.span,
        help=f"give {'it' if inner else 'the other index'} another name: `{form}`",
        severity="warning",
    )


def reads(node: NodeDef, index: str) -> bool:
    """Whether a node reads the name of an index in what is worked out for each of its copies."""
    return any(index in names for names in _names(node, index))


def _names(node: NodeDef, index: str) -> Iterator[frozenset[str]]:
    """The names that each text of a node reads, but for those where a copy inside it has an index of that name."""
    inside = (given.value for name, given in node.modifiers.items() if name not in _COPYING)
    fields = (given.value for given in node.fields.values())
    for tree in (*fields, *inside, *((node.use,) if node.use is not None else ())):
        yield from _in_tree(tree)
    for taken in (*(node.operands or ()), *(node.sources or ())):
        if taken.repeat is None or index_name(taken.repeat) != index:
            for name in taken.names:
                yield from _in_name(name)
        if taken.repeat is not None:
            yield from _in_tree(taken.repeat)
    if node.share is not None:
        yield from _in_name(node.share)
    for graph in node.graphs:
        yield from _in_graph(graph, index)


def _in_graph(graph: GraphDef, index: str) -> Iterator[frozenset[str]]:
    for entry in graph.entries:
        copying = {name: entry.node.modifiers[name].value for name in _COPYING if name in entry.node.modifiers}
        for tree in copying.values():
            yield from _in_tree(tree)
        if any(index_of(name, tree) == index for name, tree in copying.items()):
            continue
        if entry.name is not None:
            yield from _in_name(entry.name)
        yield from _names(entry.node, index)


def _in_tree(tree: Tree) -> Iterator[frozenset[str]]:
    if isinstance(tree, Scalar):
        if isinstance(tree.value, str):
            yield _read(tree.value)
    elif isinstance(tree, Sequence):
        for item in tree.items:
            yield from _in_tree(item)
    elif isinstance(tree, Mapping):
        for _, value in tree.entries:
            yield from _in_tree(value)


def _in_name(name: Scalar) -> Iterator[frozenset[str]]:
    """What the expressions in a name's template read."""
    yield from map(_read, _HOLE.findall(str(name.value)))


def _read(text: str) -> frozenset[str]:
    try:
        return parse_expression(text).names
    except ExpressionError:
        return frozenset()
