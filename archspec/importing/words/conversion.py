"""The same values as elements of another kind, and values made of numbers."""

from __future__ import annotations

from archspec.importing.calls import Call, Value
from archspec.importing.words.registry import Word, extended, says
from archspec.ops.shapes import dtype_of, whole


@says("to", "_to_copy", "type_as")
def to(call: Call) -> Word | None:
    """`x.long()` → `{to: int64}`; of floats a page knows one precision alone."""
    if call.dtype is not None and call.dtype.is_floating_point and str(call.dtype) != "torch.float32":
        return None
    if call["self"].shape == call.outputs[0].shape:
        return None
    return Word("to", {"type": dtype_of(call.outputs[0].shape)}, (call["self"],))


@says("arange")
def arange(call: Call) -> Word | None:
    """`torch.arange(9)` → `{positions: 9}`."""
    (count,) = whole(call.outputs[0].shape)
    fields = {"start": call.get("start") or 0, "step": call.get("step", 1), "type": dtype_of(call.outputs[0].shape)}
    return Word("positions", {"length": count, **fields}, ()) if isinstance(count, int) else None


@says("linspace")
def linspace(call: Call) -> Word:
    """`torch.linspace(-1, 1, 14)` → `{linspace: [-1, 1], steps: 14}`."""
    return Word("linspace", {"ends": (call["start"], call["end"]), "steps": call["steps"]}, ())


@says("full_like", "zeros_like", "ones_like")
def full_like(call: Call) -> Word:
    """`torch.full_like(x, 0.5)` → `{full_like: 0.5}`."""
    value = call.get("fill_value", int(call.target == "ones_like"))
    return Word("full_like", {"value": extended(value), "type": dtype_of(call.outputs[0].shape)}, (call["self"],))


@says("fill")
def fill(call: Call) -> Word | None:
    """`x.fill_(1)` → `{full_like: 1}`."""
    if isinstance(call["value"], Value):
        return None
    return Word(
        "full_like", {"value": extended(call["value"]), "type": dtype_of(call.outputs[0].shape)}, (call["self"],)
    )


@says("full", "zeros", "ones", "new_full", "new_zeros", "new_ones")
def full(call: Call) -> Word:
    """`x.new_zeros(B, 1, 6)` → `{full_like: 0, size: [batch, 1, 6]}`, by the batch of `x`, or of what ran before."""
    shape = call.outputs[0].shape
    fields = {"value": extended(call.get("fill_value", int(call.target.endswith("ones"))))}
    taken = (call["self"],) if call.target.startswith("new_") else ()
    return Word("full_like", {**fields, "type": dtype_of(shape), "size": whole(shape)}, taken)


@says("masked_fill")
def masked_fill(call: Call) -> Word | None:
    """`x.masked_fill(mask, -math.inf)` → `{masked_fill: -inf, from: [x, mask]}`."""
    if isinstance(call["value"], Value):
        return Word("where", {}, (call["mask"], call["value"], call["self"]))
    return Word("masked_fill", {"value": extended(call["value"])}, (call["self"], call["mask"]))


@says("meshgrid")
def meshgrid(call: Call) -> Word | None:
    """`torch.meshgrid(rows, columns, indexing="ij")` → `{meshgrid: [rows, columns]}`."""
    return Word("meshgrid", {}, tuple(call["tensors"])) if call.get("indexing", "ij") == "ij" else None
