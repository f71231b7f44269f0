"""The values of expressions: what they may be, how large, and how messages say them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, ClassVar, TypeAlias

from msgspec import Struct

from archspec.language.batch import Batch
from archspec.language.budget import ITEMS, spend
from archspec.language.expressions.errors import ExpressionError
from archspec.language.symbolic import Symbolic

MAX_NUMBER = 10**15
"""The largest number, either side of zero, that is written, looked up or computed."""
LEAST_NUMBER = -MAX_NUMBER  # not worked out anew for each number
MAX_ITEMS = 10_000
"""Values in a list that is written or computed, counted through the lists in it."""


class Attributes(Struct):
    """An object whose attributes an expression may read, such as `input` with its `channels`."""

    attribute_names: ClassVar[Collection[str]] = ()
    """The names that `attribute` knows."""

    truth: ClassVar[bool | None] = None
    """What it is as a condition, where it can be one."""

    def attribute(self, name: str) -> Value:
        """The value of one attribute; raises `KeyError` for a name it does not know."""
        raise KeyError(name)


Value: TypeAlias = "bool | int | float | str | list[Value] | Attributes | Batch | Symbolic | None"


def is_number(value: object) -> bool:
    """Whether it is a number, known or symbolic."""
    return type(value) in _NUMBERS


REAL = frozenset({int, float})
_NUMBERS = frozenset({int, float, Symbolic})
SCALARS = frozenset({int, float, bool, str})


def kind_text(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing (`None`)"
    for kind, words in _KINDS.items():
        if isinstance(value, kind):
            return words
    return "a value of another kind"


_KINDS: dict[type, str] = {
    bool: "a truth value",
    int: "a number",
    float: "a number",
    str: "a word",
    list: "a list",
    tuple: "a list",
    Attributes: "an object",
    Symbolic: "a size",
    Batch: "the batch",
}


def with_value(text: str, value: object) -> str:
    """`text` = value, or the value alone where the text says it already."""
    shown = crop(repr(value)) if not isinstance(value, Attributes) else kind_text(value)
    return f"`{text}`" if shown == text else f"`{text}` = {shown}"


def crop(text: str) -> str:
    """A text as a message shows it: its start, where it is long."""
    return text if len(text) <= 60 else text[:59] + "…"


def unknown_size(value: Symbolic, column: int) -> ExpressionError:
    """The error that a number is needed where a size stays symbolic."""
    names = sorted(value.names)
    which = " and ".join(f"`{name}`" for name in names)
    return ExpressionError(
        f"this depends on the symbolic size {which}"
        if len(names) == 1
        else f"this depends on the symbolic sizes {which}",
        help="give the input a size in numbers, or write the expression without it",
        column=column,
    )


def too_large(column: int) -> ExpressionError:
    """The error that a number is out of bounds."""
    return ExpressionError("this number is too large", expected=f"at most {MAX_NUMBER:.0e}", column=column)


def bounded_list(items: list[Any], column: int) -> list[Any]:
    """A list that was written or computed, if it is within bounds; it is paid for by its items."""
    left = MAX_ITEMS
    stack: list[Collection[Any]] = [items]
    while stack:
        level = stack.pop()
        left -= len(level)
        if left < 0:
            raise ExpressionError("this list is too long", expected=f"at most {MAX_ITEMS:,} values", column=column)
        stack.extend(item for item in level if isinstance(item, (list, tuple)))
    spend((MAX_ITEMS - left) // ITEMS)
    return items


def bounded(value: Any, column: int) -> Any:
    """A value that was written, looked up or computed, if it is within bounds: written so that not-a-number is not."""
    if type(value) in REAL and not LEAST_NUMBER <= value <= MAX_NUMBER:
        raise too_large(column)
    return value


def whole_number(value: Any, what: str, column: int) -> int:
    """The value, if it is a whole number that is known now; `what` it is for is said otherwise."""
    if type(value) is int:
        return value
    if type(value) is Symbolic:
        raise unknown_size(value, column)
    raise ExpressionError(f"{what} must be a whole number", found=crop(repr(value)), column=column)
