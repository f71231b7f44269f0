"""What an argument may be by its annotation and its default, and how messages say it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from archspec.language.pydantic_models import value_text

EMPTY = inspect.Parameter.empty


def argument_value(value: Any) -> Any:
    """A recipe's value as Python takes it: lists become tuples."""
    return tuple(map(argument_value, value)) if isinstance(value, list) else value


def is_annotated(value: Any, annotation: Any) -> bool:
    """Whether a value is as an annotation says; a list may stand for a tuple."""
    from pydantic import ConfigDict, PydanticUserError, TypeAdapter, ValidationError

    try:
        adapter = TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True, strict=True))
    except PydanticUserError:
        return True
    for each in (value, argument_value(value)):
        try:
            adapter.validate_python(each)
        except ValidationError:
            continue
        return True
    return False


def annotation_text(annotation: Any) -> str:
    """What an annotation allows of what a recipe can write.

    >>> annotation_text(int | float | None), annotation_text(Literal["a", "b"] | Callable[[int], int])
    ('a whole number, a number or nothing', '`a` or `b`')
    """
    # Equal unions are one object in Python, so that their order is that of whoever wrote one first.
    plain = list(_PLAIN_WORDS.values())
    words = dict.fromkeys(_annotation_words(annotation))
    listed = sorted(words, key=lambda word: plain.index(word) if word in plain else -1)
    return " or ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed) or "nothing"


def _annotation_words(annotation: Any) -> Iterator[str]:
    if get_origin(annotation) is Literal:
        yield from (value_text(each) for each in get_args(annotation) if each is not None)
    elif get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _annotation_words(each)
    elif word := _PLAIN_WORDS.get(get_origin(annotation) or annotation):
        yield word


def expectation(parameter: inspect.Parameter) -> str | None:
    """What a parameter accepts, as far as its default and annotation tell.

    >>> def sgd(lr: float = 1e-3, nesterov=False): ...
    >>> [expectation(each) for each in inspect.signature(sgd).parameters.values()]
    ['a number', 'true or false']
    """
    if isinstance(parameter.default, bool):
        return "true or false"
    if isinstance(parameter.default, (int, float)):
        return "a number"
    if isinstance(parameter.default, (tuple, list)):
        return "a list"
    if isinstance(parameter.default, str):
        return "a word"
    text = str(getattr(parameter.annotation, "__name__", parameter.annotation))
    return _ANNOTATED.get(text.removesuffix(" | None"))


def may_be_none(parameter: inspect.Parameter) -> bool:
    """Whether an argument may be null."""
    return parameter.default is None or "None" in str(parameter.annotation) or "Optional" in str(parameter.annotation)


def is_number(value: Any) -> bool:
    """Whether a value is a number, which a truth value is not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


KINDS: dict[str, Callable[[Any], bool]] = {
    "true or false": lambda value: isinstance(value, bool),
    "a number": lambda value: is_number(value) or (isinstance(value, list) and all(map(is_number, value))),
    "a list": lambda value: isinstance(value, list),
    "a word": lambda value: isinstance(value, str),
}
_ANNOTATED = {"bool": "true or false", "int": "a number", "float": "a number", "str": "a word", "Iterable": "a list"}
_PLAIN_WORDS = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a word",
    list: "a list",
    dict: "a mapping",
    type(None): "nothing",
}
