"""Values looked up by index."""

from abc import ABC
from collections.abc import Sequence
from typing import ClassVar

from archspec.ops.base import OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import at_least as size_at_least
from archspec.ops.field_types import Axis, Positive, differ
from archspec.ops.shapes import Batch, Carried, Dim, Shape, dtype_of, known, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp, broadcast, inside, tensor_fault


class _LookUp(WholeOp, ABC):
    """Values along `dim` of the first input, at the places that the second names."""

    main = "dim"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    any_dtype = True

    dim: Axis

    def dtype(self, *inputs: Shape) -> str:
        value, index = inputs
        _check_numbers(self.name, index)
        return super().dtype(value)


def _check_numbers(op: str, index: Shape) -> None:
    """Refuse places that are no whole numbers."""
    if dtype_of(index) != "int64" or tensor_fault(index, ("int64",)):
        found = tensor_fault(index, ("int64",)) or "a tensor of floats"
        raise OpError("inputs", f"`{op}` takes indices as whole numbers", expected="a tensor of int64", found=found)


@register
class Gather(_LookUp):
    """At each place of an index the value that stands there along `dim`: torch.gather.

    Inputs: values, and an index of as many dimensions, elsewhere no larger than they are. Output as the index. Errors:
    an index of another rank or larger, the batch.
    """

    name = "gather"
    example = "{gather: 1, from: [values, index]}"
    example_inputs = ((100, 4), Carried((10, 4), dtype="int64"))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        values, index = inputs
        at = inside(self.name, "dim", self.dim, values)
        if len(index) != len(values) or any(
            _larger(one, other) for place, (one, other) in enumerate(zip(index, values)) if place != at
        ):
            raise _misfit(self.name, "an index that is no larger than the values but along `dim`", values, index)
        return (index,)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.gather({self.dim}, {names[1]})"


@register
class TakeAlongDim(_LookUp):
    """As `gather`, with the other dimensions broadcast: torch.take_along_dim.

    Inputs: values, and an index of as many dimensions. Output as both, with the index's size along `dim`. Errors: an
    index of another rank, sizes that differ elsewhere where neither is 1, the batch.
    """

    name = "take_along_dim"
    example = "{take_along_dim: 1, from: [values, index]}"
    example_inputs = ((100, 4), Carried((10, 1), dtype="int64"))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        values, index = inputs
        at = inside(self.name, "dim", self.dim, values)
        if len(index) != len(values) or type(index[at]) is Batch:
            raise _misfit(self.name, "an index of as many dimensions", values, index)
        common = broadcast((*values[:at], *values[at + 1 :]), (*index[:at], *index[at + 1 :]))
        if common is None:
            raise _misfit(self.name, "the same sizes but along `dim`, or 1", values, index)
        return ((*common[:at], index[at], *common[at:]),)

    def expression(self, *names: str) -> str:
        return f"torch.take_along_dim({names[0]}, {names[1]}, dim={self.dim})"


@register
class IndexSelect(_LookUp):
    """The places along `dim` that an index names, for all examples alike: torch.index_select.

    Inputs: values, and an index without a batch, such as a `buffer`. Output as the values, with the index's sizes in
    place of that of `dim`. Errors: an index with a batch.
    """

    name = "index_select"
    example = "{index_select: 0, from: [table, index]}"
    example_inputs = (Carried((169, 3), "whole"), Carried((49,), "whole", dtype="int64"))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        values, index = inputs
        at = inside(self.name, "dim", self.dim, values)
        if not index or any(type(size) is Batch for size in index):
            raise _misfit(self.name, "an index of one dimension or more, without a batch", values, index)
        return ((*values[:at], *index, *values[at + 1 :]),)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value, index = names
        if len(whole(shapes[1])) == 1:
            return f"{value}.index_select({self.dim}, {index})"
        before = ":, " * (self.dim % len(whole(shapes[0])))
        return f"{value}[{before}{index}]"


@register
class Index(WholeOp):
    """What stands at the places that several tensors of whole numbers name together: `x[:, rows, columns]`.

    Inputs: values, and for each of as many dimensions from `dim` on an index; their sizes are broadcast. Output as the
    values, with these sizes in place of those dimensions. (One index alone is `index_select`.) Errors: an index with a
    batch, more of them than there are dimensions, the batch.
    """

    name = "index"
    main = "dim"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    any_dtype = True
    example = "{index: 1, from: [x, rows, columns]}"
    example_inputs = ((8, 8, 64), Carried((5, 1), "whole", dtype="int64"), Carried((1, 4), "whole", dtype="int64"))

    dim: Axis

    def dtype(self, *inputs: Shape) -> str:
        value, *indices = inputs
        for index in indices:
            _check_numbers(self.name, index)
        return super().dtype(value)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        values, *indices = inputs
        at = inside(self.name, "dim", self.dim, values)
        common = broadcast(*indices)
        looked_up = values[at : at + len(indices)]
        if (
            len(looked_up) < len(indices)
            or common is None
            or any(type(size) is Batch for size in (*common, *looked_up))
        ):
            raise _misfit(self.name, "an index for each of some dimensions, none of them the batch", *inputs[:2])
        return ((*values[:at], *common, *values[at + len(indices) :]),)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        before = [":"] * (self.dim % len(whole(shapes[0])))
        return f"{names[0]}[{', '.join((*before, *names[1:]))}]"


@register
class OneHot(WholeOp):
    """A row for each whole number, with 1 at its place and 0 elsewhere: torch.nn.functional.one_hot.

    Input `[*sizes]` of whole numbers below `num_classes`, output `[*sizes, num_classes]` of whole numbers. Errors: an
    input that is not of int64.
    """

    name = "one_hot"
    main = "num_classes"
    kind = "other"
    example = "{one_hot: 10}"
    example_inputs = (Carried((20,), dtype="int64"),)

    num_classes: Positive

    def dtype(self, *inputs: Shape) -> str:
        _check_numbers(self.name, inputs[0])
        return "int64"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return ((*inputs[0], self.num_classes),)

    def expression(self, *names: str) -> str:
        return f"F.one_hot({names[0]}, {self.num_classes})"


def _larger(one: Dim, other: Dim) -> bool:
    """Whether a size is certainly larger than another."""
    if type(one) is Batch or type(other) is Batch:
        return differ(one, other)
    return bool(one > other) if known(one, other) else not possible(size_at_least(other - one, 0))


def _misfit(op: str, expected: str, *inputs: Dims) -> OpError:
    texts = " and ".join(shape_text(shape_of(dims)) or "()" for dims in inputs)
    return OpError("join-shapes", f"`{op}` cannot take {texts}", expected=expected)
