"""Pooling; the rank (1, 2 or 3) comes from the data."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import (
    Flag,
    NaturalPerDim,
    Positive,
    PositivePerDim,
    PositiveReal,
    Real,
    below,
    differ,
    fitting,
    spatial_rank,
)
from archspec.ops.shapes import Carried, Dim, Shape, dtype_of, scaled, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp

Stride = Annotated[
    PositivePerDim | None,
    Expects("a whole number from 1, or a list with one for each spatial dimension; null: kernel_size"),
]
OutputSize = Annotated[
    Positive | tuple[Positive | None, ...],
    Expects("a whole number from 1, or a list with one for each spatial dimension, null to keep its size"),
]


def pooled(op: str, size: Dim, kernel: int, stride: int, padding: int, dilation: int, ceil_mode: bool) -> Dim:
    """The number of windows along one dimension.

    Under `ceil_mode` the last window may hang over the right edge, but starts inside the input or the left padding.

    >>> pooled("max_pool", 112, kernel=3, stride=2, padding=0, dilation=1, ceil_mode=True)
    56
    """
    reach = dilation * (kernel - 1) + 1
    if padding > kernel // 2:
        raise OpError(
            "padding",
            f"`padding` of `{op}` (={padding}) must be at most half of `kernel_size` (={kernel})",
            field="padding",
            expected=f"at most {kernel // 2}",
            found=str(padding),
        )
    last = 2 * padding - reach  # where the last window starts, counted from the end
    if ceil_mode:
        last = min(last + stride - 1, padding - 1)
    windows = (size + last) // stride + 1
    if below(windows, 1):
        raise OpError(
            "window",
            f"the kernel of `{op}` spans {reach}, its padded input only {size + 2 * padding}",
            field="kernel_size",
            expected=f"at most {size + 2 * padding}",
            found=str(reach),
        )
    return windows


Padding = Annotated[
    NaturalPerDim | Literal["same"], Expects("a whole number from 0, one for each spatial dimension, or `same`")
]


class _Pool(Op):
    """A pool takes the place of each window of its input by one number, channel by channel."""

    kind = "pooling"
    main = "kernel_size"
    per_dimension = ("kernel_size", "stride", "padding", "dilation")
    unlabelled: ClassVar[tuple[str, ...]] = ("ceil_mode",)
    title: ClassVar[str]
    """The torch class without its rank."""

    kernel_size: PositivePerDim
    stride: Stride = None
    ceil_mode: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        kernel = fitting(self.name, "kernel_size", self.kernel_size, rank)
        stride = fitting(self.name, "stride", kernel if self.stride is None else self.stride, rank)
        if self._same:
            return ((shape[0], *((size + step - 1) // step for size, step in zip(shape[1:], stride))),)
        padding, dilation = self._padding(rank), self._dilation(rank)
        settings = zip(shape[1:], kernel, stride, padding, dilation)
        return ((shape[0], *(pooled(self.name, *each, ceil_mode=self.ceil_mode) for each in settings)),)

    def module(self, *inputs: Shape) -> Module:
        rank = len(inputs[0]) - 1
        if not self._same:
            return Module(f"nn.{self.title}{rank}d", self.settings())
        kernel = fitting(self.name, "kernel_size", self.kernel_size, rank)
        stride = fitting(self.name, "stride", kernel if self.stride is None else self.stride, rank)
        sizes = (Argument("kernel_size", kernel), Argument("stride", stride))
        return Module(f"{MODULES}.same_padding.Same{self.title}", (*sizes, *self._same_settings(rank)))

    @property
    def _same(self) -> bool:
        """Whether the padding depends on the size, so that every `stride`th place has a window."""
        return getattr(self, "padding", 0) == "same"

    def _same_settings(self, rank: int) -> tuple[Argument, ...]:
        """What the module with that padding takes beside its sizes."""
        return ()

    def _check_whole_kernel(self, shape: Shape) -> None:
        """Torch's mean over three dimensions refuses an input smaller than the kernel, padding and ceil_mode or not."""
        if len(shape) != 4:
            return
        for size, kernel in zip(shape[1:], fitting(self.name, "kernel_size", self.kernel_size, 3)):
            if below(size, kernel):
                raise OpError(
                    "window",
                    f"the kernel of `{self.name}` over three dimensions spans {kernel}, its input only {size}",
                    field="kernel_size",
                    expected=f"at most {size}",
                    found=str(kernel),
                )

    def _padding(self, rank: int) -> Sequence[int]:
        return (0,) * rank

    def _dilation(self, rank: int) -> Sequence[int]:
        return (1,) * rank


