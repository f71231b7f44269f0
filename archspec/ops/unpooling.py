"""Max pooling undone: each value where it was taken from."""

from typing import ClassVar

from archspec.ops.base import Module, OpError, register
from archspec.ops.field_types import NaturalPerDim, PositivePerDim, below, differ, fitting, spatial_rank
from archspec.ops.pooling import Stride
from archspec.ops.shapes import Carried, Dim, Shape, dtype_of, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class MaxUnpool(WholeOp):
    """Values put back where `max_pool_with_indices` took them, and 0 elsewhere: torch.nn.MaxUnpool1d, 2d or 3d.

    Inputs: values `[C, *sizes]`, their `indices`, and if you like a third value, whose size the output has, where
    pooling rounded it down. Output `[C, *sizes']` with each size `(size - 1)·stride - 2·padding + kernel` without it
    (Badrinarayanan et al. 2017, SegNet). Errors: indices of another size or kind.
    """

    name = "max_unpool"
    main = "kernel_size"
    kind = "shape"
    inputs: ClassVar[tuple[int, int | None]] = (2, 3)
    sized_by = (2,)
    per_dimension = ("kernel_size", "stride", "padding")
    example = "{max_unpool: 2, from: [pool, pool.indices]}"
    example_inputs = ((64, 14, 14), Carried((64, 14, 14), dtype="int64"))

    kernel_size: PositivePerDim
    stride: Stride = None
    padding: NaturalPerDim = 0

    def dtype(self, *inputs: Shape) -> str:
        value, indices, *like = inputs
        if dtype_of(indices) != "int64":
            expected = "whole numbers, from `max_pool_with_indices`"
            raise OpError("inputs", "`max_unpool` needs the index of each value", expected=expected)
        return super().dtype(value, *like)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        dims, indices, *like = inputs
        rank = spatial_rank(self.name, dims[1:])
        if len(indices) != len(dims) or any(map(differ, indices, dims)):
            found, expected = shape_text(shape_of(indices)), shape_text(shape_of(dims))
            raise OpError("inputs", "`max_unpool` needs the index of each value", expected=expected, found=found)
        for other in like:
            if len(other) != len(dims):
                raise OpError("rank", "`max_unpool` takes its size from a value of as many dimensions")
            return ((*dims[:2], *other[2:]),)
        kernel = fitting(self.name, "kernel_size", self.kernel_size, rank)
        stride = fitting(self.name, "stride", kernel if self.stride is None else self.stride, rank)
        padding = fitting(self.name, "padding", self.padding, rank)
        return ((*dims[:2], *map(self._size, dims[2:], kernel, stride, padding)),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.MaxUnpool{len(whole(inputs[0])) - 2}d", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        value, indices, *like = names
        return (value, indices, *(f"output_size={each}.shape[2:]" for each in like))

    def _size(self, size: Dim, kernel: int, stride: int, padding: int) -> Dim:
        result = (size - 1) * stride - 2 * padding + kernel
        if below(result, 1):
            message = f"`padding` (={padding}) leaves nothing of a size of {size}"
            raise OpError("window", message, field="padding", expected="a smaller one", found=str(padding))
        return result
