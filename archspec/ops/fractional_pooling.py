"""Max pooling over windows of random sizes (Graham 2014)."""

from typing import Annotated

from archspec.ops.base import Expects, Module, Op, OpError, register
from archspec.ops.field_types import PositivePerDim, PositiveReal, below, fitting, spatial_rank
from archspec.ops.shapes import Dim, Shape, scaled


@register
class FractionalMaxPool(Op):
    """Maximum of windows drawn by chance, to a given size or share: torch.nn.FractionalMaxPool2d or 3d (Graham 2014).

    Input `[C, *sizes]`, output `[C, *output_size]` or `[C, *sizes']` with each size `floor(size·output_ratio)`. Errors:
    both or neither of the two, a kernel that leaves no room for so many windows.
    """

    name = "fractional_max_pool"
    main = "kernel_size"
    kind = "pooling"
    per_dimension = ("kernel_size", "output_size", "output_ratio")
    example = "{fractional_max_pool: 2, output_ratio: 0.7}"
    example_inputs = ((64, 28, 28),)

    kernel_size: PositivePerDim
    output_size: Annotated[PositivePerDim | None, Expects("a whole number from 1, or a list of them")] = None
    output_ratio: Annotated[
        PositiveReal | tuple[PositiveReal, ...] | None, Expects("a number between 0 and 1, or a list of them")
    ] = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape, (2, 3))
        if (self.output_size is None) == (self.output_ratio is None):
            found = "neither" if self.output_size is None else "both"
            message = "`fractional_max_pool` needs `output_size` or `output_ratio`"
            raise OpError("size", message, expected="one of the two", found=found)
        kernel = fitting(self.name, "kernel_size", self.kernel_size, rank)
        sizes = self._sizes(shape[1:])
        spare = rank - 2  # over three dimensions torch wants one place more
        for size, each, wanted in zip(shape[1:], kernel, sizes):
            if below(wanted, 1) or below(size, wanted + each - 1 + spare):
                raise OpError(
                    "window",
                    f"`fractional_max_pool` cannot place {wanted} windows of {each} in {size}",
                    field="kernel_size",
                    expected="fewer or smaller windows",
                )
        return ((shape[0], *sizes),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.FractionalMaxPool{len(inputs[0]) - 1}d", self.settings())

    def _sizes(self, sizes: Shape) -> tuple[Dim, ...]:
        if self.output_size is not None:
            return fitting(self.name, "output_size", self.output_size, len(sizes))
        ratios = self.output_ratio if isinstance(self.output_ratio, tuple) else (self.output_ratio,) * len(sizes)
        if len(ratios) != len(sizes) or any(ratio is None or not 0 < ratio < 1 for ratio in ratios):
            message = "`output_ratio` must be between 0 and 1, for each spatial dimension"
            raise OpError("size", message, field="output_ratio", expected="a number between 0 and 1")
        return tuple(scaled(size, ratio or 1.0) for size, ratio in zip(sizes, ratios))
