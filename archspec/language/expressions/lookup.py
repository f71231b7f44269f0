"""Names and their values, as an expression reads them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from archspec.language.diagnostics import did_you_mean
from archspec.language.expressions.errors import ExpressionError
from archspec.language.expressions.values import Attributes, crop, kind_text


class Lookup(Protocol):
    """Names and their values."""

    def __getitem__(self, name: str, /) -> object:
        """The value of a name; raises `KeyError` for one that is not known."""
        ...


Closure: TypeAlias = Callable[[Lookup], Any]
"""A compiled part of an expression: its value, given the names' values."""


def unknown_name(name: str, lookup: Lookup, column: int) -> ExpressionError:
    """The error that a name has no value, with the name that may be meant."""
    known = map(str, getattr(lookup, "names", ()))
    python = {"true": "True", "false": "False", "null": "None", "none": "None"}.get(name)
    help = f"write `{python}`" if python else did_you_mean(name, known)
    return ExpressionError(f"there is no name `{name}` here", help=help, column=column, width=len(name))


class Targets(NamedTuple):
    """The names of a comprehension: one for each item, or where `several`, one for each value in it."""

    names: tuple[str, ...]
    several: bool

    def bound(self, value: Any, column: int) -> dict[str, Any]:
        """The names with what an item gives them."""
        if not self.several:
            return {self.names[0]: value}
        if not isinstance(value, (list, tuple)) or len(value) != len(self.names):
            expected = f"a list of {len(self.names)} values"
            found = crop(repr(value)) if not isinstance(value, Attributes) else kind_text(value)
            raise ExpressionError("an item has no value for each name", expected=expected, found=found, column=column)
        return dict(zip(self.names, value))


class Bound:
    """A lookup with names of a comprehension's own."""

    def __init__(self, around: Lookup, own: Mapping[str, Any]) -> None:
        self._around, self._own = around, own

    def __getitem__(self, name: str) -> Any:
        return self._own[name] if name in self._own else self._around[name]

    def __getattr__(self, name: str) -> Any:
        if name == "names":
            return (*self._own, *getattr(self._around, "names", ()))
        return getattr(self._around, name)
