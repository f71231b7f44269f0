"""Comparisons and logic, element by element, and values chosen by them."""

from abc import ABC
from typing import ClassVar

from archspec.ops.arithmetic import Arithmetic, Operator, join_error, promoted
from archspec.ops.base import OpError, register
from archspec.ops.elementwise import Elementwise
from archspec.ops.field_types import Extended, plain
from archspec.ops.shapes import FLOAT, Carried, Shape, dtype_of
from archspec.ops.whole_tensors import DTYPES, Dims, WholeOp, broadcast, check_fits, refused, tensor_fault


class Comparison(Operator, ABC):
    """A comparison of two values, or of a value with a number. Sizes are broadcast as in `add`."""

    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    binding = 0
    from_the_left = False
    example_inputs = ((20,), (20,))

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return "bool"


@register
class Eq(Comparison):
    """Whether two values are equal, element by element: `a == b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "eq"
    commutative = True
    symbol = "=="
    example = "{eq: [words, 0]}"


@register
class Ne(Comparison):
    """Whether two values differ, element by element: `a != b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "ne"
    commutative = True
    symbol = "!="
    example = "{ne: [words, 0]}"


@register
class Gt(Comparison):
    """Whether the first is greater, element by element: `a > b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "gt"
    symbol = ">"
    example = "{gt: [scores, 0.5]}"


@register
class Ge(Comparison):
    """Whether the first is no less, element by element: `a >= b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "ge"
    symbol = ">="
    example = "{ge: [scores, 0.5]}"


@register
class Lt(Comparison):
    """Whether the first is less, element by element: `a < b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "lt"
    symbol = "<"
    example = "{lt: [scores, 0.5]}"


@register
class Le(Comparison):
    """Whether the first is no greater, element by element: `a <= b` for tensors and numbers. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "le"
    symbol = "<="
    example = "{le: [scores, 0.5]}"


class _Logical(Arithmetic, ABC):
    """A function of truths; a number that is not 0 counts as true."""

    commutative = True
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    takes_numbers = False
    example_inputs = (Carried((20,), dtype="bool"), Carried((20,), dtype="bool"))

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return "bool"

    def expression(self, *names: str) -> str:
        return f"torch.{self.name}({', '.join(names)})"


@register
class LogicalAnd(_Logical):
    """Whether both are true, element by element: torch.logical_and. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "logical_and"
    example = "{logical_and: [one, other]}"


@register
class LogicalOr(_Logical):
    """Whether one of them is true, element by element: torch.logical_or. Output: truths.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "logical_or"
    example = "{logical_or: [one, other]}"


@register
class LogicalNot(Elementwise):
    """Whether an element is false or 0: torch.logical_not. Output: truths of the input's shape."""

    name = "logical_not"
    any_dtype = True
    example = "logical_not"
    example_inputs = (Carried((20,), dtype="bool"),)

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return "bool"


@register
class Where(Arithmetic):
    """Where a condition holds the second value, elsewhere the third: torch.where.

    Inputs: truths, and two values, each of which may be a number. Sizes are broadcast as in `add`. Errors: a condition
    that is no truth, sizes that differ where neither is 1.
    """

    name = "where"
    inputs: ClassVar[tuple[int, int | None]] = (3, 3)
    example = "{where: [mask, scores, 0]}"
    example_inputs = (Carried((20,), dtype="bool"), (20,), (20,))

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        if any(at == 0 for at, _ in self.numbers) or dtype_of(inputs[0]) != "bool":
            raise OpError(
                "inputs", "`where` needs a condition of type bool", expected="a tensor of bool as the first input"
            )
        numbers = [FLOAT if isinstance(number, float) else "int64" for _, number in self.numbers]
        others = [*map(dtype_of, inputs[1:])]
        kept = FLOAT in numbers or not others or set(others) == {"bool"}
        return promoted(*others, *(numbers if kept else []))

    def expression(self, *names: str) -> str:
        return f"torch.where({', '.join(self.texts(names))})"


@register
class MaskedFill(WholeOp):
    """A number in place of each element that a mask names: torch.Tensor.masked_fill.

    Inputs: values, and truths that go with them; sizes are broadcast as in `add`. `{masked_fill: -inf}` before a
    softmax leaves out what the mask names. Errors: a mask that is no truth, sizes that differ where neither is 1.
    """

    name = "masked_fill"
    main = "value"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    example = "{masked_fill: -inf, from: [scores, mask]}"
    example_inputs = ((12, 20, 20), Carried((12, 20, 20), dtype="bool"))

    value: Extended

    def dtype(self, *inputs: Shape) -> str:
        value, mask = inputs
        if fault := tensor_fault(value, DTYPES):
            raise refused(self.name, fault, value)
        if tensor_fault(mask, DTYPES) or dtype_of(mask) != "bool":
            raise OpError("inputs", "`masked_fill` takes a mask of type bool", expected="a tensor of bool as input 2")
        check_fits(self.name, float(self.value), dtype_of(value), "value")
        return dtype_of(value)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        value, mask = inputs
        common = broadcast(value, mask)
        if common is None:
            raise join_error(self.name, value, mask, 2, "the same sizes, or 1 in their place,")
        return (common,)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.masked_fill({names[1]}, {plain(float(self.value))})"
