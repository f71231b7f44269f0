"""The kinds of value an op's field may hold, each with the words a message uses for it, and their shared arithmetic."""

from collections.abc import Sequence
from math import isfinite
from typing import Annotated, Literal

from pydantic import Field

from archspec.language.plural import plural
from archspec.language.symbolic import Symbolic, UndecidedError
from archspec.ops.base import Expects as Expects
from archspec.ops.base import OpError
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import at_least as size_at_least
from archspec.ops.conditions import divisible_by, equal
from archspec.ops.shapes import Batch, Dim, Shape, dim_text, dtype_of, form_of, known, shape_text
from archspec.ops.shapes import Carried as Carried

Positive = Annotated[int, Field(ge=1), Expects("a whole number from 1")]


Natural = Annotated[int, Field(ge=0), Expects("a whole number from 0")]


Whole = Annotated[int, Expects("a whole number")]


Real = Annotated[float, Field(allow_inf_nan=False), Expects("a number")]


Extended = Annotated[float | Literal["inf", "-inf"], Expects("a number, `inf` or `-inf`")]


PositiveReal = Annotated[float, Field(gt=0, allow_inf_nan=False), Expects("a number above 0")]


NonNegativeReal = Annotated[float, Field(ge=0, allow_inf_nan=False), Expects("a number from 0")]


Probability = Annotated[float, Field(ge=0, le=1), Expects("a number from 0 to 1")]


Flag = Annotated[bool, Expects("true or false")]


InPlace = Annotated[bool | None, Expects("true or false")]


Axis = Annotated[int, Expects("a dimension as torch numbers them: 0 is the batch, 1 the channels, -1 the last")]


Wholes = Annotated[tuple[int, ...], Expects("a list of whole numbers")]


Reals = Annotated[tuple[Real, ...], Expects("a list of numbers")]


PositivePerDim = Annotated[
    Positive | tuple[Positive, ...], Expects("a whole number from 1, or a list with one for each spatial dimension")
]


NaturalPerDim = Annotated[
    Natural | tuple[Natural, ...], Expects("a whole number from 0, or a list with one for each spatial dimension")
]


EXACT = 2**53
"""Below it a whole number is one as a float, too."""


def plain(value: float) -> str:
    """A number as it is written in Python, without a fraction where it is whole.

    >>> plain(1.0), plain(0.5), plain(-1e38), plain(float("-inf"))
    ('1', '0.5', '-1e+38', 'float("-inf")')
    """
    if not isfinite(value):
        return f'float("{value}")'
    return str(int(value)) if value == int(value) and abs(value) < EXACT else str(value)


def number(op: str, dim: Dim, what: str) -> int:
    """A dimension that the op needs as a number; an error where it is symbolic.

    >>> number("linear", 512, "the last dimension")
    512
    """
    if type(dim) is not int and not known(dim):
        raise OpError(
            "symbolic",
            f"`{op}` needs {what} of its input as a number",
            expected="a number",
            found=f"the symbolic dimension {dim_text(dim)}",
        )
    return int(dim)


def channels(op: str, shape: Shape) -> int:
    """The number of channels of `[C, ...]`; an error where there is none or it is symbolic.

    >>> channels("batch_norm", (64, 56, 56))
    64
    """
    at_least(op, shape, 1)
    return number(op, shape[0], "the channels")


def whole_numbers(op: str, shape: Shape, what: str, *, sizes: str = "[T]", optional: bool = False) -> None:
    """An error where a value is no tensor of whole numbers, such as words, or may be left out but is not `optional`.

    `sizes` are those to name in the help.

    >>> whole_numbers("embedding", Carried((20,), dtype="int64"), "the input")
    """
    if dtype_of(shape) != "int64" or form_of(shape) not in ("tensor", "folded"):
        found = f"a tensor of {dtype_of(shape)}" if form_of(shape) in ("tensor", "folded") else shape_text(shape)
        raise OpError(
            "inputs",
            f"`{op}` needs {what} as whole numbers",
            expected="a tensor of int64",
            found=found,
            help=f"say so of the network's input: `{{shape: {sizes}, dtype: int64}}`",
        )
    if isinstance(shape, Carried) and shape.optional and not optional:
        raise OpError("inputs", f"`{op}` needs {what} always", found="a value that may be left out")


def divisible(name: str, value: Dim, field: str, divisor: int) -> None:
    """An error where a dimension `name` is never divisible by the field's value."""
    if value % divisor if type(value) is int else not possible(divisible_by(value, divisor)):
        raise OpError(
            "divisible",
            f"`{name}` (={value}) must be divisible by `{field}` (={divisor})",
            field=field,
            expected=f"a divisor of {value}",
            found=str(divisor),
        )


