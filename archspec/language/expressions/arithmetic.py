"""The arithmetic operators: on numbers, symbolic sizes, the batch and lists."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from archspec.language.batch import Batch
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.values import (
    MAX_ITEMS,
    MAX_NUMBER,
    bounded,
    bounded_list,
    is_number,
    kind_text,
    too_large,
    unknown_size,
    with_value,
)
from archspec.language.symbolic import Symbolic, TooComplexError, UndecidedError


def arithmetic(operation: _Operation, left: Any, right: Any, texts: tuple[str, str], column: int) -> Any:
    """The value of one operator, within bounds; the operands' texts are for the message where there is none."""
    if not (is_number(left) and is_number(right)):
        if Batch in (type(left), type(right)) and (size := _of_batch(operation, left, right)) is not None:
            return size
        if operation.lists and (result := operation.lists(left, right)) is not None:
            return bounded_list(result, column)
        message = operation.message.format(kind_text(left), kind_text(right))
        found = " and ".join(with_value(text, value) for text, value in zip(texts, (left, right)))
        raise ExpressionError(f"cannot {message}", found=found, column=column)
    if operation.check:
        operation.check(left, right, texts[1], column)
    try:
        return bounded(operation.apply(left, right), column)
    except ZeroDivisionError:
        raise ExpressionError("division by zero", found=with_value(texts[1], right), column=column) from None
    except OverflowError:
        raise too_large(column) from None
    except UndecidedError:
        raise unknown_size(right, column) from None
    except TooComplexError:
        raise ExpressionError("this size is too complex", column=column) from None


def _of_batch(operation: _Operation, left: Any, right: Any) -> Batch | int | None:
    """A multiple of the batch, or a part of one, which must divide it; `None` for what is no size."""
    if not all(type(each) in (int, Batch, Symbolic) for each in (left, right)):
        return None
    if Symbolic in (type(left), type(right)):
        return operation.apply(left, right) if operation.apply is operator.mul else None
    divides = operation.apply is operator.floordiv and type(left) is Batch and right and not left % right
    return operation.apply(left, right) if divides or operation.apply is operator.mul else None


def check_divisor(left: Any, right: Any, text: str, column: int) -> None:
    """Refuse a division by zero."""
    if right == 0:
        raise ExpressionError("division by zero", found=with_value(text, right), column=column)


def _check_power(base: Any, exponent: Any, text: str, column: int) -> None:
    """Refuse a power before it is computed: Python would fill the memory with its digits."""
    if type(exponent) is Symbolic:
        raise unknown_size(exponent, column)
    if type(base) is Symbolic:
        if type(exponent) is not int or not 0 <= exponent <= 16:
            raise ExpressionError(
                "cannot raise a size to this power",
                expected="a whole number from 0 to 16",
                found=with_value(text, exponent),
                column=column,
            )
    elif base == 0 and exponent < 0:
        raise ExpressionError("division by zero", found=f"0 to the power of {exponent}", column=column)
    elif base < 0 and exponent != int(exponent):
        raise ExpressionError("a negative number has no such power", found=with_value(text, exponent), column=column)
    elif base != 0 and exponent * math.log(abs(base)) > 1.001 * math.log(MAX_NUMBER):
        raise too_large(column)


def _joined(left: Any, right: Any) -> list[Any] | None:
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return [*left, *right]
    return None


def _repeated(left: Any, right: Any) -> list[Any] | None:
    if isinstance(right, (list, tuple)):
        left, right = right, left
    if not isinstance(left, (list, tuple)) or type(right) is not int:
        return None
    # One item more than is allowed is enough to be refused.
    return [*left] * min(right, MAX_ITEMS + 1 if len(left) < 2 else MAX_ITEMS // len(left) + 1)


class _Operation(Struct, frozen=True):
    """One arithmetic operator: on numbers, on lists where it has a meaning, and how to say that it has none."""

    apply: Callable[[Any, Any], Any]
    message: str
    lists: Callable[[Any, Any], list[Any] | None] | None = None
    check: Callable[[Any, Any, str, int], None] | None = None


OPERATIONS: dict[type[ast.operator], _Operation] = {
    ast.Add: _Operation(operator.add, "add {} and {}", lists=_joined),
    ast.Sub: _Operation(operator.sub, "subtract {1} from {0}"),
    ast.Mult: _Operation(operator.mul, "multiply {} by {}", lists=_repeated),
    ast.Div: _Operation(operator.truediv, "divide {} by {}", check=check_divisor),
    ast.FloorDiv: _Operation(operator.floordiv, "divide {} by {}", check=check_divisor),
    ast.Mod: _Operation(operator.mod, "take the remainder of {} by {}", check=check_divisor),
    ast.Pow: _Operation(operator.pow, "raise {} to the power of {}", check=_check_power),
}
