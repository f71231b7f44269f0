"""Ops on values that are more than plain tensors: what is done to each item, and who may take what."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.ops import Op, OpError
from archspec.ops.shapes import Count, Dim, Shape, per_example, shape_of, shape_text, whole
from archspec.ops.whole_tensors import refused, tensor_fault


def infer(op: Op, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The shapes of the outputs; of items folded into the batch they are inferred for one item.

    Where a tensor's dimensions are whole, the first of them, whatever it holds, is taken as the batch otherwise is.
    """
    if op.takes == "anything" or _PLAIN.issuperset(map(type, shapes)):
        return op.infer(*shapes)
    first = _first(op, shapes)
    return tuple(shape_of((first, *shape)) for shape in op.infer(*map(_row, shapes)))


def macs(op: Op, shapes: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
    """One example's multiply-accumulates: those of all its items."""
    if op.takes == "anything" or _PLAIN.issuperset(map(type, shapes)):
        return op.macs(shapes, outputs)
    macs = op.macs([*map(_row, shapes)], [*map(_row, outputs)])
    return per_example(macs * whole(shapes[0])[0]) if macs else 0


_PLAIN = frozenset({tuple})
"""The types of the shapes of plain tensors."""


def _row(shape: Shape) -> Shape:
    """The dimensions but the first, which is that of the batch where a tensor is not whole."""
    return whole(shape)[1:]


def _first(op: Op, shapes: Sequence[Shape]) -> Dim:
    """What stands first in all inputs; raises `OpError` where they are no such tensors."""
    for shape in shapes:
        if fault := tensor_fault(shape):
            raise refused(op.name, fault, shape)
        if not whole(shape):
            raise OpError("rank", f"`{op.name}` cannot take a single number", found="a tensor without dimensions")
    firsts = list(dict.fromkeys(whole(shape)[0] for shape in shapes))
    if len(firsts) > 1:
        raise OpError(
            "inputs",
            f"`{op.name}` takes values of one batch",
            expected="the same number of items of each example",
            found=", ".join(map(shape_text, shapes)),
        )
    return firsts[0]
