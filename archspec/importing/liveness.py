"""Liveness: the calls whose results are used, the others being left out."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.importing.calls import Call, Trace, Value


def live(trace: Trace) -> Trace:
    """The same trace without calls that lead to no output."""
    wanted: set[Value] = set(trace.outputs.values())
    kept: list[Call] = []
    for call in reversed(trace.calls):
        if call.lasting or not wanted.isdisjoint(call.outputs):
            kept.append(call)
            wanted.update(call.taken)
    return replace(trace, calls=tuple(reversed(kept)))
