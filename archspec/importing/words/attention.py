"""Attention, and parts of tensors that attention takes."""

from __future__ import annotations

from archspec.importing.calls import Call, Value
from archspec.importing.words.registry import Word, says
from archspec.ops.shapes import Batch, whole


@says("scaled_dot_product_attention")
def attention(call: Call) -> Word:
    """`F.scaled_dot_product_attention(q, k, v)` → `{attention: , from: [q, k, v]}`."""
    inputs = (call["query"], call["key"], call["value"])
    mask = (call["attn_mask"],) if isinstance(call["attn_mask"], Value) else ()
    fields = {name: call[name] for name in ("is_causal", "scale", "enable_gqa") if call.get(name) not in (None, False)}
    if call["dropout_p"]:
        fields["dropout_p"] = float(call["dropout_p"])
    return Word("attention", fields, (*inputs, *mask))


@says("expand", "expand_as")
def expand(call: Call) -> Word:
    """`token.expand(B, -1, -1)` → `{expand: [batch, 1, 768]}`."""
    before, after = whole(call["self"].shape), whole(call.outputs[0].shape)
    stays = bool(before) and type(before[0]) is Batch and before[0] == after[0]
    return Word("expand", {"size": after[1:] if stays else after}, (call["self"],))


@says("slice", "slice_scatter")
def slice_(call: Call) -> Word:
    """`x[:, 1:]` → `{slice: 1}`, `x[:, 1:] = y` → `{slice_scatter: 1, from: [x, y]}`."""
    size = whole(call["self"].shape)[call["dim"]]
    end = call["end"]
    fields = {"start": call["start"] or 0, "step": call["step"], "dim": call["dim"]}
    past = end is None or (isinstance(size, int) and end >= size)
    taken = (call["self"],) if call.target == "slice" else (call["self"], call["src"])
    return Word(call.target, fields if past else {**fields, "end": end}, taken)


@says("index")
def index(call: Call) -> Word | None:
    """`table[:, index]` → `{index_select: 1, from: [table, index]}`, `x[:, rows, columns]` → `{index: 1, …}`."""
    places = [place for place, each in enumerate(call["indices"]) if each is not None]
    indices = tuple(each for each in call["indices"] if each is not None)
    if places != [*range(places[0], places[0] + len(places))]:
        return None
    return Word("index_select" if len(indices) == 1 else "index", {"dim": places[0]}, (call["self"], *indices))
