"""A factor and a shift for each channel."""

from archspec.language.plural import plural
from archspec.ops.base import MODULES, Argument, Module, Op, OpError, register
from archspec.ops.field_types import Axis, Flag, Real, Reals, axis, channels, number
from archspec.ops.shapes import Shape


@register
class Scale(Op):
    """A learned factor for each channel, and with `bias` a learned shift: no torch class.

    LeNet-5's subsampling has both (LeCun et al. 1998, section II.B); LayerScale is a small `init_value` (Touvron et al.
    2021). `dim` is the scaled dimension as torch numbers them. Input and output have one shape.
    """

    name = "scale"
    main = "init_value"
    kind = "other"
    unlabelled = ("init_value",)
    example = "{scale: 1.0, bias: true}"
    example_inputs = ((6, 14, 14),)

    init_value: Real = 1.0
    bias: Flag = False
    dim: Axis = 1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._size(*inputs)
        return inputs

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        names = ("weight", "bias") if self.bias else ("weight",)
        return {name: (self._size(*inputs),) for name in names}

    def module(self, *inputs: Shape) -> Module:
        size = Argument("num_channels", self._size(*inputs), positional=True)
        bias, dim = Argument("bias", self.bias, False), Argument("dim", self.dim, 1)
        return Module(f"{MODULES}.affine.Scale", (size, bias, Argument("init_value", self.init_value, 1.0), dim))

    def _size(self, shape: Shape) -> int:
        return number(self.name, shape[axis(self.name, "dim", self.dim, shape)], "the scaled dimension")


@register
class ChannelAffine(Op):
    """A constant factor and shift for each channel, `x·scale + shift`: no torch class.

    Moves images from one normalisation to another, as torchvision's `transform_input` does; no parameters. Input and
    output have one shape. Errors: lists whose length is not the number of channels.
    """

    name = "channel_affine"
    main = "scale"
    kind = "other"
    unlabelled = ("scale", "shift")
    example = "{channel_affine: [0.458, 0.448, 0.45], shift: [-0.03, -0.088, -0.188]}"
    example_inputs = ((3, 32, 32),)

    scale: Reals
    shift: Reals

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        count = channels(self.name, shape)
        for field, values in (("scale", self.scale), ("shift", self.shift)):
            if len(values) != count:
                raise OpError(
                    "channels",
                    f"`{field}` of `channel_affine` has {plural(len(values), 'number')} for {plural(count, 'channel')}",
                    field=field,
                    expected=f"{count} numbers",
                    found=str(len(values)),
                )
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.affine.ChannelAffine", self.settings())
