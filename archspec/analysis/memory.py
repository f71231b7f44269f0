"""Activation memory: the bytes of the values that a network's ops give, by node."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.ops.shapes import FLOAT, Carried, Count, Shape, dtype_of, items, one_example, product

FLOAT32 = 4
"""Bytes of a float unless told otherwise."""
WHOLE = {"int64": 8, "int32": 4, "bool": 1}
"""Bytes of what is no float."""


def activation_memory(graph: Graph, element: int = FLOAT32) -> Mapping[str, Count]:
    """The bytes of every node's activations, by address; under the empty address those of the whole network.

    Counted is each value that an op gives, as elements × `element` bytes (what is no float: its own size), for one
    example in inference: what it takes to keep all of them. So a block has the sum of what is inside it. Nothing is
    counted for the network's input, for what runs in training only, and for an op whose output is its input or a view
    of it, as reshapes, splits and dropout have it; an activation counts although it may overwrite its input. Symbolic
    where a shape is.

    >>> import archspec
    >>> memory = activation_memory(archspec.read("lenet").graph)
    >>> memory["C1"], memory["flatten"], memory["S2"]
    (18816, 0, 4704)
    """
    found: dict[str, Count] = {}
    found[""] = _inside(graph.root, element, False, found)
    return found


def node_memory(node: NodeType, element: int = FLOAT32, known: dict[Block, Count] | None = None) -> Count:
    """The bytes of one node's activations, as `activation_memory` counts them.

    What is `known` of blocks in it is not summed again, and what is summed is kept there.
    """
    if not isinstance(node, Block):
        return _own(node, element)
    found = known.get(node) if known is not None else None
    if found is None:
        found = sum(0 if child.training else node_memory(child, element, known) for child in node.children)
        if known is not None:
            known[node] = found
    return found


def _inside(block: Block, element: int, idle: bool, found: dict[str, Count]) -> Count:
    """The bytes of what is inside a block, all of it noted in `found`; nothing where it is idle in inference."""
    total: Count = 0
    for child in block.children:
        rests = idle or child.training
        if isinstance(child, Block):
            found[child.address] = _inside(child, element, rests, found)
        else:
            found[child.address] = 0 if rests else _own(child, element)
        total += found[child.address]
    return total


def _own(leaf: Leaf, element: int) -> Count:
    """The bytes that an op's outputs add to what was there."""
    return 0 if leaf.op.shares_memory else sum(_bytes(shape, element) for shape in leaf.shapes)


def _bytes(shape: Shape, element: int) -> Count:
    if isinstance(shape, Carried) and shape.fields:
        return sum(_bytes(each, element) for _, each in shape.fields)
    dtype = dtype_of(shape)
    return product(one_example(shape)) * items(shape) * (element if dtype == FLOAT else WHOLE.get(dtype, element))
