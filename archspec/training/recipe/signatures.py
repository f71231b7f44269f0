"""Signatures as plain data, and back: what a recipe is held against, without the function.

What no recipe can write (a class of Lightning's, a function) becomes `Other`, which no value is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

_CLASSES = {"bool": bool, "int": int, "float": float, "str": str, "dict": dict, "list": list, "None": NoneType}
_GENERICS: Mapping[str, Any] = {
    "dict": dict,
    "list": list,
    "tuple": tuple,
    "set": set,
    "Sequence": Sequence,
    "Iterable": Iterable,
    "Mapping": Mapping,
}
_EMPTY = inspect.Parameter.empty


class Other:
    """What a recipe cannot write."""


class Words:
    """The words that stand for an enumeration's members, as the default of a parameter."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = tuple(words)


class Text(str):
    """An annotation of which only the text is needed; `__name__` is what Python calls it."""

    def __new__(cls, text: str, name: str) -> Text:
        made = super().__new__(cls, text)
        made.__name__ = name  # type: ignore[attr-defined]
        return made

    def __getnewargs__(self) -> tuple[str, str]:  # type: ignore[override]
        """What a copy is made from: torch's averaged models copy a learner with its recipe."""
        return str(self), self.__name__  # type: ignore[attr-defined]


def written(function: Callable[..., Any], annotated: bool) -> list[list[Any]]:
    """The parameters that have names: name, kind, default and annotation of each."""
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [
        [each.name, int(each.kind), _default(each.default), _annotation(each.annotation, annotated)]
        for each in inspect.signature(function).parameters.values()
        if each.kind in named
    ]


def signature(parameters: Iterable[Sequence[Any]]) -> inspect.Signature:
    """The signature that `written` gives the parameters of."""
    kinds = list(inspect._ParameterKind)
    return inspect.Signature(
        [
            inspect.Parameter(name, kinds[kind], default=_read_default(default), annotation=_read_annotation(written))
            for name, kind, default, written in parameters
        ]
    )


def _default(value: Any) -> Any:
    """A list with what it is, and its values; nothing where there is no default."""
    if value is _EMPTY:
        return []
    if isinstance(value, Enum):
        return ["words", *(str(member.value) for member in type(value))]
    if isinstance(value, (tuple, list)):
        return [type(value).__name__, *map(_default, value)]
    return ["value", value if isinstance(value, (bool, int, float, str, NoneType)) else str(value)]


def _read_default(given: Sequence[Any]) -> Any:
    if not given:
        return _EMPTY
    kind, *values = given
    if kind == "words":
        return Words(values)
    return values[0] if kind == "value" else (tuple if kind == "tuple" else list)(map(_read_default, values))


def _annotation(annotation: Any, annotated: bool) -> Any:
    """A tree of what a value may be, or the text where that is enough."""
    if annotation is _EMPTY:
        return []
    return (
        _kinds(annotation) if annotated else ["text", str(annotation), str(getattr(annotation, "__name__", annotation))]
    )


def _kinds(annotation: Any) -> list[Any]:
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation is None or annotation is NoneType:
        return ["None"]
    if annotation is Any:
        return ["any"]
    if origin is Literal:
        return ["literal", *inner]
    if origin in (Union, UnionType):
        return ["union", *map(_kinds, inner)]
    generic = next((name for name, each in _GENERICS.items() if origin is (get_origin(each) or each)), None)
    if generic is not None:
        return [generic, *("..." if each is ... else _kinds(each) for each in inner)]
    return [next((name for name, each in _CLASSES.items() if annotation is each), "other")]


def _read_annotation(given: Sequence[Any]) -> Any:
    if not given:
        return _EMPTY
    kind, *inner = given
    if kind == "text":
        return Text(*inner)
    if kind == "any":
        return Any
    if kind == "literal":
        return Literal[tuple(inner)]
    parts = tuple(... if each == "..." else _read_annotation(each) for each in inner)
    if kind == "union":
        return Union[parts]  # noqa: UP007 - as many as there are
    return _GENERICS[kind][parts] if parts else _CLASSES.get(kind, Other)
