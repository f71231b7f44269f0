"""What an exported program computes, as plain data: calls over values, each with the modules that it ran in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct

from archspec.ops.shapes import Shape

if TYPE_CHECKING:
    from torch import nn


class Value(Struct, frozen=True):
    """A tensor. `shape` is as archspec has it, the batch in its place; `held` is set where the module holds it."""

    name: str
    shape: Shape
    held: Held | None = None


class Held(Struct, frozen=True):
    """A tensor of the module itself: its state_dict key, and what it is to the module."""

    key: str
    kind: Literal["parameter", "buffer", "constant"]
    persistent: bool = True


class Frame(Struct, frozen=True, eq=False):
    """One call of a module: `key` tells the calls of one module apart, `path` is its address."""

    key: str
    path: str
    module: nn.Module


class Call(Struct, frozen=True, eq=False):
    """One operation of torch's.

    `arguments` are by the names of its schema, `defaults` included, with a `Value` for each tensor; `frames` are the
    calls of modules that it ran in, outermost first; `place` is the user's own line, `file:line`. `lasting` is true
    where it writes into a part of a tensor that is read later; `training` where it runs in training alone.
    `function` is torch's own, which takes the arguments by name, and `dtype` torch's for its output.
    """

    target: str
    arguments: Mapping[str, Any]
    outputs: tuple[Value, ...]
    frames: tuple[Frame, ...]
    place: str
    defaults: Mapping[str, Any] = {}
    lasting: bool = False
    training: bool = False
    function: Any = None
    dtype: Any = None

    @property
    def taken(self) -> list[Value]:
        """The values that it takes, in order."""
        return [value for argument in self.arguments.values() for value in tensors(argument)]

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    def get(self, argument: str, default: Any = None) -> Any:
        """An argument, or a default where the schema has none of this name."""
        return self.arguments.get(argument, default)


class Trace(Struct, frozen=True, eq=False):
    """All calls of one run, in order, with the network's own inputs and outputs by name.

    `tensors` are those that the module holds and does not learn, by key.
    """

    module: nn.Module
    calls: tuple[Call, ...]
    inputs: Mapping[str, Value]
    outputs: Mapping[str | None, Value]
    tensors: Mapping[str, Any] = {}


def operation(function: object) -> str:
    """The name of one of torch's functions without its namespace and overload.

    >>> operation("aten.conv2d.default")
    'conv2d'
    """
    return str(function).removeprefix("aten.").split(".")[0]


def tensors(argument: Any) -> list[Value]:
    """The values in an argument, in order; a list of tensors has several."""
    if isinstance(argument, Value):
        return [argument]
    return [value for each in argument for value in tensors(each)] if isinstance(argument, (tuple, list)) else []
