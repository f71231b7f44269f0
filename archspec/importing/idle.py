"""Idle: leave out what does nothing in any mode, such as a dropout of no values.

Before: `fc1, act, drop1, fc2, drop2`, with `drop1` and `drop2` a `Dropout(0.0)`.
After:  `fc1, act, fc2`.

Items of a list stay, since the names of those behind them are their numbers.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.ops.shapes import dtype_of

RATES = {"dropout": "p", "dropout1d": "p", "feature_alpha_dropout": "p", "alpha_dropout": "p", "stochastic_depth": "p"}
"""The ops that drop values, with the field that says how many."""

NEUTRAL = {"add": 0, "mul": 1}
"""The joins with the number that changes nothing, as the 0 with which Python's `sum` begins."""


def without_idle(graph: Graph) -> Graph:
    """The same graph without what does nothing."""
    return replace(graph, root=_busy(graph.root))


def _busy(block: Block) -> Block:
    inner = tuple(_busy(child) if isinstance(child, Block) else child for child in block.children)
    block = replace(block, children=inner)
    idle = {} if block.numbered else {at: child.inputs[0] for at, child in enumerate(inner) if _is_idle(child)}
    tied = {child.tied for child in inner}
    given = {result.ref.child for result in block.results}
    idle = {at: ref for at, ref in idle.items() if at not in tied and not (ref.child == ENCLOSING and at in given)}
    return _without(block, idle) if idle else block


def _is_idle(node: NodeType) -> bool:
    if isinstance(node, Block) or node.tied is not None or len(node.inputs) != 1:
        return False
    if node.op.name in NEUTRAL:
        return all(number == NEUTRAL[node.op.name] for _, number in node.op.numbers) and _changes_no_kind(node)  # type: ignore[attr-defined]
    rate = RATES.get(node.op.name)
    return node.op.name == "identity" or (rate is not None and getattr(node.op, rate) == 0)


def _changes_no_kind(leaf: Leaf) -> bool:
    return dtype_of(leaf.input_shapes[0]) == dtype_of(leaf.shapes[0])


def _without(block: Block, idle: Mapping[int, Ref]) -> Block:
    """A block without some of its children, for each of which what it takes stands instead."""
    kept = [at for at in range(len(block.children)) if at not in idle]
    places = {at: place for place, at in enumerate(kept)}

    def moved(ref: Ref) -> Ref:
        while ref.child in idle:
            ref = idle[ref.child]
        return ref if ref.child == ENCLOSING else Ref(places[ref.child], ref.output)

    children = tuple(
        replace(
            block.children[at],
            inputs=tuple(map(moved, block.children[at].inputs)),
            tied=None if (tied := block.children[at].tied) is None else places[tied],
        )
        for at in kept
    )
    results = tuple(replace(result, ref=moved(result.ref)) for result in block.results)
    return replace(block, children=children, results=results)
