"""Names and their values: lexical scopes, and the view of a graph's input that expressions have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archspec.language.expressions import Attributes
from archspec.shapes import Shape


@dataclass(frozen=True, slots=True)
class Scope:
    """Names that hold in one place, and the scope around it; the innermost meaning wins."""

    values: Mapping[str, Any]
    around: Scope | None = None

    def __call__(self, name: str) -> Any:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.values:
                return scope.values[name]
            scope = scope.around
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return name in self.values or (self.around is not None and name in self.around)

    @property
    def names(self) -> Iterator[str]:
        yield from self.values
        if self.around is not None:
            yield from self.around.names

    def inner(self, values: Mapping[str, Any]) -> Scope:
        """A scope inside this one."""
        return Scope(values, self)


@dataclass(frozen=True, slots=True)
class Input(Attributes):
    """What an expression sees of a graph's input: `input.channels`, `input.shape`."""

    of: Shape

    attribute_names = ("channels", "shape")

    def attribute(self, name: str) -> Any:
        if name == "channels":
            return self.of[0]
        if name == "shape":
            return list(self.of)
        raise KeyError(name)
