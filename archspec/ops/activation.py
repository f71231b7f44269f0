"""Activations: functions of each element."""

import json
from abc import ABC
from collections.abc import Callable
from typing import ClassVar, Literal

from archspec.ops.base import MODULES, Module, Op, OpError, register
from archspec.ops.field_types import (
    Axis,
    InPlace,
    NonNegativeReal,
    Positive,
    PositiveReal,
    Real,
    axis,
    channels,
    number,
)
from archspec.ops.shapes import Shape


class Activation(Op, ABC):
    """An activation gives back the shape it takes; its torch class is named by `title`, its keywords by the fields."""

    kind = "activation"
    example_inputs: ClassVar[tuple[Shape, ...]] = ((64, 28, 28),)
    title: ClassVar[str]
    """The torch class."""
    functional: ClassVar[str] = ""
    """torch's function that does the same, where there is one."""

    @classmethod
    def called(cls) -> str:
        return cls.label or cls.__name__

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.{self.title}", self.settings())

    @property
    def function(self) -> Callable[[str], str] | None:
        """What writes the call of torch's function that does the same; `None` where there is none."""
        return self._call_of_function if self.functional else None

    def _call_of_function(self, name: str) -> str:
        given = [(field, getattr(self, field), default) for field, default in self.defaults() if field != "inplace"]
        # Without `dim` torch would choose one by the input's rank.
        texts = (f"{field}={json.dumps(value)}" for field, value, own in given if value != own or field == "dim")
        return f"{self.functional}({', '.join((name, *texts))})"


class InPlaceActivation(Activation, ABC):
    """An activation that torch can also compute in its input's memory."""

    in_place = True
    unlabelled = ("inplace",)

    inplace: InPlace = None


@register
class ReLU(InPlaceActivation):
    """`max(0, x)`: torch.nn.ReLU. Input and output have one shape."""

    name = "relu"
    title = "ReLU"
    functional = "F.relu"
    saves_output = True
    example = "relu"


@register
class ReLU6(InPlaceActivation):
    """`min(max(0, x), 6)`: torch.nn.ReLU6. Input and output have one shape."""

    name = "relu6"
    title = "ReLU6"
    functional = "F.relu6"
    example = "relu6"


@register
class LeakyReLU(InPlaceActivation):
    """`x` where positive, else `negative_slope·x`: torch.nn.LeakyReLU. Input and output have one shape."""

    name = "leaky_relu"
    title = "LeakyReLU"
    functional = "F.leaky_relu"
    main = "negative_slope"
    saves_output = True
    example = "{leaky_relu: 0.1}"

    negative_slope: Real = 0.01


@register
class PReLU(Activation):
    """`x` where positive, else a learned slope times `x`: torch.nn.PReLU (He et al. 2015).

    `num_parameters` is 1, or the number of channels for a slope each. Input and output have one shape. Errors: another
    `num_parameters`.
    """

    name = "prelu"
    title = "PReLU"
    main = "num_parameters"
    unlabelled = ("init",)
    example = "{prelu: 64}"

    num_parameters: Positive = 1
    init: Real = 0.25

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.num_parameters != 1 and self.num_parameters != (count := channels(self.name, *inputs)):
            raise OpError(
                "channels",
                f"`num_parameters` (={self.num_parameters}) must be 1 or the number of channels (={count})",
                field="num_parameters",
                expected=f"1 or {count}",
                found=str(self.num_parameters),
            )
        return inputs

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": (self.num_parameters,)}


@register
class ELU(InPlaceActivation):
    """`x` where positive, else `alpha·(exp(x) - 1)`: torch.nn.ELU (Clevert et al. 2015).

    Input and output have one shape.
    """

    name = "elu"
    title = "ELU"
    functional = "F.elu"
    saves_output = True
    example = "elu"

    alpha: Real = 1.0


@register
class CELU(InPlaceActivation):
    """`max(0, x) + min(0, alpha·(exp(x/alpha) - 1))`: torch.nn.CELU. Input and output have one shape.

    Errors: an `alpha` of 0.
    """

    name = "celu"
    title = "CELU"
    functional = "F.celu"
    saves_output = True
    example = "celu"

    alpha: Real = 1.0

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.alpha == 0:
            raise OpError("alpha", "`alpha` of `celu` cannot be 0", field="alpha", expected="another number")
        return inputs


@register
class SELU(InPlaceActivation):
    """The self-normalising `elu`: torch.nn.SELU (Klambauer et al. 2017). Input and output have one shape."""

    name = "selu"
    title = "SELU"
    functional = "F.selu"
    saves_output = True
    example = "selu"


@register
class SiLU(InPlaceActivation):
    """`x·sigmoid(x)`, also called swish: torch.nn.SiLU. Input and output have one shape."""

    name = "silu"
    title = "SiLU"
    functional = "F.silu"
    example = "silu"


@register
class GELU(Activation):
    """`x·Φ(x)` with the normal distribution Φ: torch.nn.GELU (Hendrycks and Gimpel 2016).

    `approximate: tanh` is the paper's faster form. Input and output have one shape.
    """

    name = "gelu"
    title = "GELU"
    functional = "F.gelu"
    main = "approximate"
    example = "gelu"

    approximate: Literal["none", "tanh"] = "none"


@register
class Mish(InPlaceActivation):
    """`x·tanh(softplus(x))`: torch.nn.Mish (Misra 2019). Input and output have one shape."""

    name = "mish"
    title = "Mish"
    functional = "F.mish"
    example = "mish"


@register
class Hardswish(InPlaceActivation):
    """`x·relu6(x + 3)/6`: torch.nn.Hardswish (Howard et al. 2019). Input and output have one shape."""

    name = "hardswish"
    title = "Hardswish"
    functional = "F.hardswish"
    example = "hardswish"


