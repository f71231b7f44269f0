"""Functions of each element that no module of torch.nn stands for; every one gives the shape it takes."""

from abc import ABC
from typing import ClassVar

from archspec.ops.base import OpError, register
from archspec.ops.field_types import Real
from archspec.ops.shapes import FLOAT, Shape
from archspec.ops.whole_tensors import Dims, WholeOp


class Elementwise(WholeOp, ABC):
    """A function of torch's, of one tensor, element by element."""

    kind = "other"
    example_inputs: ClassVar[tuple[Shape, ...]] = ((64, 28, 28),)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return inputs

    def expression(self, *names: str) -> str:
        return f"torch.{self.name}({names[0]})"


class OfNumbers(Elementwise, ABC):
    """A function that gives whole numbers for whole numbers."""

    any_dtype = True
    dtypes: ClassVar[tuple[str, ...]] = (FLOAT, "int64", "int32")


@register
class Exp(Elementwise):
    """`e` to the power of each element: torch.exp. Input and output have one shape."""

    name = "exp"
    saves_output = True
    example = "exp"


@register
class Log(Elementwise):
    """The natural logarithm: torch.log. Input and output have one shape."""

    name = "log"
    example = "log"


@register
class Sqrt(Elementwise):
    """The square root: torch.sqrt. Input and output have one shape."""

    name = "sqrt"
    saves_output = True
    example = "sqrt"


@register
class Rsqrt(Elementwise):
    """1 divided by the square root: torch.rsqrt. Input and output have one shape."""

    name = "rsqrt"
    saves_output = True
    example = "rsqrt"


@register
class Reciprocal(Elementwise):
    """1 divided by each element: torch.reciprocal. Input and output have one shape."""

    name = "reciprocal"
    saves_output = True
    example = "reciprocal"


@register
class Square(OfNumbers):
    """Each element times itself: torch.square. Input and output have one shape."""

    name = "square"
    example = "square"


@register
class Abs(OfNumbers):
    """The absolute value: torch.abs. Input and output have one shape."""

    name = "abs"
    example = "abs"


@register
class Neg(OfNumbers):
    """The negative: `-x`. Input and output have one shape."""

    name = "neg"
    example = "neg"
    symbol: ClassVar[str] = "-"
    binding: ClassVar[int] = 3

    def expression(self, *names: str) -> str:
        return f"-{names[0]}"


@register
class Sign(OfNumbers):
    """-1, 0 or 1, as each element is: torch.sign. Input and output have one shape."""

    name = "sign"
    example = "sign"


@register
class Round(Elementwise):
    """The nearest whole number, of two the even one: torch.round. Input and output have one shape."""

    name = "round"
    example = "round"


@register
class Floor(Elementwise):
    """The whole number at or below each element: torch.floor. Input and output have one shape."""

    name = "floor"
    example = "floor"


@register
class Ceil(Elementwise):
    """The whole number at or above each element: torch.ceil. Input and output have one shape."""

    name = "ceil"
    example = "ceil"


@register
class Sin(Elementwise):
    """The sine: torch.sin. Input and output have one shape."""

    name = "sin"
    example = "sin"


@register
class Cos(Elementwise):
    """The cosine: torch.cos. Input and output have one shape."""

    name = "cos"
    example = "cos"


@register
class Erf(Elementwise):
    """The error function: torch.erf. Input and output have one shape."""

    name = "erf"
    example = "erf"


@register
class Clamp(Elementwise):
    """Each element, held between `min` and `max`: torch.clamp.

    Input and output have one shape. Errors: neither bound is given.
    """

    name = "clamp"
    main = "min"
    example = "{clamp: 0, max: 6}"

    min: Real | None = None
    max: Real | None = None

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if self.min is None and self.max is None:
            raise OpError("missing-field", "`clamp` needs `min` or `max`", help="for example `{clamp: 0, max: 6}`")
        return inputs

    def expression(self, *names: str) -> str:
        bounds = ((name, getattr(self, name)) for name in ("min", "max"))
        return f"{names[0]}.clamp({', '.join(f'{name}={value}' for name, value in bounds if value is not None)})"
