"""Layers called as functions: none of their tensors is a module's, so those that learn have no word here."""

from __future__ import annotations

from typing import Any

from archspec.importing.calls import Call
from archspec.importing.words.registry import Word, says
from archspec.ops.shapes import whole


@says("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(call: Call) -> Word:
    """`F.max_pool2d(x, 3, stride=2)` → `{max_pool: 3, stride: 2}`."""
    fields = {**_window(call), "dilation": one(call["dilation"]), "ceil_mode": call["ceil_mode"]}
    return Word("max_pool", fields, (call["self"],))


@says("avg_pool1d", "avg_pool2d", "avg_pool3d")
def avg_pool(call: Call) -> Word:
    """`F.avg_pool2d(x, 2)` → `{avg_pool: 2}`."""
    more = {name: call[name] for name in ("ceil_mode", "count_include_pad")}
    divisor = call.get("divisor_override")
    fields = {**_window(call), **more, **({} if divisor is None else {"divisor_override": divisor})}
    return Word("avg_pool", fields, (call["self"],))


def _window(call: Call) -> dict[str, Any]:
    kernel, stride = one(call["kernel_size"]), one(call["stride"])
    return {
        "kernel_size": kernel,
        "stride": None if stride in ((), None, kernel) else stride,
        "padding": one(call["padding"]),
    }


@says("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d")
def adaptive_avg_pool(call: Call) -> Word:
    """`F.adaptive_avg_pool2d(x, 1)` → `{adaptive_avg_pool: 1}`."""
    return Word("adaptive_avg_pool", {"output_size": one(call["output_size"])}, (call["self"],))


@says("adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d")
def adaptive_max_pool(call: Call) -> Word:
    """`F.adaptive_max_pool2d(x, 1)` → `{adaptive_max_pool: 1}`."""
    return Word("adaptive_max_pool", {"output_size": one(call["output_size"])}, (call["self"],))


@says("batch_norm")
def batch_norm(call: Call) -> Word | None:
    """A batch norm that is no module's has no word."""
    return None


@says("layer_norm")
def layer_norm(call: Call) -> Word | None:
    """`F.layer_norm(x, (96,))` → `{layer_norm: , elementwise_affine: false}`."""
    if call["weight"] is not None or call["bias"] is not None:
        return None
    fields = {"elementwise_affine": False, "eps": call["eps"]}
    shape = call["normalized_shape"]
    return Word("layer_norm", fields if len(shape) == 1 else {**fields, "normalized_shape": shape}, (call["input"],))


@says("pad")
def pad(call: Call) -> Word:
    """`F.pad(x, (0, 1))` → `{pad: [0, 1]}`."""
    padding = (*call["pad"], *[0] * (2 * (len(whole(call["self"].shape)) - 2) - len(call["pad"])))
    fields = {"padding": padding, "mode": call["mode"], "value": float(call["value"] or 0.0)}
    return Word("pad", fields, (call["self"],))


@says(
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_bicubic2d",
    "upsample_trilinear3d",
)
def upsample(call: Call) -> Word:
    """`F.interpolate(x, size=56)` → `{upsample: , size: 56}`."""
    mode = call.target.removeprefix("upsample_").rstrip("123d")
    sizes = whole(call.outputs[0].shape)[2:]
    aligned = {} if mode == "nearest" else {"align_corners": call["align_corners"]}
    scales = call.get("scale_factors") or None
    by = {"size": one(sizes)} if scales is None else {"scale_factor": one(tuple(map(float, scales)))}
    return Word("upsample", {**by, "mode": mode, **aligned}, (call.get("input") or call["self"],))


def one(sizes: Any) -> Any:
    """One number for a list of equal ones, as a page writes it."""
    return sizes[0] if isinstance(sizes, tuple) and sizes and len(set(sizes)) == 1 else sizes