@register
class Hardsigmoid(InPlaceActivation):
    """`relu6(x + 3)/6`: torch.nn.Hardsigmoid (Howard et al. 2019). Input and output have one shape."""

    name = "hardsigmoid"
    title = "Hardsigmoid"
    functional = "F.hardsigmoid"
    example = "hardsigmoid"


@register
class Hardtanh(InPlaceActivation):
    """`x` held between `min_val` and `max_val`: torch.nn.Hardtanh. Input and output have one shape.

    Errors: a `min_val` that is not less than `max_val`.
    """

    name = "hardtanh"
    title = "Hardtanh"
    functional = "F.hardtanh"
    example = "hardtanh"

    min_val: Real = -1.0
    max_val: Real = 1.0

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.min_val >= self.max_val:
            raise OpError(
                "bounds",
                f"`min_val` (={self.min_val}) must be less than `max_val` (={self.max_val})",
                field="min_val",
                expected=f"less than {self.max_val}",
                found=str(self.min_val),
            )
        return inputs


@register
class Threshold(InPlaceActivation):
    """`x` where above `threshold`, else `value`: torch.nn.Threshold. Input and output have one shape."""

    name = "threshold"
    title = "Threshold"
    functional = "F.threshold"
    main = "threshold"
    example = "{threshold: 0.1, value: 0}"

    threshold: Real
    value: Real


@register
class Sigmoid(Activation):
    """`1/(1 + exp(-x))`: torch.nn.Sigmoid. Input and output have one shape."""

    name = "sigmoid"
    title = "Sigmoid"
    functional = "torch.sigmoid"
    saves_output = True
    example = "sigmoid"


@register
class LogSigmoid(Activation):
    """`log(sigmoid(x))`: torch.nn.LogSigmoid. Input and output have one shape."""

    name = "log_sigmoid"
    title = "LogSigmoid"
    functional = "F.logsigmoid"
    example = "log_sigmoid"


@register
class Tanh(Activation):
    """The hyperbolic tangent: torch.nn.Tanh. Input and output have one shape."""

    name = "tanh"
    title = "Tanh"
    functional = "torch.tanh"
    saves_output = True
    example = "tanh"


@register
class ScaledTanh(Activation):
    """`amplitude·tanh(slope·x)`, LeNet-5's squashing function (LeCun et al. 1998, equation 6): no torch class.

    The defaults are the paper's: 1.7159 and 2/3. Input and output have one shape.
    """

    name = "scaled_tanh"
    title = "ScaledTanh"
    example = "scaled_tanh"

    amplitude: Real = 1.7159
    slope: Real = 2 / 3

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.activation.{self.title}", self.settings())


@register
class Softplus(Activation):
    """`log(1 + exp(beta·x))/beta`, and `x` where `beta·x` is above `threshold`: torch.nn.Softplus.

    Input and output have one shape.
    """

    name = "softplus"
    title = "Softplus"
    functional = "F.softplus"
    example = "softplus"

    beta: PositiveReal = 1.0
    threshold: Real = 20.0


@register
class Softsign(Activation):
    """`x/(1 + |x|)`: torch.nn.Softsign. Input and output have one shape."""

    name = "softsign"
    title = "Softsign"
    functional = "F.softsign"
    example = "softsign"


@register
class Hardshrink(Activation):
    """`x` where `|x|` is above `lambd`, else 0: torch.nn.Hardshrink. Input and output have one shape."""

    name = "hardshrink"
    title = "Hardshrink"
    functional = "F.hardshrink"
    main = "lambd"
    example = "hardshrink"

    lambd: NonNegativeReal = 0.5


@register
class Softshrink(Activation):
    """`x` brought nearer to 0 by `lambd`, and 0 where it is within: torch.nn.Softshrink.

    Input and output have one shape.
    """

    name = "softshrink"
    title = "Softshrink"
    functional = "F.softshrink"
    main = "lambd"
    example = "softshrink"

    lambd: NonNegativeReal = 0.5


@register
class Tanhshrink(Activation):
    """`x - tanh(x)`: torch.nn.Tanhshrink. Input and output have one shape."""

    name = "tanhshrink"
    title = "Tanhshrink"
    functional = "F.tanhshrink"
    example = "tanhshrink"


@register
class RReLU(InPlaceActivation):
    """`x` above 0, else `x` times a slope, which is drawn in training and else their middle: torch.nn.RReLU.

    Input and output have one shape. Errors: a `lower` above `upper`.
    """

    name = "rrelu"
    title = "RReLU"
    saves_output = True
    example = "rrelu"

    lower: Real = 1 / 8
    upper: Real = 1 / 3

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.lower > self.upper:
            message = f"`lower` (={self.lower}) must not be above `upper` (={self.upper})"
            raise OpError("bounds", message, field="lower", expected=f"at most {self.upper}", found=str(self.lower))
        return inputs


@register
class GLU(Activation):
    """The gated linear unit, `a·sigmoid(b)` of the two halves of `dim`: torch.nn.GLU (Dauphin et al. 2017).

    Output as the input with `dim` halved; without `dim` it is the last. Errors: an odd number of elements along `dim`.
    """

    name = "glu"
    title = "GLU"
    functional = "F.glu"
    main = "dim"
    example = "{glu: 1}"

    dim: Axis = -1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        place = axis(self.name, "dim", self.dim, shape)
        size = number(self.name, shape[place], "the halved dimension")
        if size % 2:
            raise OpError("halves", f"`glu` cannot halve a dimension of {size}", field="dim", expected="an even size")
        return ((*shape[:place], size // 2, *shape[place + 1 :]),)
