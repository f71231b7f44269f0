"""Equal nodes in series → one node with `repeat`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from archspec.importing.page.progressions import with_progressions
from archspec.importing.page.scalars import Tree, Word
from archspec.ops import ops


class Node(Struct, frozen=True):
    """A node of a page under its name; `in_series` where it takes the node before it, and nothing else."""

    name: str
    tree: Tree
    in_series: bool
    times: int = 1
    template: str | None = None


def repeated(nodes: Sequence[Node], numbered: bool) -> Tree:
    """The nodes of a graph as a list or by name, with equal ones in series as one."""
    runs: list[Node] = []
    for node in _rising(nodes):
        merged = _merged(runs[-1], node, numbered) if runs else None
        if merged:
            runs[-1] = merged
        else:
            runs.append(node)
    if numbered:
        return _in_groups([Node(run.name, _times(run), run.in_series) for run in runs])
    trees = [_times(run) for run in runs]
    return {Word(run.template or run.name): tree for run, tree in zip(runs, trees)}


def _rising(nodes: Sequence[Node]) -> Iterator[Node]:
    """The nodes, those in series that differ in a number that rises evenly being equal."""
    for together, group in groupby(nodes, lambda node: node.in_series and _repeatable(node.tree)):
        members = [*group]
        trees = with_progressions([node.tree for node in members]) if together else [node.tree for node in members]
        yield from (replace(node, tree=tree) for node, tree in zip(members, trees))


LONGEST = 8
"""So many nodes may be one group that is repeated."""


def _in_groups(nodes: Sequence[Node]) -> list[Tree]:
    """The nodes of a list, with several in a row that come again right after as one group.

    `[conv, relu, conv, relu, pool]` → `[{nodes: [conv, relu], repeat: 2}, pool]`.
    """
    trees: list[Tree] = []
    at = 0
    while at < len(nodes):
        length, times = max(((each, _copies(nodes, at, each)) for each in range(2, LONGEST + 1)), key=_saved)
        if times > 1 and not (_follows(nodes[at]) and _copies(nodes, at + 1, length) == times):
            group = _in_groups(nodes[at : at + length])
            trees.append({Word("nodes"): group, Word("repeat"): Word(str(times))})
            at += length * times
        else:
            trees.append(nodes[at].tree)
            at += 1
    return trees


def _follows(node: Node) -> bool:
    """Whether it is a layer that belongs to the one before it, such as an activation."""
    op = ops().get(next(iter(node.tree)) if isinstance(node.tree, dict) else str(node.tree))
    return op is not None and op.kind in ("activation", "normalization", "pooling")


def _saved(found: tuple[int, int]) -> tuple[int, int]:
    """How many nodes a group stands for beyond its own; of equal ones the shortest group is best."""
    length, times = found
    return length * (times - 1), -length


def _copies(nodes: Sequence[Node], at: int, length: int) -> int:
    """How often so many nodes stand there, one after another."""
    group = nodes[at : at + length]
    if len(group) < length or not all(node.in_series and _repeatable(node.tree) for node in group):
        return 1
    trees = [node.tree for node in group]
    times = 1
    while [node.tree for node in nodes[at + length * times : at + length * (times + 1)]] == trees:
        times += 1
    return times


def _merged(run: Node, node: Node, numbered: bool) -> Node | None:
    """A run with one more node, where that continues it."""
    if not (run.in_series and node.in_series and run.tree == node.tree and _repeatable(node.tree)):
        return None
    if numbered:
        return replace(run, times=run.times + 1)
    template = _template(run.name, node.name, run.times)
    return replace(run, times=run.times + 1, template=template) if template else None


def _repeatable(tree: Tree) -> bool:
    return not (isinstance(tree, dict) and {"when", "from"} & set(tree))


def _template(first: str, name: str, times: int) -> str | None:
    """The template of two names that differ in a number which counts on.

    >>> _template("denselayer1", "denselayer4", 3)
    'denselayer{i + 1}'
    """
    one, other = (re.fullmatch(r"(.*?)(\d+)(\D*)", each) for each in (first, name))
    if not one or not other or (one[1], one[3]) != (other[1], other[3]) or int(other[2]) - int(one[2]) != times:
        return None
    start = int(one[2])
    return f"{one[1]}{{i{f' + {start}' if start else ''}}}{one[3]}"


def _times(run: Node) -> Tree:
    if run.times == 1:
        return run.tree
    return with_more(run.tree, {Word("repeat"): Word(str(run.times))})


def with_more(call: Tree, more: dict[str, Tree]) -> Tree:
    """A node with modifiers added; before a graph of its own, after anything else."""
    if not more:
        return call
    if isinstance(call, list):
        return {**more, Word("graph"): call}
    if isinstance(call, dict):
        return {**more, **call} if "graph" in call else {**call, **more}
    return {call: Word(""), **more}
