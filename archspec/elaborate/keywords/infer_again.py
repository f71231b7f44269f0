"""The same module on another input: its ops are kept, and its shapes and counts inferred anew."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from archspec.elaborate.leaves import infer
from archspec.graph.model import ENCLOSING, Block, Counts, Leaf, NodeType, Ref
from archspec.ops import Module, OpError, lifting
from archspec.ops.base import REQUIRED
from archspec.ops.shapes import Shape, shape_text


def resized(block: Block, shapes: tuple[Shape, ...], training: bool) -> Block:
    """The block with other input shapes, its work counted unless it is done in `training` alone.

    Raises `OpError` where one of its modules would be another one, or cannot take what it is given.
    """
    children: list[NodeType] = []

    def shape(ref: Ref) -> Shape:
        return shapes[ref.output] if ref.child == ENCLOSING else children[ref.child].shapes[ref.output]

    for child in block.children:
        inputs = tuple(shape(ref) for ref in child.inputs)
        idle = training or child.training
        if isinstance(child, Leaf):
            _check_same_expression(child, inputs)
            children.append(resized_leaf(child, inputs, idle))
        else:
            children.append(resized(child, inputs, idle))
    return replace(
        block,
        input_shapes=shapes,
        shapes=tuple(shape(result.ref) for result in block.results),
        children=tuple(children),
        counts=Counts.of(children),
    )


def resized_leaf(leaf: Leaf, inputs: tuple[Shape, ...], training: bool) -> Leaf:
    """The leaf with other input shapes, as `resized`."""
    same = inputs == leaf.input_shapes
    outputs = leaf.shapes if same else infer(leaf.op, inputs)
    if not same:
        _check_same_module(leaf, inputs)
    macs = 0 if training else lifting.macs(leaf.op, inputs, outputs)
    return replace(leaf, input_shapes=inputs, shapes=outputs, counts=replace(leaf.counts, macs=macs))


def _check_same_module(leaf: Leaf, inputs: tuple[Shape, ...]) -> None:
    """Refuse an input for which another module would be made: of another rank, or with other tensors."""
    op, before = leaf.op, leaf.input_shapes
    weights, wanted = leaf.made, op.parameters(*inputs)
    if weights != wanted:
        raise OpError(
            "share",
            f"the weights of `{leaf.address}` do not fit this input",
            expected=_listed(weights),
            found=_listed(wanted),
        )
    module, other = op.module(*before), op.module(*inputs)
    if module != other or op.buffers(*before) != op.buffers(*inputs):
        raise OpError(
            "share",
            f"the module of `{leaf.address}` is not the one that this input needs",
            expected=f"{_call(module)}, which takes {', '.join(map(shape_text, before))}",
            found=f"{_call(other)}, which takes {', '.join(map(shape_text, inputs))}",
        )


def _check_same_expression(leaf: Leaf, inputs: tuple[Shape, ...]) -> None:
    """Refuse an input for which a block's own `forward` would have to be another."""
    if inputs == leaf.input_shapes or leaf.op.module(*inputs) is not None:
        return
    names = [f"x{number}" for number in range(len(inputs))]
    before, now = leaf.op.call(names, leaf.input_shapes), leaf.op.call(names, inputs)
    if before != now:
        message = f"`{leaf.address}` would not be computed as in the first call of its block"
        raise OpError("share", message, expected=f"`{before}`", found=f"`{now}`")


def _call(module: Module | None) -> str:
    """A constructor call as one would write it, without what is left at its default."""
    assert module is not None, "an op has a module for all inputs or for none"
    arguments = (
        f"{each.value}" if each.positional else f"{each.name}={each.value}"
        for each in module.arguments
        if each.default is REQUIRED or each.value != each.default
    )
    return f"{module.callee}({', '.join(arguments)})"


def _listed(parameters: Mapping[str, Shape]) -> str:
    return ", ".join(f"{name} {shape_text(shape)}" for name, shape in parameters.items())
