"""Names and their values: lexical scopes, and the view of a graph's input that expressions have."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from archspec.language.diagnostics import did_you_mean, nearest
from archspec.language.expressions import Attributes
from archspec.ops.shapes import Batch, Shape


class Failed(Exception):  # noqa: N818 - a signal, not an error: the reason is already reported
    """A node or value could not be elaborated; the reason is already reported."""


MISSING = object()
"""What `scope.get` gives for a name without a value where it is told to."""


class Scope(dict[str, Any]):
    """The names that hold in one place, and their values: a definition's own, and those around it that none hides.

    Whoever reads a name of `faulty`, whose definition is wrong, fails, and nothing more is said.
    """

    around: Scope | None = None
    faulty: frozenset[str] = frozenset()
    batch: Batch = Batch()
    """What `batch` stands for where no name hides it: the examples of the definition's own input."""
    nodes: Callable[[str], Attributes | None] | None = None
    """What an expression sees of the nodes above the one it stands in, by their names; none is the scope's own."""

    @classmethod
    def within(cls, around: Scope, values: Mapping[str, Any]) -> Scope:
        """The names of a definition and, where these do not hide them, those around it, which are complete by now."""
        scope = cls({**around, **values})
        scope.around, scope.faulty = around, around.faulty - values.keys()
        return scope

    def __missing__(self, name: str) -> Any:
        if name in self.faulty:
            raise Failed
        if self.nodes is not None and (seen := self.nodes(name)) is not None:
            return seen
        if name == "batch":
            return self.batch
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or name in self.faulty

    @property
    def names(self) -> Iterator[str]:
        """The names, the nearest definition's first."""
        around: Container[str] = () if self.around is None else self.around
        yield from (name for name in self if name not in around)
        yield from (name for name in sorted(self.faulty) if name not in around)
        if self.around is not None:
            yield from self.around.names

    def inner(self, values: dict[str, Any]) -> Scope:
        """This scope with more names, which hide those of before."""
        scope = Scope({**values, **self, **values})  # in their order, the new ones come first
        scope.around, scope.faulty = self.around, self.faulty - values.keys()
        scope.batch, scope.nodes = self.batch, self.nodes
        return scope

    def without(self, name: str) -> Scope:
        """This scope, where that name's value could not be computed."""
        scope = self.inner({})
        scope.pop(name, None)
        scope.faulty |= {name}
        return scope


class NotingScope(Scope):
    """A scope that is told what an expression rounds: the call, the value before and the value after."""

    def __init__(self, scope: Scope, note_rounding: Callable[[str, Any, Any], None]) -> None:
        super().__init__(scope)
        self.around, self.faulty, self.batch, self.nodes = scope.around, scope.faulty, scope.batch, scope.nodes
        self.note_rounding = note_rounding


class Input(Attributes):
    """What an expression sees of a value: `input.channels`, `input.shape`.

    Its sizes are those of one example: `channels` the first, `features` the last.
    """

    of: Shape

    attribute_names = ("channels", "features", "shape")

    def attribute(self, name: str) -> Any:
        if name == "shape":
            return list(self.of)
        if not self.of or name not in _PLACES:
            raise KeyError(name)
        return self.of[_PLACES[name]]


class GivenInput(Input):
    """What an expression sees of an input that may be left out and is not: as a condition it is true."""

    truth = True


class LeftOut(Attributes):
    """What an expression sees of an input that is left out: as a condition it is false."""

    truth = False


_PLACES = {"channels": 0, "features": -1}
"""Where the sizes stand that have a name."""


def is_word(text: str, scope: Scope) -> bool:
    """Whether a text that names nothing stands for itself: `silu`, and `half-pixel` where these are no names."""
    if text.isidentifier():
        return text != "None"
    names = filter(str.isidentifier, text.split("-"))
    return text.replace("-", "_").isidentifier() and not all(name in scope for name in names)


def suggestion(word: str, scope: Scope, words: Iterable[str] = ()) -> str | None:
    """The help line for a word that names nothing: the nearest of the names that hold here and of some other words."""
    close = nearest(word, chain(words, scope.names))
    others = (name for name in chain(words, scope.names) if name != "input")
    return f"did you mean `{close}`?" if close else did_you_mean(word, others)


def truth_help(word: str) -> str | None:
    """What to write for a word that YAML 1.1 took for a truth value."""
    meant = _TRUTH_WORDS.get(word.lower())
    return f"write `{meant}`" if meant else None


_TRUTH_WORDS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}
