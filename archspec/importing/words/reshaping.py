"""The same elements in another shape, and parts of them."""

from __future__ import annotations

from archspec.importing.calls import Call
from archspec.importing.words.layers import one
from archspec.importing.words.registry import Word, says
from archspec.ops.shapes import Batch, whole


@says("flatten")
def flatten(call: Call) -> Word:
    """`torch.flatten(x, 1)` → `flatten`."""
    return Word("flatten", {"start_dim": call["start_dim"], "end_dim": call["end_dim"]}, (call["self"],))


@says("reshape", "view", "unflatten", "_unsafe_view", "reshape_as", "view_as")
def reshape(call: Call) -> Word:
    """`x.reshape(B, 3, heads, d)` → `{reshape: [3, heads, d]}`, with `batch` in it where that moves or holds more."""
    before, after = whole(call["self"].shape), whole(call.outputs[0].shape)
    stays = type(before[0]) is Batch and before[:1] == after[:1] and not any(type(d) is Batch for d in after[1:])
    return Word("reshape", {"shape": after[1:] if stays else after}, (call["self"],))


@says("permute")
def permute(call: Call) -> Word:
    """`x.permute(0, 2, 1)` → `{permute: [0, 2, 1]}`."""
    return Word("permute", {"dims": call["dims"]}, (call["self"],))


@says("transpose")
def transpose(call: Call) -> Word:
    """`x.transpose(1, 2)` → `{transpose: , dim0: 1, dim1: 2}`."""
    return Word("transpose", {"dim0": call["dim0"], "dim1": call["dim1"]}, (call["self"],))


@says("unsqueeze", "squeeze")
def squeeze(call: Call) -> Word | None:
    """`x.squeeze(-1)` → `{squeeze: -1}`."""
    return Word(call.target, {"dim": call["dim"]}, (call["self"],)) if "dim" in call.arguments else None


@says("mean")
def mean(call: Call) -> Word | None:
    """`x.mean([2, 3])` → `{mean: [2, 3]}`."""
    if call.get("dim") is None:
        return None
    dim = call["dim"]
    return Word("mean", {"dim": one(dim) if len(dim) == 1 else dim, "keepdim": call["keepdim"]}, (call["self"],))


@says("chunk")
def chunk(call: Call) -> Word:
    """`x.chunk(2, 1)` → `{chunk: 2}`."""
    return Word("chunk", {"chunks": call["chunks"], "dim": call["dim"]}, (call["self"],))


@says("split", "split_with_sizes")
def split(call: Call) -> Word:
    """`x.split([16, 48], 1)` → `{split: [16, 48]}`."""
    sizes = call.get("split_sizes", call.get("split_size"))
    return Word("split", {"split_size_or_sections": sizes, "dim": call["dim"]}, (call["self"],))


@says("linalg_vector_norm")
def vector_norm(call: Call) -> Word | None:
    """`torch.linalg.vector_norm(x, dim=-1)` → `{vector_norm: -1}`."""
    if call["dim"] is None or call.get("dtype") is not None:
        return None
    fields = {"dim": one(call["dim"]) if len(call["dim"]) == 1 else call["dim"], "keepdim": call["keepdim"]}
    order = float(call["ord"])
    return Word("vector_norm", fields if order == 2 else {**fields, "ord": order}, (call["self"],))