class _MaxPool(_Pool):
    """The maximum of each window."""

    title = "MaxPool"
    example_inputs = ((64, 112, 112),)

    padding: Padding = 0
    dilation: PositivePerDim = 1

    def _same_settings(self, rank: int) -> tuple[Argument, ...]:
        return (Argument("dilation", self._dilation(rank), (1,) * rank),)

    def _padding(self, rank: int) -> Sequence[int]:
        return fitting(self.name, "padding", 0 if self.padding == "same" else self.padding, rank)

    def _dilation(self, rank: int) -> Sequence[int]:
        return fitting(self.name, "dilation", self.dilation, rank)


@register
class MaxPool(_MaxPool):
    """Maximum of each window: torch.nn.MaxPool1d, MaxPool2d or MaxPool3d.

    Input `[C, *sizes]`, output `[C, *sizes']` with each size `(size + 2·padding - dilation·(kernel - 1) - 1) // stride
    + 1`, rounded up under `ceil_mode` where the last window still starts inside. `padding: same` pads as TensorFlow
    does and leaves `ceil(size / stride)`. Errors: a padding of more than half the kernel, a kernel larger than the
    padded input.
    """

    name = "max_pool"
    example = "{max_pool: 3, stride: 2, padding: 1}"


@register
class MaxPoolWithIndices(_MaxPool):
    """Maximum of each window, and its place in the map: torch.nn.MaxPool2d with `return_indices`, of every rank.

    Outputs: `values`, which a node takes that names none, as of `max_pool`, and `indices`, whole numbers for
    `max_unpool`. Errors: those of `max_pool`, `padding: same`.
    """

    name = "max_pool_with_indices"
    saves_output = True
    outputs = ("values", "indices")
    has_main_output = True
    example = "{max_pool_with_indices: 2}"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self._same:
            message = "`max_pool_with_indices` has no `padding: same`, in which places could not be told"
            raise OpError("padding", message, field="padding", expected="a number")
        (values,) = super().infer(*inputs)
        return values, shape_of(whole(values), "int64")

    def module(self, *inputs: Shape) -> Module:
        made = super().module(*inputs)
        return Module(made.callee, (*made.arguments, Argument("return_indices", True, False)))


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
            raise OpError("inputs", "`max_unpool` needs the place of each value", expected=expected)
        return super().dtype(value, *like)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        dims, indices, *like = inputs
        rank = spatial_rank(self.name, dims[1:])
        if len(indices) != len(dims) or any(map(differ, indices, dims)):
            found, expected = shape_text(shape_of(indices)), shape_text(shape_of(dims))
            raise OpError("inputs", "`max_unpool` needs the place of each value", expected=expected, found=found)
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


