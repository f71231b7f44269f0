"""Arithmetic, element by element, over values and numbers; sizes are broadcast as torch broadcasts them."""

from abc import ABC
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from archspec.ops.base import Expects, OpError, register
from archspec.ops.shapes import FLOAT, Batch, Shape, dtype_of, shape_of, shape_text
from archspec.ops.value_text import value_text
from archspec.ops.whole_tensors import DTYPES, Dims, WholeOp, broadcast, check_fits, refused, tensor_fault

Numbers = Annotated[tuple[tuple[int, int | float], ...], Expects("numbers among the operands")]


class Arithmetic(WholeOp, ABC):
    """A function of two or more operands, element by element; `numbers` are those that are no values, by place."""

    kind = "join"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    takes_numbers = True
    internal = ("numbers",)
    example_inputs: ClassVar[tuple[Shape, ...]] = ((64, 56, 56), (64, 56, 56))

    neutral: ClassVar[int | None] = None
    """The number that changes nothing as an operand: anywhere, or after the value where order matters."""
    of_itself: ClassVar[str | None] = None
    """What it gives of a value and itself, over how often that stands there, unless that is often meant."""
    written_sign: ClassVar[str | None] = None
    """What stands between its operands in a figure."""
    numbers_must_fit: ClassVar[bool] = True
    """Whether a number beyond the dtype would change the result; a sum modulo 256 is right all the same."""
    above_sign: ClassVar[bool] = False
    """Whether it binds its first operand more than a minus before that does: Python reads `-2 ** x` as `-(2 ** x)`."""

    numbers: Numbers = ()

    def headline(self, values: Mapping[str, Any], inputs: int) -> str | None:
        """An op with numbers in it: `× 0.5`, `1 − x`."""
        if not values["numbers"]:
            return None
        sign = self.written_sign or self.called()
        texts = ["x"] * inputs
        for place, number in values["numbers"]:
            texts.insert(place, value_text(number))
        return f"{sign} {texts[1]}" if len(texts) == 2 and texts[0] == "x" else f" {sign} ".join(texts)

    def dtype(self, *inputs: Shape) -> str:
        for shape in inputs:
            if fault := tensor_fault(shape, DTYPES):
                raise refused(self.name, fault, shape)
        dtype = promoted(*map(dtype_of, inputs), *self._number_dtypes(inputs))
        if found := self.refuses(dtype, *map(dtype_of, inputs)):
            message = f"`{self.name}` cannot be computed of this, as torch has it"
            raise OpError("inputs", message, found=found, help="`{to: float32}` before it makes floats")
        for _, number in self.numbers if self.numbers_must_fit else ():
            check_fits(self.name, number, dtype)
        return dtype

    def refuses(self, dtype: str, *inputs: str) -> str | None:
        """What torch does not take, where it refuses to compute a result of this dtype from tensors of those."""
        return None

    def _number_dtypes(self, inputs: tuple[Shape, ...]) -> list[str]:
        """What the numbers make of the result: floats of fractions, and int64 of a whole number among truths."""
        whole = all(isinstance(number, int) for _, number in self.numbers)
        truths = {dtype_of(shape) for shape in inputs} == {"bool"}
        return [FLOAT] if not whole else ["int64"] if self.numbers and truths else []

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        for number in range(2, len(inputs) + 1):
            if broadcast(*inputs[:number]) is None:
                raise join_error(
                    self.name, inputs[0], inputs[number - 1], number, "the same sizes, or 1 in their place,"
                )
        common = broadcast(*inputs)
        assert common is not None, "all of them go together"
        return (common,)

    def texts(self, names: tuple[str, ...]) -> list[str]:
        """The operands in their order, numbers among them."""
        texts = list(names)
        for place, number in self.numbers:
            texts.insert(place, f"({number})" if str(number)[0] == "-" and (place or self.above_sign) else str(number))
        return texts


def promoted(*dtypes: str) -> str:
    """The dtype of what is computed from tensors of several: torch's promotion, of floats, whole numbers and truths."""
    order = ("bool", "uint8", "int32", "int64", FLOAT)
    return max(dtypes, key=order.index)


def join_error(op: str, first: Dims, other: Dims, number: int, expected: str) -> OpError:
    """The error of input `number`, counted from 1, that does not go with the first."""
    one, two = shape_text(shape_of(first)), shape_text(shape_of(other))
    if first and other and type(first[0]) is type(other[0]) is Batch and first[0] != other[0]:
        return OpError(
            "inputs",
            f"`{op}` takes values of one batch",
            expected="the same number of items of each example",
            found=f"{one}, {two}",
        )
    return OpError(
        "join-shapes",
        f"`{op}` cannot join {one} and {two}",
        expected=f"{expected} as input 1, {one}",
        found=f"{two} as input {number}",
    )


class Operator(Arithmetic, ABC):
    """An operator of Python's."""

    symbol: ClassVar[str]
    binding: ClassVar[int]
    """How strongly it binds: a weaker one inside stands in brackets."""
    from_the_left: ClassVar[bool] = True
    """Whether `a * b * c` is `(a * b) * c`."""

    def expression(self, *names: str) -> str:
        return f" {self.symbol} ".join(self.texts(names))


