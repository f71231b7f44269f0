"""The greatest or the least along dimensions, and where it stands."""

from abc import ABC
from typing import ClassVar

from archspec.ops.base import OpError, register
from archspec.ops.field_types import Axis, Flag, Positive, below
from archspec.ops.reduction import Reduction
from archspec.ops.shapes import Shape, shape_of, whole
from archspec.ops.whole_tensors import Dims, WholeOp, inside, summed_dtype


class _Extreme(Reduction, ABC):
    """An extreme of all along some dimensions."""

    any_dtype = True
    saves_output = True
    example_inputs: ClassVar[tuple[Shape, ...]] = ((512, 7, 7),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.{self.name}({self._dims})"


@register
class AMax(_Extreme):
    """The greatest value over one or more dimensions: torch.amax.

    Output as the input without these dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named
    twice, the batch.
    """

    name = "amax"
    example = "{amax: [2, 3]}"


@register
class AMin(_Extreme):
    """The least value over one or more dimensions: torch.amin.

    Output as the input without these dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named
    twice, the batch.
    """

    name = "amin"
    example = "{amin: [2, 3]}"


class _Found(Reduction, ABC):
    """An extreme along one dimension and its place there."""

    any_dtype = True
    saves_output = True
    outputs: ClassVar[tuple[str, ...]] = ("values", "indices")
    has_main_output = True
    example_inputs: ClassVar[tuple[Shape, ...]] = ((512, 7, 7),)

    dim: Axis

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (values,) = super().infer(*inputs)
        return values, shape_of(whole(values), "int64")

    def expression(self, *names: str) -> str:
        return f"{names[0]}.{self.name}({self._dims})"


@register
class Max(_Found):
    """The greatest value along one dimension, and its place there: torch.max.

    Outputs: `values`, which a node takes that names none, and `indices`, both as the input without the dimension, or
    with 1 in its place under `keepdim`. Errors: the batch. Of two tensors the greater is `maximum`.
    """

    name = "max"
    example = "{max: 1}"


@register
class Min(_Found):
    """The least value along one dimension, and its place there: torch.min.

    Outputs: `values`, which a node takes that names none, and `indices`, both as the input without the dimension, or
    with 1 in its place under `keepdim`. Errors: the batch. Of two tensors the smaller is `minimum`.
    """

    name = "min"
    example = "{min: 1}"


@register
class TopK(WholeOp):
    """The `k` greatest values along one dimension in descending order, and their places there: torch.topk.

    With `largest: false` the least, in ascending order; without `sorted` in any order. Outputs: `values`, which a node
    takes that names none, and `indices`, both as the input with `k` in the dimension's place. Errors: fewer than `k`
    along it, the batch.
    """

    name = "topk"
    main = "k"
    kind = "pooling"
    any_dtype = True
    saves_output = True
    dtypes = ("float32", "int64", "int32", "uint8")
    outputs: ClassVar[tuple[str, ...]] = ("values", "indices")
    has_main_output = True
    example = "{topk: 5}"
    example_inputs: ClassVar[tuple[Shape, ...]] = ((1000,),)

    k: Positive
    dim: Axis = -1
    largest: Flag = True
    sorted: Flag = True

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (dims,) = inputs
        at = inside(self.name, "dim", self.dim, dims)
        if below(dims[at], self.k):
            message = f"`topk` cannot take {self.k} of a size of {dims[at]}"
            raise OpError("size", message, field="k", expected=f"at most {dims[at]}", found=str(self.k))
        return ((*dims[:at], self.k, *dims[at + 1 :]),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (values,) = super().infer(*inputs)
        return values, shape_of(whole(values), "int64")

    def expression(self, *names: str) -> str:
        flags = (f", {name}=False" for name in ("largest", "sorted") if not getattr(self, name))
        return f"{names[0]}.topk({self.k}, dim={self.dim}{''.join(flags)})"


@register
class Sort(WholeOp):
    """All values along a dimension in order, the least first, and their places: torch.sort.

    Outputs: `values`, which a node takes that names none, and `indices`, both as the input; the greatest are first
    under `descending`. Errors: the batch.
    """

    name = "sort"
    main = "dim"
    kind = "other"
    any_dtype = True
    saves_output = True
    outputs: ClassVar[tuple[str, ...]] = ("values", "indices")
    has_main_output = True
    example = "{sort: , descending: true}"
    example_inputs = ((1000,),)

    dim: Axis = -1
    descending: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (values,) = super().infer(*inputs)
        return values, shape_of(whole(values), "int64")

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        inside(self.name, "dim", self.dim, inputs[0])
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.sort(dim={self.dim}{', descending=True' if self.descending else ''})"


class _Place(Reduction, ABC):
    """Where an extreme stands along one dimension."""

    any_dtype = True
    dtypes = ("float32", "int64", "int32", "uint8")
    example_inputs: ClassVar[tuple[Shape, ...]] = ((1000,),)

    dim: Axis

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return "int64"

    def expression(self, *names: str) -> str:
        return f"{names[0]}.{self.name}({self._dims})"


@register
class ArgMax(_Place):
    """The place of the greatest value along one dimension: torch.argmax.

    Output whole numbers, as the input without the dimension, or with 1 in its place under `keepdim`. Errors: the batch.
    """

    name = "argmax"
    example = "{argmax: -1}"


@register
class ArgMin(_Place):
    """The place of the least value along one dimension: torch.argmin.

    Output whole numbers, as the input without the dimension, or with 1 in its place under `keepdim`. Errors: the batch.
    """

    name = "argmin"
    example = "{argmin: -1}"


@register
class CumSum(WholeOp):
    """At each place along `dim` the sum of all up to it: torch.cumsum.

    Input and output have one shape; of truths or whole numbers it is an int64. Errors: the batch.
    """

    name = "cumsum"
    main = "dim"
    kind = "other"
    any_dtype = True
    example = "{cumsum: 1}"
    example_inputs = ((20, 64),)

    dim: Axis

    def dtype(self, *inputs: Shape) -> str:
        return summed_dtype(super().dtype(*inputs))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        inside(self.name, "dim", self.dim, inputs[0])
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.cumsum(dim={self.dim})"
