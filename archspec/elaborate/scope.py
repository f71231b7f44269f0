"""Names and their values: lexical scopes, and the view of a graph's input that expressions have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from archspec.language.diagnostics import did_you_mean, nearest
from archspec.language.expressions import Attributes
from archspec.shapes import Shape


class Failed(Exception):  # noqa: N818 - a signal, not an error: what is wrong has been reported
    """A node or value came to nothing; why has been reported."""


MISSING = object()
"""What `Scope.find` gives for a name without a value."""
FAULTY = object()
"""The value of a name whose definition is wrong: who reads it fails, and nothing more is said."""


@dataclass(slots=True, eq=False)
class Scope:
    """Names that hold in one place, and the scope around the definition that it stands in; what is nearer wins."""

    values: dict[str, Any]
    around: Scope | None = None

    def __call__(self, name: str) -> Any:
        value = self.find(name)
        if value is MISSING:
            raise KeyError(name)
        if value is FAULTY:
            raise Failed
        return value

    def __contains__(self, name: str) -> bool:
        return self.find(name) is not MISSING

    def find(self, name: str) -> Any:
        """The value of a name, `FAULTY` and all; `MISSING` where it has none."""
        value = self.values.get(name, MISSING)
        return self.around.find(name) if value is MISSING and self.around is not None else value

    @property
    def names(self) -> Iterator[str]:
        """The names, the nearest definition's first."""
        yield from self.values
        if self.around is not None:
            yield from self.around.names

    def inner(self, values: dict[str, Any]) -> Scope:
        """This scope with more names, which hide those of before."""
        return Scope({**values, **self.values, **values}, self.around)  # in their order, the new ones come first


@dataclass(slots=True, eq=False)
class NotingScope(Scope):
    """A scope that is told what an expression rounds: the call, the value before and the value after."""

    note_rounding: Callable[[str, Any, Any], None] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Input(Attributes):
    """What an expression sees of a graph's input: `input.channels`, `input.shape`."""

    of: Shape

    attribute_names = ("channels", "shape")

    def attribute(self, name: str) -> Any:
        if name == "channels" and self.of:
            return self.of[0]
        if name == "shape":
            return list(self.of)
        raise KeyError(name)


def suggestion(word: str, scope: Scope, words: Iterable[str] = ()) -> str | None:
    """The help line for a word that names nothing: the nearest of the names that hold here and of some other words."""
    names = [*words, *scope.names]
    close = nearest(word, names)
    others = [name for name in names if name != "input"]
    return f"did you mean `{close}`?" if close else did_you_mean(word, others)


def truth_help(word: str) -> str | None:
    """What to write for a word that YAML 1.1 took for a truth value."""
    meant = _TRUTH_WORDS.get(word.lower())
    return f"write `{meant}`" if meant else None


_TRUTH_WORDS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}
