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


@says("unfold")
def unfold(call: Call) -> Word:
    """`x.unfold(2, 14, 8)` → `{sliding_windows: 14, step: 8, dim: 2}`."""
    return Word(
        "sliding_windows", {"size": call["size"], "step": call["step"], "dim": call["dimension"]}, (call["self"],)
    )


@says("im2col")
def im2col(call: Call) -> Word:
    """`F.unfold(x, 3, padding=1)` → `{unfold: 3, padding: 1}`."""
    names = ("kernel_size", "dilation", "padding", "stride")
    return Word("unfold", {name: one(call[name]) for name in names}, (call["self"],))


@says("col2im")
def col2im(call: Call) -> Word:
    """`F.fold(x, (14, 14), 3, padding=1)` → `{fold: [14, 14], kernel_size: 3, padding: 1}`."""
    names = ("output_size", "kernel_size", "dilation", "padding", "stride")
    return Word("fold", {name: one(call[name]) for name in names}, (call["self"],))


@says("repeat", "tile")
def repeat(call: Call) -> Word:
    """`x.repeat(1, 2, 1)` → `{tile: [1, 2, 1]}`; once for each example → `expand`."""
    times = call.get("repeats", call.get("dims"))
    before, after = whole(call["self"].shape), whole(call.outputs[0].shape)
    padded = (1,) * (len(after) - len(before)) + before
    if all(one == other or one == 1 for one, other in zip(padded, after)) and type(after[0]) is Batch:
        return Word("expand", {"size": after}, (call["self"],))
    return Word("tile", {"dims": times}, (call["self"],))


@says("linalg_vector_norm")
def vector_norm(call: Call) -> Word | None:
    """`torch.linalg.vector_norm(x, dim=-1)` → `{vector_norm: -1}`."""
    if call["dim"] is None or call.get("dtype") is not None:
        return None
    fields = {"dim": one(call["dim"]) if len(call["dim"]) == 1 else call["dim"], "keepdim": call["keepdim"]}
    order = float(call["ord"])
    return Word("vector_norm", fields if order == 2 else {**fields, "ord": order}, (call["self"],))
