"""Dissolve: a layer that does more than its class says → the layer, and what it does more, in the block around it.

Before: `bn1`, a class derived from `BatchNorm2d` whose forward ends with an activation; its tensors are its own keys.
After:  `bn1: batch_norm`, which has these keys, and `relu` behind it.

It stands in a block with names, since an item of a list cannot become two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container

from msgspec.structs import replace

from archspec.importing.calls import Call, Frame, Trace
from archspec.importing.modules import may_be_called, torch_class


def dissolve(trace: Trace) -> Trace:
    """The same calls, with those inside such a layer in the block around it."""
    inside: dict[str, list[Call]] = defaultdict(list)
    frames: dict[str, Frame] = {}
    for call in trace.calls:
        for frame in call.frames:
            inside[frame.key].append(call)
            frames[frame.key] = frame
    dissolved = {key for key, calls in inside.items() if _does_more(frames[key], calls)}
    return replace(trace, calls=tuple(replace(call, frames=_around(call.frames, dissolved)) for call in trace.calls))


def _does_more(frame: Frame, calls: list[Call]) -> bool:
    """Whether a module's tensors are all its own, and are taken by one call of several."""
    title = torch_class(frame.module)
    derived = title not in (None, "Module", type(frame.module).__name__)
    own = not any("." in key for key in frame.module.state_dict())
    if not derived or not own or len(calls) == 1 or frame.path.rpartition(".")[2].isdigit():
        return False
    takers = [call for call in calls if _takes_from(call, frame.path)]
    return len(takers) == 1 and may_be_called(frame.module, takers[0].target)


def _takes_from(call: Call, path: str) -> bool:
    return any(value.held and value.held.key.rpartition(".")[0] == path for value in call.taken)


def _around(frames: tuple[Frame, ...], dissolved: Container[str]) -> tuple[Frame, ...]:
    """The calls around the first that is dissolved."""
    kept = next((number for number, frame in enumerate(frames) if frame.key in dissolved), len(frames))
    return frames[:kept]
