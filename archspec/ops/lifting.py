"""Ops on values that are more than plain tensors: what is done to each item, and who may take what."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.ops import Op, OpError
from archspec.ops.shapes import FLOAT, Carried, Count, Shape, dtype_of, folded, items, shape_text


def infer(op: Op, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes of the outputs; of items folded into the batch they are inferred for one item."""
    if op.takes == "anything" or _PLAIN.issuperset(map(type, shapes)):
        return op.infer(*shapes)
    count = _count(op, shapes)
    return tuple(folded(shape, count) for shape in op.infer(*map(_item, shapes)))


def macs(op: Op, shapes: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
    """One example's multiply-accumulates: those of all its items."""
    if op.takes == "anything" or _PLAIN.issuperset(map(type, shapes)):
        return op.macs(shapes, outputs)
    macs = op.macs([*map(_item, shapes)], [*map(_item, outputs)])
    return macs * items(shapes[0]) if macs else 0


_PLAIN = frozenset({tuple})
"""The types of the shapes of plain tensors."""


def _item(shape: Shape) -> Shape:
    return tuple(shape)


def _count(op: Op, shapes: Sequence[Shape]) -> Count:
    """How many items of one example stand in the batch; raises `OpError` where the inputs are no such tensors."""
    for shape in shapes:
        if fault := _fault(shape):
            help_ = "`embedding` gives a vector for each whole number" if dtype_of(shape) == "int64" else None
            raise OpError("inputs", f"`{op.name}` takes a tensor of floats", found=fault, help=help_)
    counts = list(dict.fromkeys(map(items, shapes)))
    if len(counts) > 1:
        raise OpError(
            "inputs",
            f"`{op.name}` takes values of one batch",
            expected="the same number of items of each example",
            found=", ".join(map(shape_text, shapes)),
        )
    return counts[0]


def _fault(shape: Shape) -> str | None:
    """What a value is, where it is no tensor of floats."""
    if not isinstance(shape, Carried):
        return None
    if shape.form == "list":
        return f"a list with one tensor of {shape_text(tuple(shape))} for each example"
    if shape.form == "records":
        return f"a list with one mapping for each example: {shape_text(shape)}"
    if shape.form == "scalars":
        return f"a mapping of single numbers: {shape_text(shape)}"
    if shape.form == "sizes":
        return "a list with the height and width of each example's image"
    if shape.dtype != FLOAT:
        return f"a tensor of {shape.dtype}"
    return "a value that may be left out" if shape.optional else None
