"""Constants: tensors that depend on no input and are not learned → the op that says them.

Before: `arange → stack → sub → … → view`, or a buffer of 2401 whole numbers.
After:  a value that the module holds, which `{relative_position_index: 7}` makes anew.

What such calls give is computed, and held against what each op of constants would make. Where none makes it, the last
call stays, and the same is asked of what it takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
import torch
from msgspec.structs import replace
from torch import Tensor

from archspec.importing.calls import Call, Held, Trace, Value
from archspec.importing.liveness import live
from archspec.ops import Op, ops
from archspec.ops.modules.constants import (
    causal_mask,
    log_spaced_coordinates,
    relative_position_index,
    shifted_window_mask,
)
from archspec.ops.shapes import Batch, whole

LARGEST = 50_000_000
"""Tensors of more elements are not computed."""
FEW = 16
"""Of so many numbers a page says each."""
_RANDOM = ("rand", "bernoulli", "dropout", "normal", "multinomial")
_TAKE_NUMBERS = frozenset({"add", "sub", "mul", "div", "pow", "eq", "ne", "gt", "ge", "lt", "le"})
_AS_LARGE = {"new_zeros": 0, "new_ones": 1, "zeros_like": 0, "ones_like": 1}
"""Functions that take a tensor for its kind alone, and what they fill theirs with."""


def folded(trace: Trace) -> Trace:
    """The same calls, with constants that an op says as values that the module holds."""
    folder = _Folder(trace)
    calls = tuple(map(folder.folded, trace.calls))
    kept = tuple(call for call in calls if not call.lasting or not folder.known.keys() >= {*call.outputs})
    return live(replace(trace, calls=kept, tensors={**trace.tensors, **folder.tensors}))


class _Folder:
    def __init__(self, trace: Trace) -> None:
        self.known: dict[Value, Tensor] = {}
        self.makers: dict[Value, Call] = {}
        self.tensors: dict[str, Tensor] = {}
        self.instead: dict[Value, Value] = {}
        for call in trace.calls:
            self._note_held(call, trace.tensors)
            if made := self._computed(call):
                self.known |= zip(call.outputs, made)
                self.makers |= dict.fromkeys(call.outputs, call)
        self._replace(_wanted(trace, self.known))

    def _note_held(self, call: Call, held: Mapping[str, Tensor]) -> None:
        for value in call.taken:
            tensor = held.get(value.held.key) if value.held and _is_constant(value.held) else None
            if tensor is not None and not tensor.is_meta:
                self.known[value] = tensor.detach().clone()

    def _computed(self, call: Call) -> list[Tensor]:
        """What a call gives, where that follows from constants alone; nothing for any other."""
        if call.function is None or any(word in call.target for word in _RANDOM):
            return []
        sizes = [whole(value.shape) for value in call.outputs]
        if any(type(size) is Batch for each in sizes for size in each) or sum(map(_count, sizes)) > LARGEST:
            return []
        if call.target in _AS_LARGE:
            return [torch.full(sizes[0], _AS_LARGE[call.target], dtype=call["dtype"] or call.dtype)]
        if not all(value in self.known for value in call.taken):
            return []
        try:
            made = call.function(**{name: self._argument(name, each) for name, each in call.arguments.items()})
        except (RuntimeError, TypeError, ValueError, NotImplementedError):
            return []
        return [made] if isinstance(made, Tensor) else [*made]

    def _argument(self, name: str, argument: Any) -> Any:
        if isinstance(argument, Value):
            return self.known[argument]
        if isinstance(argument, tuple):
            return [self._argument("", each) for each in argument]
        return torch.device("cpu") if name == "device" and argument is not None else argument

    def _replace(self, wanted: list[Value]) -> None:
        """A held value for each of these that an op says; for others the same of what their calls take."""
        while wanted:
            value = wanted.pop()
            if value in self.instead or value not in self.makers:
                continue
            if _says(self.known[value], persistent=False) is None:
                wanted += self.makers[value].taken
                continue
            key = f"{value.name} of {self.makers[value].target}"
            self.tensors[key] = self.known[value]
            self.instead[value] = Value(value.name, value.shape, Held(key, "constant", False))

    def folded(self, call: Call) -> Call:
        """A call that takes such values in place of computed ones, and of single numbers these themselves."""
        given = self._number if call.target.removesuffix("_") in _TAKE_NUMBERS else self._held
        return replace(call, arguments={name: given(each) for name, each in call.arguments.items()})

    def _number(self, argument: Any) -> Any:
        if isinstance(argument, Value) and argument in self.known and not self.known[argument].dim():
            return self.known[argument].item()
        return self._held(argument)

    def _held(self, argument: Any) -> Any:
        if isinstance(argument, Value):
            return self.instead.get(argument, argument)
        return tuple(map(self._held, argument)) if isinstance(argument, tuple) else argument


def _wanted(trace: Trace, known: Mapping[Value, Tensor]) -> list[Value]:
    """The constants that others than constants take."""
    return [
        value for call in trace.calls if not known.keys() >= {*call.outputs} for value in call.taken if value in known
    ]


def _is_constant(held: Held) -> bool:
    """Whether a held tensor is the same whatever weights are loaded."""
    return held.kind == "constant" or (held.kind == "buffer" and not held.persistent)


def _count(sizes: tuple[Any, ...]) -> int:
    return int(torch.Size(sizes).numel())


def said(tensor: Tensor, persistent: bool) -> Op | None:
    """The op that makes a constant tensor; `None` where there is none."""
    found = _says(tensor, persistent)
    return None if found is None else ops()[found[0]].of(found[1])


def _says(tensor: Tensor, persistent: bool) -> tuple[str, dict[str, Any]] | None:
    """An op's name and its fields."""
    kept = {"persistent": persistent}
    if not tensor.dim() or not tensor.numel() or tensor.is_meta:
        return None
    for name, fields, made in _candidates(tensor):
        if persistent and name == "numbers":
            continue  # the state_dict has them
        if tensor.shape == made.shape and tensor.dtype == made.dtype and torch.equal(tensor, made):
            return name, {**fields, **({} if persistent == ops()[name].model_fields["persistent"].default else kept)}
    return None


