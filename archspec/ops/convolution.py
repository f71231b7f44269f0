"""Convolutions; the rank (1, 2 or 3) comes from the data."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from archspec.language.plural import plural
from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import (
    Flag,
    Natural,
    NaturalPerDim,
    Positive,
    PositivePerDim,
    PositiveReal,
    below,
    channels,
    divisible,
    fitting,
    spatial_rank,
    window,
)
from archspec.ops.padding import padded
from archspec.ops.shapes import Count, Shape, product

Padding = Annotated[
    NaturalPerDim | Literal["same", "valid"],
    Expects("a whole number from 0, one for each spatial dimension, `same` or `valid`"),
]
Connections = Annotated[
    tuple[tuple[Natural, ...], ...] | None,
    Expects("a list that holds, for each output map, the list of input maps it sees"),
]


@register
class Conv(Op):
    """Convolution: torch.nn.Conv1d, Conv2d or Conv3d.

    Input `[C, *sizes]`, output `[out_channels, *sizes']` with each size `(size + 2·padding - dilation·(kernel - 1)
    - 1) // stride + 1`. MACs: output elements × (C / groups) × kernel elements. Errors: groups that do not divide C
    and `out_channels`, a kernel larger than the padded input.

    `connections` lists for each output map the input maps that it sees, instead of all (LeCun et al. 1998, Table I);
    only these kernels are parameters, `weight` of shape `[connections, *kernel_size]`, and counted in MACs.

    `padding: same` leaves `ceil(size / stride)` places; where the stride is not 1 the padding is TensorFlow's, which
    depends on the size. `weight_standardization` gives each kernel mean 0 and variance 1 (Qiao et al. 2019), and with
    `gamma` scales it by that, the root of its size and a learned `gain` (Brock et al. 2021); `eps` is its own.
    """

    name = "conv"
    main = "out_channels"
    kind = "convolution"
    unlabelled = ("padding_mode", "eps")
    weighted = True
    per_dimension = ("kernel_size", "stride", "padding", "dilation")
    example = "{conv: 64, kernel_size: 7, stride: 2, padding: 3, bias: false}"
    example_inputs = ((3, 224, 224),)

    out_channels: Positive
    kernel_size: PositivePerDim
    stride: PositivePerDim = 1
    padding: Padding = 0
    dilation: PositivePerDim = 1
    groups: Positive = 1
    bias: Flag = True
    padding_mode: Literal["zeros", "reflect", "replicate", "circular"] = "zeros"
    connections: Connections = None
    weight_standardization: Flag = False
    eps: PositiveReal = 1e-6
    gamma: PositiveReal | None = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        incoming = channels(self.name, shape)
        divisible("in_channels", incoming, "groups", self.groups)
        divisible("out_channels", self.out_channels, "groups", self.groups)
        if self.connections is not None:
            self._check_connections(incoming, self.connections)
        if self._dynamic(rank):
            self._check_same()
        self._check_standardized(rank)
        return ((self.out_channels, *self._sizes(shape[1:])),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        bias = {"bias": (self.out_channels,)} if self.bias else {}
        gain: dict[str, Shape] = {} if self.gamma is None else {"gain": (self.out_channels, 1, 1, 1)}
        return {"weight": self._weight(*inputs), **bias, **gain}

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return product(outputs[0][1:]) * product(self._weight(*inputs))

    def module(self, *inputs: Shape) -> Module:
        (shape,) = inputs
        rank = len(shape) - 1
        dynamic = self._dynamic(rank)
        window_settings = (
            Argument("kernel_size", self.kernel_size),
            Argument("stride", self.stride, 1),
            Argument("padding", 0 if dynamic else self.padding, 0),
            Argument("dilation", self.dilation, 1),
        )
        incoming, bias = Argument("in_channels", shape[0], positional=True), Argument("bias", self.bias, True)
        if self.connections is not None:
            connections = Argument("connections", self.connections)
            connected = (incoming, connections, *window_settings, bias)
            return Module(f"{MODULES}.convolution.ConnectedConv{rank}d", connected)
        outgoing = Argument("out_channels", self.out_channels, positional=True)
        arguments = (incoming, outgoing, *window_settings, Argument("groups", self.groups, 1), bias)
        if self.weight_standardization:
            same, eps = Argument("same", dynamic, False), Argument("eps", self.eps, 1e-6)
            more = (same, eps, Argument("gamma", self.gamma, None))
            return Module(f"{MODULES}.same_padding.StandardizedConv{rank}d", (*arguments, *more))
        if dynamic:
            return Module(f"{MODULES}.same_padding.SameConv{rank}d", arguments)
        return Module(f"nn.Conv{rank}d", (*arguments, Argument("padding_mode", self.padding_mode, "zeros")))

    def _weight(self, shape: Shape) -> Shape:
        kernel = fitting(self.name, "kernel_size", self.kernel_size, len(shape) - 1)
        kernels = (self.out_channels, shape[0] // self.groups) if self.connections is None else (self._connected,)
        return *kernels, *kernel

    @property
    def _connected(self) -> int:
        return sum(len(maps) for maps in self.connections or ())

    def _sizes(self, sizes: Shape) -> Iterator[int]:
        """The spatial sizes of the output: padded as `padding_mode` says, then passed by the kernel."""
        rank = len(sizes)
        kernel = fitting(self.name, "kernel_size", self.kernel_size, rank)
        stride = fitting(self.name, "stride", self.stride, rank)
        dilation = fitting(self.name, "dilation", self.dilation, rank)
        if self._dynamic(rank):
            yield from (size if step == 1 else (size + step - 1) // step for size, step in zip(sizes, stride))
            return
        if self.padding == "same":
            reaches = [each * (size - 1) for each, size in zip(dilation, kernel)]
            sides = [(reach // 2, reach - reach // 2) for reach in reaches]
        else:
            padding = 0 if isinstance(self.padding, str) else self.padding
            sides = [(each, each) for each in fitting(self.name, "padding", padding, rank)]
        for size, side, reach, step, spread in zip(sizes, sides, kernel, stride, dilation):
            yield window(self.name, padded(self.name, size, *side, self.padding_mode), reach, step, dilation=spread)

    def _dynamic(self, rank: int) -> bool:
        """Whether the padding depends on the size, as `same` does where the stride is not 1."""
        stride = fitting(self.name, "stride", self.stride, rank)
        return self.padding == "same" and any(step != 1 for step in stride)

    def _check_same(self) -> None:
        if self.padding_mode != "zeros" or self.connections is not None:
            raise OpError(
                "padding",
                "`padding: same` at a stride other than 1 pads with zeros, and every output map sees all of its group",
                field="padding",
                expected="neither `padding_mode` nor `connections`",
            )

    def _check_standardized(self, rank: int) -> None:
        others = self.padding_mode != "zeros" or self.connections is not None or rank != 2
        if self.weight_standardization and others:
            raise OpError(
                "standardization",
                "`weight_standardization` is for images, padded with zeros, and all of the maps",
                field="weight_standardization",
                expected="height and width, and neither `padding_mode` nor `connections`",
            )
        if self.gamma is not None and not self.weight_standardization:
            message = "`gamma` scales standardised kernels"
            raise OpError("standardization", message, field="gamma", expected="`weight_standardization: true`")

    def _check_connections(self, incoming: int, connections: tuple[tuple[int, ...], ...]) -> None:
        def refuse(message: str, expected: str) -> OpError:
            return OpError("connections", message, field="connections", expected=expected)

        if self.groups != 1 or self.padding_mode != "zeros":
            raise refuse("`connections` cannot stand with `groups` or `padding_mode`", "neither of the two")
        if len(connections) != self.out_channels:
            raise refuse(
                f"`connections` has {plural(len(connections), 'list')} for `out_channels` (={self.out_channels})",
                "one list for each output map",
            )
        for target, maps in enumerate(connections):
            if not maps or len(set(maps)) != len(maps) or max(maps) >= incoming:
                raise refuse(
                    f"list {target} of `connections` is {list(maps)}",
                    f"one or more different numbers from 0 to {incoming - 1}",
                )


@register
class ConvTranspose(Op):
    """Transposed convolution: torch.nn.ConvTranspose1d, ConvTranspose2d or ConvTranspose3d.

    Input `[C, *sizes]`, output `[out_channels, *sizes']` with each size `(size - 1)·stride - 2·padding +
    dilation·(kernel - 1) + output_padding + 1`. MACs: input positions × C × (out_channels / groups) × kernel elements.
    Errors: groups that do not divide C and `out_channels`, an `output_padding` of at least stride and dilation.
    """

    name = "conv_transpose"
    main = "out_channels"
    kind = "convolution"
    label = "transposed conv"
    windowed_output = True
    outputs_at = 1
    weighted = True
    per_dimension = ("kernel_size", "stride", "padding", "output_padding", "dilation")
    example = "{conv_transpose: 32, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}"
    example_inputs = ((64, 14, 14),)

    out_channels: Positive
    kernel_size: PositivePerDim
    stride: PositivePerDim = 1
    padding: NaturalPerDim = 0
    output_padding: NaturalPerDim = 0
    groups: Positive = 1
    bias: Flag = True
    dilation: PositivePerDim = 1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        divisible("in_channels", channels(self.name, shape), "groups", self.groups)
        divisible("out_channels", self.out_channels, "groups", self.groups)
        fields = ("kernel_size", "stride", "padding", "output_padding", "dilation")
        settings = zip(*(fitting(self.name, field, getattr(self, field), rank) for field in fields))
        return ((self.out_channels, *(self._size(size, *each) for size, each in zip(shape[1:], settings))),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        bias = {"bias": (self.out_channels,)} if self.bias else {}
        return {"weight": self._weight(*inputs), **bias}

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return product(inputs[0][1:]) * product(self._weight(*inputs))

    def module(self, *inputs: Shape) -> Module:
        (shape,) = inputs
        incoming = Argument("in_channels", shape[0], positional=True)
        outgoing = Argument("out_channels", self.out_channels, positional=True)
        return Module(f"nn.ConvTranspose{len(shape) - 1}d", (incoming, outgoing, *self.settings()[1:]))

    def _weight(self, shape: Shape) -> Shape:
        kernel = fitting(self.name, "kernel_size", self.kernel_size, len(shape) - 1)
        return shape[0], self.out_channels // self.groups, *kernel

    def _size(self, size: int, kernel: int, stride: int, padding: int, extra: int, dilation: int) -> int:
        if extra >= max(stride, dilation):
            raise OpError(
                "output-padding",
                f"`output_padding` (={extra}) must be less than `stride` (={stride}) or `dilation` (={dilation})",
                field="output_padding",
                expected=f"at most {max(stride, dilation) - 1}",
                found=str(extra),
            )
        result = (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1
        if below(result, 1):
            raise OpError("window", f"`padding` (={padding}) leaves nothing of a size of {size}", field="padding")
        return result
