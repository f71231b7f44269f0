"""Slots: say of each child which place of its block's definition it stands in, so that folding aligns what is alike.

A module's attribute is its own place. Items of a list have none but their number, which shifts where one is left out:

    features.1.block: [conv 3×3 depthwise, squeeze, conv 1×1]
    features.2.block: [conv 1×1, conv 3×3 depthwise, squeeze, conv 1×1]

so the items of all lists that stand in one place are aligned by what they are. Equal neighbours are copies of one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from operator import eq

from msgspec.structs import replace

from archspec.graph.model import Block, Graph, Leaf, NodeType

Kind = tuple[Hashable, ...]
"""What a node is, without its sizes: what it must share with another to stand in its place, then what it should."""


def place(graph: Graph) -> Graph:
    """The same graph with each node's slot."""
    given: dict[int, tuple[tuple[Hashable, ...], ...]] = {}
    pending: dict[Hashable, list[Block]] = {"": [graph.root]}
    while pending:
        inner: dict[Hashable, list[Block]] = defaultdict(list)
        for key, blocks in pending.items():
            for block, slots in zip(blocks, _slots(blocks)):
                given[id(block)] = slots
                for child, slot in zip(block.children, slots):
                    if isinstance(child, Block):
                        inner[(child.kind, child.title) if child.kind else (key, slot)].append(child)
        pending = inner
    return replace(graph, root=_with_slots(graph.root, given))


def _with_slots(block: Block, given: dict[int, tuple[tuple[Hashable, ...], ...]]) -> Block:
    children = (
        replace(_with_slots(child, given) if isinstance(child, Block) else child, slot=slot)
        for child, slot in zip(block.children, given[id(block)])
    )
    return replace(block, children=tuple(children))


def _slots(blocks: Sequence[Block]) -> list[tuple[tuple[Hashable, ...], ...]]:
    """The slots of the children of blocks that stand in one place."""
    if not all(block.numbered for block in blocks):
        return [_named(block) for block in blocks]
    rows = [_runs([kind(child) for child in block.children]) for block in blocks]
    union: list[Kind] = []
    for row in sorted(dict.fromkeys(tuple(each for each, _ in row) for row in rows), key=len, reverse=True):
        union = _united(union, list(row))
    return [_placed(row, union) for row in rows]


def _named(block: Block) -> tuple[tuple[Hashable, ...], ...]:
    """Names as slots; those that count on are copies of one."""
    slots: list[tuple[Hashable, ...]] = []
    for child in block.children:
        stem, counted = re.subn(r"\d+", "", child.name)
        if not counted or not isinstance(child, Block):
            slots.append((child.name,))
        elif slots and slots[-1][0] == (stem, kind(child)):
            slots.append((slots[-1][0], slots[-1][1] + 1))  # type: ignore[operator]
        else:
            slots.append(((stem, kind(child)), 0))
    return _unequal(slots, block)


def _unequal(slots: list[tuple[Hashable, ...]], block: Block) -> tuple[tuple[Hashable, ...], ...]:
    """The slots, or plain names where these would not tell all children apart."""
    return tuple(slots) if len(set(slots)) == len(slots) else tuple((child.name,) for child in block.children)


def kind(node: NodeType) -> Kind:
    """What a node is: its op or class first, then what sets it apart from others of that."""
    if isinstance(node, Leaf):
        alike = node.op.kind in ("activation", "normalization")
        return (node.op.kind, node.op.name) if alike else (node.op.name, *_manner(node))
    inside = tuple(kind(child) for child in node.children) if node.numbered else ()
    return node.kind or "", inside


def _manner(leaf: Leaf) -> Kind:
    """Of a convolution, whether it looks at single points, and whether it keeps channels apart."""
    fields = leaf.op.model_dump() if leaf.op.kind == "convolution" else {}
    return tuple(fields[name] == 1 for name in ("kernel_size", "groups") if name in fields)


def _runs(kinds: Sequence[Kind]) -> list[tuple[Kind, int]]:
    """Kinds with how many of each follow each other."""
    runs: list[tuple[Kind, int]] = []
    for each in kinds:
        if runs and runs[-1][0] == each:
            runs[-1] = each, runs[-1][1] + 1
        else:
            runs.append((each, 1))
    return runs


def _united(union: list[Kind], row: list[Kind]) -> list[Kind]:
    """An order that holds a union's kinds and a row's, with those in one place that are most alike."""
    result: list[Kind] = []
    pairs = _pairs(union, row)
    at = 0
    for number, each in enumerate(row):
        if number in pairs:
            result += union[at : pairs[number] + 1]
            at = pairs[number] + 1
        else:
            result.append(each)
    return result + union[at:]


def _placed(row: Sequence[tuple[Kind, int]], union: Sequence[Kind]) -> tuple[tuple[Hashable, ...], ...]:
    pairs = _pairs(union, [each for each, _ in row])
    return tuple(
        (pairs[number], copy) if times > 1 else (pairs[number],)
        for number, (_, times) in enumerate(row)
        for copy in range(times)
    )


def _pairs(union: Sequence[Kind], row: Sequence[Kind]) -> dict[int, int]:
    """For each of a row the place in a union with which it goes: of all ways that keep the order, the likeliest."""
    best = [[0] * (len(union) + 1) for _ in range(len(row) + 1)]
    for i in range(len(row) - 1, -1, -1):
        for j in range(len(union) - 1, -1, -1):
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + _alike(row[i], union[j]))
    pairs: dict[int, int] = {}
    i = j = 0
    while i < len(row) and j < len(union):
        if _alike(row[i], union[j]) and best[i][j] == best[i + 1][j + 1] + _alike(row[i], union[j]):
            pairs[i] = j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            i += 1
    return pairs


def _alike(one: Kind, other: Kind) -> int:
    """How alike two kinds are: 0 where they cannot stand in one place, more for each part inside that is the same."""
    if one[0] != other[0]:
        return 0
    return _EQUAL if one == other else 1 + min(sum(map(eq, _inside(one), _inside(other))), _EQUAL - 2)


_EQUAL = 8
"""What equals outweighs what is only alike."""


def _inside(kind: Kind) -> Sequence[Hashable]:
    (_, *rest) = kind
    return rest[0] if rest and isinstance(rest[0], tuple) else ()