def at_least(op: str, shape: Shape, count: int) -> None:
    """An error where an input has fewer than `count` dimensions beside the batch."""
    if len(shape) < count:
        raise OpError(
            "rank",
            f"`{op}` cannot take an input of shape {shape_text(shape) or '()'}",
            expected=f"at least {plural(count, 'dimension')}",
            found=plural(len(shape), "dimension"),
        )


def axis(op: str, field: str, dim: int, shape: Shape) -> int:
    """The place in `shape` of the dimension that torch numbers `dim`; an error where it is the batch or none at all.

    >>> axis("concat", "dim", 1, (64, 56, 56)), axis("softmax", "dim", -1, (64, 56, 56))
    (0, 2)
    """
    count = len(shape) + 1
    place = dim + count if dim < 0 else dim
    if not 1 <= place < count:
        what = "the batch" if place == 0 else "not a dimension of its input"
        choice = f"a dimension from 1 to {count - 1}, or from -{count - 1} to -1"
        raise OpError(
            "dim",
            f"`{field}` of `{op}` (={dim}) is {what}",
            field=field,
            expected=choice if count > 1 else "an input with more dimensions than the batch",
            found=str(dim),
        )
    return place - 1


def differ(one: Dim, other: Dim) -> bool:
    """Whether two dimensions are certainly unequal; for symbolic ones it is noted when they must be equal.

    >>> differ(56, 28)
    True
    """
    if type(one) is int and type(other) is int:
        return one != other
    if type(one) is Batch or type(other) is Batch:
        return bool(one != other)
    return not possible(equal(one, other))


def below(dim: Dim, least: int) -> bool:
    """Whether a dimension is certainly less than a number; of a symbolic one it is noted that it must not be.

    >>> below(5, 7)
    True
    """
    return dim < least if type(dim) is int else not possible(size_at_least(dim, least))


def leaves_over(dim: Dim, divisor: Dim) -> bool:
    """Whether a dimension is certainly not divisible; of a symbolic one it is noted that it must be.

    >>> leaves_over(7, 2), leaves_over(Batch(8), 4)
    (True, False)
    """
    if type(dim) is Batch:
        return leaves_over(dim.count, divisor.count if type(divisor) is Batch else divisor)
    if type(divisor) is int:
        return bool(dim % divisor) if type(dim) is int else not possible(divisible_by(dim, divisor))
    try:
        return type(divisor) is Batch or bool(dim % divisor != 0)
    except UndecidedError:
        return True


def certain(*dims: Dim) -> Dim:
    """Of dimensions that must be equal, one that is a number, if there is one; else the simplest."""
    return next((dim for dim in dims if known(dim)), None) or min(dims, key=_complexity)


def _complexity(dim: Dim) -> tuple[int, int]:
    return (dim.complexity, len(str(dim))) if isinstance(dim, Symbolic) else (0, 0)


def spatial_rank(op: str, shape: Shape, ranks: Sequence[int] = (1, 2, 3)) -> int:
    """The number of spatial dimensions of `[C, *sizes]`; an error where the op takes no such input.

    >>> spatial_rank("conv", (3, 224, 224))
    2
    """
    rank = len(shape) - 1
    if rank not in ranks:
        *most, last = [str(each + 1) for each in ranks]
        raise OpError(
            "rank",
            f"`{op}` cannot take an input of shape {shape_text(shape)}",
            expected=f"channels and sizes, {', '.join(most) + ' or ' if most else ''}{last} dimensions in all",
            found=plural(len(shape), "dimension"),
        )
    return rank


def fitting(op: str, field: str, value: int | Sequence[int], rank: int) -> tuple[int, ...]:
    """A field's value for each spatial dimension; an error where a list has the wrong length.

    >>> fitting("conv", "kernel_size", 3, rank=2)
    (3, 3)
    """
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise OpError(
            "rank",
            f"`{field}` of `{op}` has {plural(len(value), 'value')} for {plural(rank, 'spatial dimension')}",
            field=field,
            expected=f"one whole number, or a list of {rank}",
            found=str(list(value)),
        )
    return tuple(value)


def window(op: str, size: Dim, kernel: int, stride: int, padding: int = 0, dilation: int = 1) -> Dim:
    """The number of places at which a window stands along one dimension (torch.nn.Conv2d, section Shape).

    >>> window("conv", 224, kernel=7, stride=2, padding=3)
    112
    """
    reach, room = dilation * (kernel - 1) + 1, size + 2 * padding
    if below(room, reach):
        raise OpError(
            "window",
            f"the kernel of `{op}` spans {reach}, its padded input only {room}",
            field="kernel_size",
            expected=f"at most {room}",
            found=str(reach),
        )
    return (room - reach) // stride + 1
