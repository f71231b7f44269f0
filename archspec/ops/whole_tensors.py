"""Ops that see all dimensions of a tensor, the batch among them: they may move it, fold it, or do without it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, TypeAlias

from archspec.ops.base import Op, OpError
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import broadcast as broadcastable
from archspec.ops.field_types import differ
from archspec.ops.shapes import FLOAT, Batch, Carried, Dim, Shape, dtype_of, known, larger, shape_of, shape_text, whole

Dims: TypeAlias = tuple[Dim, ...]
"""All dimensions of a tensor; a `Batch` stands for the batch."""

DTYPES = ("float32", "int64", "int32", "bool", "uint8")

BOUNDS = {"bool": (0, 1), "uint8": (0, 2**8 - 1), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""The least and the greatest number of each dtype that holds whole ones alone."""


class WholeOp(Op, ABC):
    """An op that numbers dimensions as torch does, 0 being the first even where it is the batch."""

    takes = "anything"
    any_dtype: ClassVar[bool] = False
    """Whether it takes tensors of every dtype, and gives what the first of them has."""
    dtypes: ClassVar[tuple[str, ...]] = DTYPES
    """Those of them that torch knows it for."""

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        dtype = self.dtype(*inputs)
        return tuple(shape_of(dims, dtype) for dims in self.arrange(*map(whole, inputs)))

    @abstractmethod
    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        """The dimensions of the outputs; raises `OpError` where torch would refuse the inputs."""

    def dtype(self, *inputs: Shape) -> str:
        """torch's word for the elements of the outputs; raises `OpError` for what it cannot take."""
        for shape in inputs:
            if fault := tensor_fault(shape, self.dtypes if self.any_dtype else (FLOAT,)):
                raise refused(self.name, fault, shape)
        return dtype_of(inputs[0]) if inputs else FLOAT


def refused(op: str, fault: str, shape: Shape) -> OpError:
    """The error of an op that takes tensors, and is given something else."""
    help_ = "`embedding` gives a vector for each whole number" if dtype_of(shape) == "int64" else None
    return OpError("inputs", f"`{op}` takes a tensor of floats", found=fault, help=help_)


def tensor_fault(shape: Shape, dtypes: Sequence[str] = (FLOAT,)) -> str | None:
    """What a value is, where it is no tensor of these dtypes."""
    if not isinstance(shape, Carried):
        return None
    if shape.form == "list":
        return f"a list with one tensor of {shape_text(tuple(shape))} for each example"
    if shape.form == "records":
        return f"a list with one mapping for each example: {shape_text(shape)}"
    if shape.form == "scalars":
        return f"a mapping of single numbers: {shape_text(shape)}"
    if shape.form == "sizes":
        return "a list with the height and width of each example's image"
    if shape.dtype not in dtypes:
        return f"a tensor of {shape.dtype}"
    return "a value that may be left out" if shape.optional else None


def check_fits(op: str, number: float, dtype: str, field: str | None = None) -> None:
    """An error for a number that a dtype cannot hold: torch cuts some, lets others run over, and refuses the rest.

    >>> check_fits("constant_pad", 255, "uint8")
    """
    if dtype not in BOUNDS:
        return
    least, most = BOUNDS[dtype]
    if least <= number <= most and number == int(number):
        return
    message = f"`{op}` cannot put {number} among values of {dtype}"
    expected = f"a whole number from {least} to {most}"
    help_ = "`{to: float32}` before it makes floats"
    raise OpError("inputs", message, field=field, expected=expected, found=str(number), help=help_)


def place(op: str, field: str, dim: int, dims: Dims) -> int:
    """The place among all dimensions of the one that torch numbers `dim`; an error where there is none.

    >>> place("softmax", "dim", -1, whole((64, 56)))
    2
    """
    count = len(dims)
    if not -count <= dim < count:
        raise OpError(
            "dim",
            f"`{field}` of `{op}` (={dim}) is not a dimension of its input",
            field=field,
            expected=f"a dimension from 0 to {count - 1}, or from -{count} to -1",
            found=str(dim),
        )
    return dim % count


def inside(op: str, field: str, dim: int, dims: Dims) -> int:
    """The place of the dimension that torch numbers `dim`, as `place`; an error where it is the batch.

    >>> inside("roll", "dims", -1, whole((64, 56)))
    2
    """
    at = place(op, field, dim, dims)
    if type(dims[at]) is Batch:
        message = f"`{op}` cannot act on the batch dimension"
        raise OpError("dim", message, field=field, expected="another dimension", found=str(dim))
    return at


def summed_dtype(given: str) -> str:
    """What torch gives as the sum of values of one type: floats stay, all else is counted in int64."""
    return given if given == FLOAT else "int64"


def several(op: str, field: str, given: int | Sequence[int], dims: Dims) -> list[int]:
    """The places of one or more different dimensions, none of them the batch; an error where they are not.

    >>> several("flip", "dims", (-1, 1), whole((64, 56, 56)))
    [3, 1]
    """
    numbers = [given] if isinstance(given, int) else list(given)
    places = [inside(op, field, number, dims) for number in numbers]
    if not places or len(set(places)) != len(places):
        message = f"`{field}` of `{op}` must name one or more different dimensions"
        raise OpError("dims", message, field=field, expected="different dimensions", found=str(numbers))
    return places


def broadcast(*shapes: Dims) -> Dims | None:
    """The common dimensions of tensors as torch broadcasts them, aligned at the last; `None` where they have none.

    Nor have they where one example would be set against another, as `[B]` and `[B, 1]` would.

    >>> broadcast(whole((197, 768)), (1, 197, 768)), broadcast(whole((4,)), (7,)) is None
    ((B, 197, 768), True)
    """
    rank = max(map(len, shapes))
    columns = zip(*((1,) * (rank - len(dims)) + tuple(dims) for dims in shapes))
    common = tuple(map(_common, columns))
    crossed = _batches(common) > max(map(_batches, shapes))
    return None if crossed or any(dim is None for dim in common) else common


def _batches(dims: Dims) -> int:
    """In how many dimensions the batch stands: in more than before where its examples are set against each other."""
    return sum(type(dim) is Batch for dim in dims)


def _common(dims: Sequence[Dim]) -> Dim | None:
    wide = [dim for dim in dims if not (known(dim) and dim == 1)]
    common = wide[0] if wide else 1
    for other in wide[1:]:
        if type(common) is Batch or type(other) is Batch or known(common, other):
            if differ(common, other):
                return None
        elif not possible(broadcastable(common, other)):
            return None
        else:
            common = other if known(other) else common if known(common) else larger(common, other)
    return common