@register
class Add(Operator):
    """The sum: `a + b` for tensors and numbers.

    Sizes are broadcast: where one operand has 1, it is repeated as often as the others ask, and dimensions that it
    lacks are added in front. Errors: sizes that differ where neither is 1.
    """

    name = "add"
    numbers_must_fit = False
    commutative = True
    symbol = "+"
    sign = written_sign = "+"
    neutral = 0
    of_itself = "{times} the value"
    carries_on = True
    binding = 1
    example = "{add: [conv2, input]}"


@register
class Sub(Operator):
    """The difference: `a - b` for tensors and numbers.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1, truths.
    """

    name = "sub"
    numbers_must_fit = False
    symbol = "-"
    sign = written_sign = "−"
    neutral = 0
    of_itself = "0 everywhere"
    carries_on = True
    binding = 1
    inputs = (2, 2)
    example = "{sub: [conv2, input]}"

    def refuses(self, dtype: str, *inputs: str) -> str | None:
        return "a tensor of bool" if "bool" in inputs else None


@register
class Mul(Operator):
    """The product, element by element: `a * b` for tensors and numbers.

    Sizes are broadcast as in `add`, so that a gate `[C, 1, 1]` scales `[C, H, W]`. Errors: sizes that differ where
    neither is 1.
    """

    name = "mul"
    numbers_must_fit = False
    commutative = True
    symbol = "*"
    sign = written_sign = "×"
    neutral = 1
    carries_on = True
    binding = 2
    example = "{mul: [gate, input]}"
    example_inputs = ((64, 1, 1), (64, 56, 56))


@register
class Div(Operator):
    """The quotient, element by element: `a / b` for tensors and numbers. Output: floats.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "div"
    numbers_must_fit = False
    symbol = "/"
    written_sign = "÷"
    neutral = 1
    of_itself = "1 everywhere"
    binding = 2
    inputs = (2, 2)
    example = "{div: [conv2, input]}"

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return FLOAT


@register
class FloorDivide(Arithmetic):
    """How often the second operand goes into the first: torch.div with `rounding_mode="floor"`.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "floor_divide"
    written_sign = "÷"
    inputs = (2, 2)
    example = "{floor_divide: [index, size]}"

    def expression(self, *names: str) -> str:
        one, other = self.texts(names)
        for place, number in self.numbers:
            if place == 0:
                dtype = f", dtype=torch.result_type({other}, {number})" if isinstance(number, float) else ""
                one = f"torch.full_like({other}, {one}{dtype})"
        return f'torch.div({one}, {other}, rounding_mode="floor")'

    def refuses(self, dtype: str, *inputs: str) -> str | None:
        return _truth_as_divisor(self, dtype, inputs)


@register
class Remainder(Operator):
    """What is left of the first operand: `a % b`, torch.remainder, which has the sign of the second.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "remainder"
    symbol = "%"
    written_sign = "mod"
    binding = 2
    inputs = (2, 2)
    example = "{remainder: [index, size]}"

    def refuses(self, dtype: str, *inputs: str) -> str | None:
        return _truth_as_divisor(self, dtype, inputs)


def _truth_as_divisor(op: Arithmetic, dtype: str, inputs: tuple[str, ...]) -> str | None:
    """A tensor of bool below the line of a whole division, where each `False` in it would be a division by 0."""
    by_number = any(place == 1 for place, _ in op.numbers)
    return "a divisor of bool" if dtype != FLOAT and not by_number and inputs[-1] == "bool" else None


@register
class Pow(Operator):
    """The power, element by element: `a ** b` for tensors and numbers.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "pow"
    saves_output = True
    symbol = "**"
    written_sign = "^"
    neutral = 1
    from_the_left = False
    above_sign = True
    binding = 4
    inputs = (2, 2)
    example = "{pow: [base, exponent]}"

    def refuses(self, dtype: str, *inputs: str) -> str | None:
        if dtype == "bool":
            return "tensors of bool"
        negative = any(place == 1 and number < 0 for place, number in self.numbers)
        return f"a negative power of {dtype}" if negative and dtype != FLOAT else None


class _Extreme(Arithmetic, ABC):
    """The greater or the smaller of the operands."""

    commutative = True
    of_itself = "the value"
    torch_function: ClassVar[str]
    bound: ClassVar[str]
    """The argument of torch.clamp that says the same of a number."""

    def expression(self, *names: str) -> str:
        text, *others = names
        for other in others:
            text = f"{self.torch_function}({text}, {other})"
        for _, number in self.numbers:
            text = f"{text}.clamp({self.bound}={number})"
        return text


@register
class Maximum(_Extreme):
    """The greater, element by element: torch.maximum; of a number, torch.clamp.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "maximum"
    torch_function = "torch.maximum"
    bound = "min"
    example = "{maximum: [conv2, input]}"


@register
class Minimum(_Extreme):
    """The smaller, element by element: torch.minimum; of a number, torch.clamp.

    Sizes are broadcast as in `add`. Errors: sizes that differ where neither is 1.
    """

    name = "minimum"
    torch_function = "torch.minimum"
    bound = "max"
    example = "{minimum: [conv2, input]}"
