"""Comparisons and truth, where a symbolic size may leave them undecided."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from archspec.language.budget import COMPARED, spend
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.values import REAL, SCALARS, Attributes, crop, is_number, kind_text, unknown_size
from archspec.language.symbolic import Symbolic, UndecidedError


def truth(value: Any, column: int) -> bool:
    """What a value is as a condition: a number or list is true unless it is zero or empty."""
    if type(value) is bool:
        return value
    if isinstance(value, Attributes):
        if value.truth is None:
            raise ExpressionError("an input is neither true nor false", column=column)
        return value.truth
    if type(value) is Symbolic:
        return not equal(value, 0, column)
    return bool(value)


def equal(left: Any, right: Any, column: int) -> bool:
    """Whether two values are equal; an unknown size equals another only if it does whatever it will be."""
    if type(left) in SCALARS and type(right) in SCALARS:
        return bool(left == right)
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        if len(left) != len(right):
            return False
        spend(len(left) // COMPARED)
        return all(equal(one, other, column) for one, other in zip(left, right))
    if is_number(left) and is_number(right):
        difference = left - right
        if type(difference) is not Symbolic:
            return bool(difference == 0)
        if difference.lower <= 0 <= difference.upper:
            raise unknown_size(difference, column)
        return False
    return bool(left == right)


def _member(left: Any, right: Any, column: int) -> bool:
    if not isinstance(right, (list, tuple)):
        raise ExpressionError(
            f"cannot look for something in {kind_text(right)}", expected="a list after `in`", column=column
        )
    spend(len(right) // COMPARED)
    return any(equal(left, item, column) for item in right)


def _ordered(compare: Callable[[Any, Any], Any]) -> Callable[[Any, Any, int], bool]:
    def holds(left: Any, right: Any, column: int) -> bool:
        if type(left) in REAL and type(right) in REAL:
            return bool(compare(left, right))
        if not (is_number(left) and is_number(right)):
            raise ExpressionError(
                f"cannot compare {kind_text(left)} and {kind_text(right)} by size",
                found=f"{crop(repr(left))} and {crop(repr(right))}",
                column=column,
            )
        return decided(compare, left, right, column)

    return holds


def decided(compare: Callable[[Any, Any], Any], left: Any, right: Any, column: int) -> bool:
    """A comparison by size, refused where it depends on what a symbolic size will be."""
    try:
        return bool(compare(left, right))
    except UndecidedError:
        raise unknown_size(left - right, column) from None


COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any, int], bool]] = {
    ast.Eq: equal,
    ast.NotEq: lambda left, right, column: not equal(left, right, column),
    ast.Lt: _ordered(operator.lt),
    ast.LtE: _ordered(operator.le),
    ast.Gt: _ordered(operator.gt),
    ast.GtE: _ordered(operator.ge),
    ast.In: _member,
    ast.NotIn: lambda left, right, column: not _member(left, right, column),
}
