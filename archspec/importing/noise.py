"""Noise: what is drawn at random, in the words of torch's functions.

Before: `new_empty(x, (B, 1, 1)) → bernoulli_(0.9) → div_(0.9) → mul(x, …)`, as modules of many names compute it.
After:  `stochastic_depth(x, p=0.1, mode="row")`, and of a mask as large as `x` `dropout(x, p=0.1)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.importing.calls import Call, Trace, Value
from archspec.ops.shapes import Batch, whole

NOISE = frozenset(
    {"stochastic_depth", "dropout", "dropout_", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"}
)
"""Functions that give what they take, but for noise in training."""

RATES = frozenset({"p", "dropout_p", "train", "training", "dropout"})
"""The arguments of torch's functions that say how much noise there is."""

DIGITS = 7
"""So many digits of a rate are left where it was computed in single precision."""


def bypassed(trace: Trace) -> Trace:
    """The same calls, with readers outside of a module that noise is in, and that uses it, reading what it took.

    Noise of rate 0 gives the very tensor that it takes, so that the program tells the two not apart.
    """
    inside = {call.outputs[0]: call for call in trace.calls if call.target in NOISE and not call.get("p")}
    readers: dict[Value, list[Call]] = {}
    for call in trace.calls:
        for value in call.taken:
            readers.setdefault(value, []).append(call)
    used = {
        value
        for value, call in inside.items()
        if any(_is_inside(each, _around(call)) for each in readers.get(value, []))
    }

    def read(call: Call, argument: Any) -> Any:
        if isinstance(argument, tuple):
            return tuple(read(call, each) for each in argument)
        while isinstance(argument, Value) and argument in used and not _is_inside(call, _around(inside[argument])):
            argument = inside[argument].taken[0]
        return argument

    calls = (
        replace(each, arguments={name: read(each, value) for name, value in each.arguments.items()})
        for each in trace.calls
    )
    return replace(trace, calls=tuple(calls))


def _around(call: Call) -> str:
    """The key of the module's call that noise is a part of, other than one that does nothing else."""
    frames = [frame.key for frame in call.frames if next(frame.module.children(), None) is not None]
    return frames[-1] if frames else ""


def _is_inside(call: Call, key: str) -> bool:
    return any(frame.key == key for frame in call.frames)


class _Mask(Struct, frozen=True):
    """Zeros, and `value` where something is kept, which it is with probability `kept`."""

    kept: float
    value: float = 1.0


def with_noise(trace: Trace) -> Trace:
    """The same calls, with products of values and random masks as calls of what they are."""
    return replace(trace, calls=tuple(_said(trace)))


def _said(trace: Trace) -> Iterator[Call]:
    masks: dict[Value, _Mask] = {}
    makers: dict[Value, Call] = {}
    for call in trace.calls:
        makers |= dict.fromkeys(call.outputs, call)
        if (mask := _mask(call, masks, makers)) is not None:
            masks[call.outputs[0]] = mask
        yield _dropped(call, masks, makers) or call


def _mask(call: Call, masks: dict[Value, _Mask], makers: dict[Value, Call]) -> _Mask | None:
    """The mask that a call makes."""
    target, values = call.target.removesuffix("_"), call.taken
    if target == "bernoulli" and isinstance(call.get("p"), float):
        return _Mask(call["p"])
    if target == "floor":
        rise = makers.get(values[0])
        kept = rise.get("other") if rise and rise.target.removesuffix("_") == "add" else None
        random = rise and isinstance(kept, float) and makers.get(rise["self"])
        return _Mask(kept) if random and random.target in ("rand", "rand_like") and kept else None
    if target == "div" and values and values[0] in masks and isinstance(call.get("other"), float):
        mask = masks[values[0]]
        return _Mask(mask.kept, mask.value / call["other"])
    return None


def _dropped(call: Call, masks: dict[Value, _Mask], makers: dict[Value, Call]) -> Call | None:
    """A product of a value and a mask as the function that it is."""
    if call.target.removesuffix("_") != "mul" or not isinstance(call.get("other"), Value):
        return None
    value, drawn = (call["self"], call["other"]) if call["other"] in masks else (call["other"], call["self"])
    mask = masks.get(drawn)
    if mask is None or not 0 < mask.kept < 1:
        return None
    before = makers.get(value)
    scaled = mask.value
    if before is not None and before.target == "div" and before.get("other") == mask.kept:
        value, scaled = before["self"], mask.value / mask.kept
    if abs(scaled * mask.kept - 1) > _ROUNDING:
        return None
    rate = round(1 - mask.kept, DIGITS)
    sizes = whole(drawn.shape)
    if sizes == whole(value.shape):
        return replace(call, target="dropout", arguments={"input": value, "p": rate, "train": True}, defaults={})
    if any(size != 1 for size in sizes[1:]):
        return None
    mode = "row" if type(sizes[0]) is Batch else "batch"
    return replace(call, target="stochastic_depth", arguments={"input": value, "p": rate, "mode": mode}, defaults={})


_ROUNDING = 1e-6
