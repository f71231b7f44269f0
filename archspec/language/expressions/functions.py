"""The functions that an expression may call."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Collection
from typing import Any

from msgspec import Struct

from archspec.language.budget import ITEMS, spend
from archspec.language.diagnostics import did_you_mean
from archspec.language.expressions.comparisons import decided
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.values import (
    MAX_ITEMS,
    REAL,
    bounded,
    crop,
    is_number,
    kind_text,
    unknown_size,
    whole_number,
)
from archspec.language.plural import plural
from archspec.language.symbolic import Symbolic


def divisible(value: float, divisor: int = 8, floor: int | None = None) -> int:
    """The multiple of `divisor` nearest to `value`, at least `floor`, and no less than nine tenths of `value`.

    Halves round up; `floor` left out is the divisor. A result below nine tenths of `value` is raised by one divisor.
    This is the rule by which the MobileNets and EfficientNets scale their channels.

    >>> divisible(36), divisible(3), divisible(11)
    (40, 8, 16)
    """
    least = divisor if floor is None else floor
    result = max(least, math.floor(value + divisor / 2) // divisor * divisor)
    return result + divisor if result < 0.9 * value else result


class FunctionCall(Struct, frozen=True):
    """The call that is being computed, for messages."""

    name: str
    column: int

    def number(self, value: Any) -> Any:
        """The value, if it is a number; it may be symbolic."""
        if type(value) in REAL:
            return bounded(value, self.column)
        if not is_number(value):
            raise ExpressionError(
                f"`{self.name}` takes numbers, not {kind_text(value)}", found=crop(repr(value)), column=self.column
            )
        return bounded(value, self.column)

    def known(self, value: Any) -> Any:
        """The value, if it is a number that is known now."""
        number = self.number(value)
        if type(number) is Symbolic:
            raise unknown_size(number, self.column)
        return number

    def items(self, value: Any) -> Any:
        """The value, if it is a list."""
        if not isinstance(value, (list, tuple)):
            raise ExpressionError(
                f"`{self.name}` takes a list, not {kind_text(value)}", found=crop(repr(value)), column=self.column
            )
        spend(len(value) // ITEMS)
        return value

    def size(self, value: Any, what: str, least: int) -> int:
        """The value, if it is a whole number of at least `least`."""
        if type(value) is not int or value < least:
            raise ExpressionError(
                f"`{what}` of `{self.name}` must be a whole number of at least {least}",
                found=crop(repr(value)),
                column=self.column,
            )
        return value


def _extreme(compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def extreme(call: FunctionCall, *values: Any) -> Any:
        numbers = call.items(values[0]) if len(values) == 1 else values
        if not numbers:
            raise ExpressionError(f"`{call.name}` of an empty list", column=call.column)
        best = call.number(numbers[0])
        for number in numbers[1:]:
            if decided(compare, call.number(number), best, call.column):
                best = number
        return best

    return extreme


def _on_number(function: Callable[[Any], Any]) -> Callable[[FunctionCall, Any], Any]:
    return lambda call, value: function(call.known(value))


def _sum(call: FunctionCall, values: Any) -> Any:
    items = call.items(values)
    return sum(items if REAL.issuperset(map(type, items)) else map(call.number, items))


def _square_root(call: FunctionCall, value: Any) -> float:
    if call.known(value) < 0:
        raise ExpressionError("a negative number has no square root", found=crop(repr(value)), column=call.column)
    return math.sqrt(value)


def _logarithm(call: FunctionCall, value: Any) -> float:
    if call.known(value) <= 0:
        raise ExpressionError("only a number above 0 has a logarithm", found=crop(repr(value)), column=call.column)
    return math.log(value)


def _divisible(call: FunctionCall, value: Any, divisor: Any = 8, floor: Any = None) -> int:
    least = None if floor is None else call.size(floor, "floor", 0)
    return divisible(call.known(value), call.size(divisor, "divisor", 1), least)


def _range(call: FunctionCall, *ends: Any) -> list[int]:
    """The whole numbers from the first end on, 0 where it is left out, below the second, by steps of the third."""
    bounds = [whole_number(end, "an end of a range", call.column) for end in ends]
    if bounds[2:] == [0]:
        raise ExpressionError("the step of a range is zero", column=call.column)
    numbers = range(*bounds)
    if len(numbers) > MAX_ITEMS:
        raise ExpressionError("this list is too long", expected=f"at most {MAX_ITEMS:,} values", column=call.column)
    spend(len(numbers) // ITEMS)
    return list(numbers)


class Function(Struct, frozen=True):
    """A function: how it is computed, and what a call gives it."""

    compute: Callable[..., Any]
    most: int | None = 1
    """The most values it takes; `None` for any number."""
    keywords: tuple[str, ...] = ()
    """The names that its later values go by."""
    rounds: bool = False

    def check_keywords(self, call: FunctionCall, given: Collection[str]) -> None:
        """Refuse a keyword that it does not take."""
        for keyword in given:
            if keyword not in self.keywords:
                raise ExpressionError(
                    f"`{call.name}` takes no `{keyword}`", help=did_you_mean(keyword, self.keywords), column=call.column
                )

    def check_values(self, call: FunctionCall, values: int, given: Collection[str]) -> None:
        """Refuse values that are too few or too many, or given by place and by keyword."""
        clash = next((keyword for keyword in self.keywords[: max(0, values - 1)] if keyword in given), None)
        if clash:
            raise ExpressionError(f"`{call.name}` is given `{clash}` twice", column=call.column)
        if not values or (self.most and values > self.most):
            several = "at least one value" if not self.most else f"one to {self.most} values"
            raise ExpressionError(
                f"`{call.name}` is given {plural(values, 'value')}",
                expected="one value" if self.most == 1 else several,
                column=call.column,
            )


FUNCTIONS = {
    "min": Function(_extreme(operator.lt), most=None),
    "max": Function(_extreme(operator.gt), most=None),
    "round": Function(_on_number(round), rounds=True),
    "ceil": Function(_on_number(math.ceil), rounds=True),
    "floor": Function(_on_number(math.floor), rounds=True),
    "abs": Function(_on_number(abs)),
    "sqrt": Function(_square_root),
    "log": Function(_logarithm),
    "len": Function(lambda call, value: len(call.items(value))),
    "sum": Function(_sum),
    "range": Function(_range, most=3),
    "divisible": Function(_divisible, most=3, keywords=("divisor", "floor"), rounds=True),
}
FUNCTION_LIST = ", ".join(f"`{name}`" for name in FUNCTIONS)
