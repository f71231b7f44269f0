"""The same values as elements of another kind."""

from __future__ import annotations

from archspec.importing.calls import Call
from archspec.importing.words.registry import Word, says
from archspec.ops.shapes import dtype_of


@says("to", "_to_copy", "type_as")
def to(call: Call) -> Word:
    """`x.long()` → `{to: int64}`."""
    return Word("to", {"type": dtype_of(call.outputs[0].shape)}, (call["self"],))


@says("arange")
def arange(call: Call) -> Word | None:
    """`torch.arange(9)` → `{positions: 9}`."""
    plain = not call.get("start") and call.get("step", 1) == 1 and isinstance(call["end"], int)
    return Word("positions", {"length": call["end"]}, ()) if plain else None
