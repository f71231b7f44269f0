"""Layers whose weights are values: they are computed by other nodes, and the layer holds none itself."""

from abc import ABC
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, ClassVar, Literal

from archspec.ops.arithmetic import join_error
from archspec.ops.base import Expects, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import (
    NaturalPerDim,
    Positive,
    PositivePerDim,
    differ,
    fitting,
    plain,
    window,
)
from archspec.ops.shapes import Batch, Carried, Count, Dim, Shape, per_example, product, whole
from archspec.ops.whole_tensors import Dims, WholeOp

Padding = Annotated[
    NaturalPerDim | Literal["same"], Expects("a whole number from 0, one for each spatial dimension, or `same`")
]


def held(*sizes: int) -> Shape:
    """The shape of a tensor without a batch."""
    return Carried(sizes, "whole")


class Functional(WholeOp, ABC):
    """A function of torch.nn.functional over a value, its weight, and perhaps a bias."""

    inputs: ClassVar[tuple[int, int | None]] = (2, 3)
    function: ClassVar[str]
    """Its name in torch.nn.functional."""

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        return f"F.{self._named(shapes)}({', '.join((*names, *self.keywords()))})"

    def _named(self, shapes: Sequence[Shape]) -> str:
        return self.function

    def keywords(self) -> Iterator[str]:
        """The fields that differ from their defaults, as keywords."""
        for name, default in self.defaults():
            if (value := getattr(self, name)) != default:
                yield f"{name}={_text(value)}"

    def misfit(self, inputs: Sequence[Dims], expected: str, number: int = 2) -> OpError:
        return join_error(self.name, inputs[0], inputs[number - 1], number, expected)

    def _check_last(self, inputs: Sequence[Dims], size: Dim, expected: str) -> None:
        """Refuse a bias of another size."""
        if len(inputs) == 3 and (len(inputs[2]) != 1 or differ(inputs[2][0], size)):
            raise self.misfit(inputs, expected, 3)


def _text(value: Any) -> str:
    return plain(value) if isinstance(value, float) else repr(list(value) if isinstance(value, tuple) else value)


class _FunctionalConv(Functional, ABC):
    """A convolution by given kernels."""

    kind = "convolution"
    weighted = True
    per_dimension = ("stride", "padding", "dilation")

    stride: PositivePerDim = 1
    dilation: PositivePerDim = 1
    groups: Positive = 1

    def _named(self, shapes: Sequence[Shape]) -> str:
        return f"{self.function}{len(whole(shapes[1])) - 2}d"

    def _rank(self, inputs: Sequence[Dims]) -> int:
        """The number of spatial dimensions, which the value and the kernels share."""
        value, weight = inputs[:2]
        if len(value) != len(weight) or not 1 <= len(weight) - 2 <= 3 or any(type(size) is Batch for size in weight):
            raise self.misfit(inputs, "kernels with as many dimensions as the value, none of them the batch")
        return len(weight) - 2


@register
class FunctionalConv(_FunctionalConv):
    """Convolution by kernels that are a value: torch.nn.functional.conv1d, conv2d or conv3d.

    Inputs: `[C, *sizes]`, kernels `[out, C / groups, *kernel]` without a batch, and perhaps a bias `[out]`; output
    `[out, *sizes']` with the sizes of `conv`. MACs: output elements × (C / groups) × kernel elements. Errors: kernels
    or a bias that do not fit, groups that do not divide `out`, a kernel larger than the padded input.
    """

    name = "functional_conv"
    label = "conv by given kernels"
    function = "conv"
    example = "{functional_conv: , padding: 1, from: [x, kernels]}"
    example_inputs = ((8, 16, 16), held(12, 8, 3, 3))

    padding: Padding = 0

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, weight = inputs[:2]
        rank = self._rank(inputs)
        if differ(value[1], weight[1] * self.groups) or not possible(divisible_by(weight[0], self.groups)):
            raise self.misfit(inputs, "kernels over the channels of one group")
        self._check_last(inputs, weight[0], "a bias for each kernel")
        return ((value[0], weight[0], *self._sizes(value[2:], weight[2:], rank)),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return per_example(product(whole(outputs[0])) * product(whole(inputs[1])[1:]))

    def _sizes(self, sizes: Dims, kernel: Dims, rank: int) -> Iterator[Dim]:
        stride = fitting(self.name, "stride", self.stride, rank)
        if self.padding == "same":
            if any(step != 1 for step in stride):
                raise OpError("padding", "`padding: same` is for a stride of 1", field="padding", expected="numbers")
            yield from sizes
            return
        padding = fitting(self.name, "padding", self.padding, rank)
        dilation = fitting(self.name, "dilation", self.dilation, rank)
        for each in zip(sizes, kernel, stride, padding, dilation):
            yield window(self.name, *each)


@register
class FunctionalConvTranspose(_FunctionalConv):
    """Transposed convolution by kernels that are a value: torch.nn.functional.conv_transpose1d, 2d or 3d.

    Inputs: `[C, *sizes]`, kernels `[C, out / groups, *kernel]` without a batch, and perhaps a bias `[out]`; output
    `[out, *sizes']` with the sizes of `conv_transpose`. MACs: input elements × (out / groups) × kernel elements.
    Errors: kernels or a bias that do not fit, groups that do not divide C.
    """

    name = "functional_conv_transpose"
    label = "transposed conv by given kernels"
    function = "conv_transpose"
    windowed_output = True
    example = "{functional_conv_transpose: , stride: 2, from: [x, kernels]}"
    example_inputs = ((8, 16, 16), held(8, 4, 2, 2))

    padding: NaturalPerDim = 0
    output_padding: NaturalPerDim = 0

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, weight = inputs[:2]
        rank = self._rank(inputs)
        if differ(value[1], weight[0]) or not possible(divisible_by(weight[0], self.groups)):
            raise self.misfit(inputs, "kernels for each channel")
        outgoing = weight[1] * self.groups
        self._check_last(inputs, outgoing, "a bias for each channel of the output")
        fields = ("stride", "padding", "dilation", "output_padding")
        settings = zip(*(fitting(self.name, field, getattr(self, field), rank) for field in fields))
        sizes = (
            (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
            for size, kernel, (stride, padding, dilation, extra) in zip(value[2:], weight[2:], settings)
        )
        return ((value[0], outgoing, *sizes),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return per_example(product(whole(inputs[0])) * product(whole(inputs[1])[1:]))


@register
class FunctionalLinear(Functional):
    """Affine map of the last dimension by a weight that is a value: torch.nn.functional.linear.

    Inputs: `[*, in]`, a weight `[out, in]` without a batch, and perhaps a bias `[out]`; output `[*, out]`. MACs: output
    elements × in. Errors: a weight or a bias that does not fit.
    """

    name = "functional_linear"
    kind = "linear"
    label = "fc by given weights"
    function = "linear"
    features_last = True
    weighted = True
    example = "{functional_linear: , from: [x, weight]}"
    example_inputs = ((196, 64), held(128, 64))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, weight = inputs[:2]
        if len(weight) != 2 or not value or differ(value[-1], weight[1]) or any(type(size) is Batch for size in weight):
            raise self.misfit(inputs, "a weight of two dimensions, the second as large as the last of the value,")
        self._check_last(inputs, weight[0], "a bias for each row of the weight")
        return ((*value[:-1], weight[0]),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return per_example(product(whole(inputs[0])) * whole(inputs[1])[0])
