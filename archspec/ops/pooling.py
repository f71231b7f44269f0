"""Pooling over windows; the rank (1, 2 or 3) comes from the data."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Flag, NaturalPerDim, Positive, PositivePerDim, Real, below, fitting, spatial_rank
from archspec.ops.shapes import Dim, Shape, shape_of, whole

Stride = Annotated[
    PositivePerDim | None,
    Expects("a whole number from 1, or a list with one for each spatial dimension; null: kernel_size"),
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
            message = "`max_pool_with_indices` has no `padding: same`, with which the indices are not defined"
            raise OpError("padding", message, field="padding", expected="a number")
        (values,) = super().infer(*inputs)
        return values, shape_of(whole(values), "int64")

    def module(self, *inputs: Shape) -> Module:
        made = super().module(*inputs)
        return Module(made.callee, (*made.arguments, Argument("return_indices", True, False)))


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