def _candidates(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    """Ops of constants with the fields that would give a tensor of this shape, and what they make."""
    first = tensor.flatten()[0].item()
    if tensor.dtype == torch.float32 and abs(first) != float("inf"):
        fill: dict[str, Any] = {0.0: {}, 1.0: {"init": "ones"}}.get(first, {"init": "constant", "val": first})
        yield "buffer", {"shape": tuple(tensor.shape), **fill}, torch.full_like(tensor, first)
    if tensor.dtype in (torch.int64, torch.bool) and first in (0, 1):
        fill = {"type": dtype_name(tensor), **({"init": "ones"} if first else {})}
        yield "buffer", {"shape": tuple(tensor.shape), **fill}, torch.full_like(tensor, first)
    if tensor.dim() == 1:
        yield from _lines(tensor)
    count = len(tensor)
    if tensor.dtype == torch.int64:
        yield from _indices(tensor)
    if tensor.dim() == 2 and tensor.shape[0] == tensor.shape[1]:
        yield "causal_mask", {"length": count}, causal_mask(count)
        yield "causal_mask", {"length": count, "additive": True}, causal_mask(count, True)
    if tensor.dtype == torch.float32 and tensor.dim() == 3 and tensor.shape[1] == tensor.shape[2]:
        yield from _window_masks(tensor)
    if tensor.dtype == torch.float32 and tensor.dim() in (3, 4) and tensor.shape[-1] == 2:
        yield from _coordinates(tensor)
    if dtype_name(tensor):
        yield from _written(tensor)


def dtype_name(tensor: Tensor) -> str | None:
    """The name of a tensor's elements, where a page can write them."""
    return {torch.float32: "float32", torch.int64: "int64", torch.bool: "bool"}.get(tensor.dtype)


def _lines(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    """Numbers in equal steps."""
    count, first, last = len(tensor), tensor[0].item(), tensor[-1].item()
    if tensor.dtype == torch.int64:
        yield "positions", {"length": count}, torch.arange(count)
    if tensor.dtype == torch.float32:
        yield "positions", {"length": count, "type": "float32"}, torch.arange(float(count))
    if tensor.dtype == torch.float32 and count > 1:
        ends = (_short(first), _short(last))
        yield "linspace", {"ends": ends, "steps": count}, torch.linspace(*ends, count)


def _coordinates(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    leading = tensor.dim() == 4
    height, width = (size // 2 + 1 for size in tensor.shape[-3:-1])
    for steps in (False, True) if min(height, width) > 1 else ():
        ways = {**({"steps": True} if steps else {}), **({} if leading else {"leading": False})}
        made = log_spaced_coordinates(height, width, steps=steps, leading=leading)
        yield "log_spaced_coordinates", {"window": _one(height, width), **ways}, made


def _written(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    """A few numbers as they are, which may stand there again and again."""
    kind, flat = dtype_name(tensor), tensor.flatten()
    count = next((size for size in range(1, FEW + 1) if _repeats(flat, size)), len(flat))
    if count > FEW:
        return
    values = tuple(_plain(each) if kind == "float32" else int(each) for each in flat[:count].tolist())
    fields: dict[str, Any] = {"values": values, **({} if kind == "float32" else {"type": kind})}
    made = torch.tensor(values).to(tensor.dtype).repeat(len(flat) // count).reshape(tensor.shape)
    yield "numbers", fields if tensor.shape == (count,) else {**fields, "shape": tuple(tensor.shape)}, made


def _plain(number: float) -> int | float:
    short = _short(number)
    return int(short) if short == int(short) else short


def _repeats(flat: Tensor, size: int) -> bool:
    """Whether the first numbers stand there again and again."""
    return len(flat) % size == 0 and bool((flat.view(-1, size) == flat[:size]).all())


def _short(number: float) -> float:
    """A number of single precision by as few digits as tell it.

    >>> _short(0.4850000143051147)
    0.485
    """
    rounded = (float(f"{number:.{digits}g}") for digits in range(1, 10))
    return next((each for each in rounded if _SINGLE(each) == _SINGLE(number)), number)


_SINGLE = np.float32


def _indices(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    flat = tensor.dim() == 1
    places = round(tensor.numel() ** 0.5) if flat else tensor.shape[-1]
    for token, distances in ((False, False), (False, True), (True, False)):
        for height, width in _sides(places - token):
            for stride in (1, 2) if distances else (1,):
                window = _one(height, width)
                ways = {"flat": flat, "distances": distances, "class_token": token}
                fields = {"window": window, **({"stride": stride} if stride > 1 else {})}
                made = relative_position_index(height, width, stride=stride, distances=distances, class_token=token)
                named = {name: True for name, is_set in ways.items() if is_set}
                yield "relative_position_index", {**fields, **named}, made.flatten() if flat else made


def _window_masks(tensor: Tensor) -> Iterator[tuple[str, dict[str, Any], Tensor]]:
    value = float(tensor.min())
    sides = product(_sides(len(tensor)), _sides(tensor.shape[1])) if value else ()
    for (rows, columns), (down, right) in sides:
        for shifts in dict.fromkeys(
            (*((by, by) for by in range(1, min(down, right))), (0, right // 2), (down // 2, 0))
        ):
            height, width = rows * down, columns * right
            fields = {"size": (height, width), "window": (down, right), "shift": shifts}
            made = shifted_window_mask((height, width), (down, right), shifts, value)
            yield "shifted_window_mask", {**fields, **({} if value == -100 else {"value": value})}, made


def _one(one: int, other: int) -> int | tuple[int, int]:
    return one if one == other else (one, other)


def _sides(count: int) -> list[tuple[int, int]]:
    """The heights and widths of so many places, the squarest first; no narrower than a quarter of its length."""
    sides = [(height, count // height) for height in range(1, count + 1) if count % height == 0]
    near = [(height, width) for height, width in sides if max(height, width) <= 4 * min(height, width)]
    return sorted(near, key=lambda pair: abs(pair[0] - pair[1]))
