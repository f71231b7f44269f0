"""The same block on another input size: its ops are kept and its shapes and counts inferred anew."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.graph.model import ENCLOSING, Block, Counts, Leaf, NodeType, Ref
from archspec.ops import OpError, lifting
from archspec.ops.shapes import Shape, shape_text


def resized(block: Block, shapes: tuple[Shape, ...]) -> Block:
    """The block with other input shapes; raises `OpError` where its weights or ops do not fit them."""
    children: list[NodeType] = []

    def shape(ref: Ref) -> Shape:
        return shapes[ref.output] if ref.child == ENCLOSING else children[ref.child].shapes[ref.output]

    for child in block.children:
        inputs = tuple(shape(ref) for ref in child.inputs)
        children.append(resized(child, inputs) if isinstance(child, Block) else _resized_leaf(child, inputs))
    return replace(
        block,
        input_shapes=shapes,
        shapes=tuple(shape(result.ref) for result in block.results),
        children=tuple(children),
        counts=Counts.of(children),
    )


def _resized_leaf(leaf: Leaf, inputs: tuple[Shape, ...]) -> Leaf:
    outputs = lifting.infer(leaf.op, inputs)
    if leaf.op.parameters(*inputs) != leaf.parameters:
        raise OpError(
            "share",
            f"the weights of `{leaf.address}` do not fit this input",
            expected=", ".join(map(shape_text, leaf.input_shapes)),
            found=", ".join(map(shape_text, inputs)),
        )
    macs = 0 if leaf.counts.macs == 0 else lifting.macs(leaf.op, inputs, outputs)
    return replace(leaf, input_shapes=inputs, shapes=outputs, counts=replace(leaf.counts, macs=macs))
