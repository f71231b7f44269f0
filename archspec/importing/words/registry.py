"""The table of operations: torch's name → the function that says it in archspec's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isinf
from typing import Any

from msgspec import Struct

from archspec.importing.calls import Call, Value, tensors
from archspec.ops import ops


class Word(Struct, frozen=True):
    """An op's name, its fields, and the values that it takes."""

    op: str
    fields: Mapping[str, Any]
    inputs: tuple[Value, ...]


Say = Callable[[Call], Word | None]
"""Says a call in a word; `None` where no op does what this call does."""

_SAYS: dict[str, Say] = {}


def says(*targets: str) -> Callable[[Say], Say]:
    """Decorator: add a function for these operations, in place or not. Adding one twice raises."""

    def add(function: Say) -> Say:
        for target in targets:
            if target in _SAYS:
                raise ValueError(f"{target!r} has a word already")
            _SAYS[target] = function
        return function

    return add


def word_of(call: Call) -> Word | None:
    """The word for a call; `None` where there is none."""
    target = call.target if call.target in _SAYS else call.target.removesuffix("_")
    say = _SAYS.get(target)
    return say(call) if say else same_word(call)


def same_word(call: Call) -> Word | None:
    """The op of torch's own name, where its fields are torch's arguments: `x.select(1, 0)` → `{select: 0}`.

    `None` where there is no such op, or torch was given more than it has fields for.
    """
    name = call.target.removesuffix("_")
    if name not in ops():
        return None
    fields, inputs = {}, []
    for argument, value in call.arguments.items():
        if values := tensors(value):
            inputs += values
        elif argument in ops()[name].model_fields:
            fields[argument] = value[0] if isinstance(value, tuple) and len(value) == 1 else value
        elif value is not None and value is not False and value != call.defaults.get(argument):
            return None
    return Word(name, {key: value for key, value in fields.items() if value is not None}, tuple(inputs))


def extended(number: float) -> float | str:
    """A number as a field that knows infinity has it.

    >>> extended(0.5), extended(float("-inf"))
    (0.5, '-inf')
    """
    return str(float(number)) if isinf(number) else float(number)