@register
class AvgPool(_Pool):
    """Mean of each window: torch.nn.AvgPool1d, AvgPool2d or AvgPool3d.

    Input `[C, *sizes]`, output `[C, *sizes']` with each size as of `max_pool` without dilation. Padded zeros count
    unless `count_include_pad` is false, under `padding: same` too. Errors: a padding of more than half the kernel, a
    kernel larger than the padded input, `divisor_override` on one spatial dimension.
    """

    name = "avg_pool"
    title = "AvgPool"
    unlabelled = ("ceil_mode", "count_include_pad")
    example = "{avg_pool: 2}"
    example_inputs = ((6, 28, 28),)

    padding: Padding = 0
    count_include_pad: Flag = True
    divisor_override: Annotated[Positive | None, Expects("a whole number from 1")] = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.divisor_override is not None:
            spatial_rank(f"{self.name}` with `divisor_override", inputs[0], (2, 3))
        if self._same and self.divisor_override is not None:
            message = "`divisor_override` cannot stand with `padding: same`"
            raise OpError("padding", message, field="divisor_override", expected="a number as `padding`")
        if not self._same:
            self._check_whole_kernel(*inputs)
        return super().infer(*inputs)

    def _same_settings(self, rank: int) -> tuple[Argument, ...]:
        return (Argument("count_include_pad", self.count_include_pad, True),)

    def _padding(self, rank: int) -> Sequence[int]:
        return fitting(self.name, "padding", 0 if self.padding == "same" else self.padding, rank)


@register
class LPPool(_Pool):
    """Power mean of each window without the division: torch.nn.LPPool1d, LPPool2d or LPPool3d.

    Input `[C, *sizes]`, output `[C, *sizes']` with each size as of `avg_pool` without padding. Errors: a kernel larger
    than the input, a `norm_type` of 0.
    """

    name = "lp_pool"
    title = "LPPool"
    label = "Lp pool"
    example = "{lp_pool: 2, norm_type: 2}"
    example_inputs = ((64, 28, 28),)

    norm_type: Real

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.norm_type == 0:
            raise OpError("norm-type", "`norm_type` cannot be 0", field="norm_type", expected="another number")
        self._check_whole_kernel(*inputs)
        return super().infer(*inputs)

    def module(self, *inputs: Shape) -> Module:
        if len(inputs[0]) == 2 and isinstance(self.kernel_size, tuple):
            # LPPool1d fails on a tuple, of one number too
            return self.model_copy(update={"kernel_size": self.kernel_size[0]}).module(*inputs)
        return super().module(*inputs)


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


class _AdaptivePool(Op):
    """An adaptive pool chooses its windows so that the output has the wanted size."""

    kind = "pooling"
    main = "output_size"
    per_dimension = ("output_size",)
    title: ClassVar[str]
    """The torch class without its rank."""

    output_size: OutputSize

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * rank
        if len(wanted) != rank or (rank == 1 and None in wanted):
            one = "a whole number" if rank == 1 else f"one whole number, or a list of {rank}"
            raise OpError(
                "rank",
                f"`output_size` of `{self.name}` does not fit an input with {rank} spatial dimensions",
                field="output_size",
                expected=one,
                found=str(self.output_size),
            )
        return ((shape[0], *(kept if size is None else size for size, kept in zip(wanted, shape[1:]))),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.{self.title}{len(inputs[0]) - 1}d", self.settings())


@register
class AdaptiveAvgPool(_AdaptivePool):
    """Mean pooling to a given size: torch.nn.AdaptiveAvgPool1d, AdaptiveAvgPool2d or AdaptiveAvgPool3d.

    Input `[C, *sizes]`, output `[C, *output_size]`; an entry null keeps its size. `{adaptive_avg_pool: 1}` is global
    average pooling.
    """

    name = "adaptive_avg_pool"
    title = "AdaptiveAvgPool"
    example = "{adaptive_avg_pool: 1}"
    example_inputs = ((512, 7, 7),)


@register
class AdaptiveMaxPool(_AdaptivePool):
    """Maximum pooling to a given size: torch.nn.AdaptiveMaxPool1d, AdaptiveMaxPool2d or AdaptiveMaxPool3d.

    Input `[C, *sizes]`, output `[C, *output_size]`; an entry null keeps its size.
    """

    name = "adaptive_max_pool"
    title = "AdaptiveMaxPool"
    example = "{adaptive_max_pool: [7, 7]}"
    example_inputs = ((512, 14, 14),)
