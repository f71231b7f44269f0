"""Reshapes: say a reshape that only joins neighbours, or splits one dimension, as what it is.

Before: `{reshape: [197, 3, 12, 64]}` of 197×2304, `{reshape: [768, 196]}` of 768×14×14.
After:  `{unflatten: [3, 12, 64], dim: 2}`, `{flatten: 2}`: whatever the other sizes are.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec.structs import replace

from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.importing.rebatch import shared
from archspec.language.identifiers import free
from archspec.ops import Op, OpError, lifting, ops
from archspec.ops.shapes import Batch, whole


def without_sizes(graph: Graph) -> Graph:
    """The same graph with reshapes that need no sizes of what they leave alone."""
    return replace(graph, root=_said(graph.root))


def _said(block: Block) -> Block:
    names = {child.name for child in block.children}
    children: list[NodeType] = []
    for child in block.children:
        made = _said(child) if isinstance(child, Block) else _shorter(child)
        if isinstance(made, Leaf) and made is not child and not block.numbered:
            made = _renamed(made, names)
        children.append(made)
    return replace(block, children=tuple(children))


def _renamed(leaf: Leaf, names: set[str]) -> Leaf:
    """A leaf called by its new op, where it was called by its old one."""
    if not re.fullmatch(r"(reshape|view)(_\d+)?", leaf.name):
        return leaf
    name = free(leaf.op.name, names)
    names.add(name)
    return replace(leaf, name=name, address=f"{leaf.address[: -len(leaf.name)]}{name}")


def _shorter(leaf: Leaf) -> Leaf:
    """A reshape as a flatten or unflatten that gives the same shape."""
    if leaf.op.name != "reshape":
        return leaf
    op = _joining(whole(leaf.input_shapes[0]), whole(leaf.shapes[0]))
    if op is None or not _gives(op, leaf):
        return leaf
    return replace(leaf, op=op)


def _joining(before: tuple[Any, ...], after: tuple[Any, ...]) -> Op | None:
    """The op that joins or splits what differs between two shapes; the batch takes items in, or gives them back."""
    front = shared(before, after)
    back = min(shared(before[::-1], after[::-1]), len(before) - front, len(after) - front)
    old, new = before[front : len(before) - back], after[front : len(after) - back]
    if 1 in (*old, *new):
        return None  # of blocks of one class others may split or join there
    if len(new) == 1 < len(old):
        last = front + len(old) - 1
        return ops()["flatten"].of({"start_dim": front, "end_dim": -1 if last == len(before) - 1 else last})
    if len(old) == 1 < len(new):
        sizes = (-1, *new[1:]) if type(new[0]) is Batch else new
        return ops()["unflatten"].of({"dim": front, "unflattened_size": sizes})
    return None


def _gives(op: Op, leaf: Leaf) -> bool:
    try:
        return lifting.infer(op, leaf.input_shapes) == leaf.shapes
    except OpError:
        return False
