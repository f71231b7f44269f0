"""Layers called as functions: where they have a weight, it is a value like others."""

from __future__ import annotations

from collections.abc import Mapping
from math import isinf
from typing import Any

from archspec.importing.calls import Call
from archspec.importing.words.registry import Word, extended, says
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


@says("conv1d", "conv2d", "conv3d")
def conv(call: Call) -> Word | None:
    """`F.conv2d(x, kernels, stride=2)` → `{functional_conv: , stride: 2, from: [x, kernels]}`."""
    padding = call["padding"]
    fields = {name: one(call[name]) for name in ("stride", "dilation", "groups")}
    return _given("functional_conv", {**fields, "padding": 0 if padding == "valid" else one(padding)}, call)


@says("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def conv_transpose(call: Call) -> Word | None:
    """`F.conv_transpose2d(x, kernels)` → `{functional_conv_transpose: , from: [x, kernels]}`."""
    names = ("stride", "padding", "output_padding", "dilation", "groups")
    return _given("functional_conv_transpose", {name: one(call[name]) for name in names}, call)


@says("linear")
def linear(call: Call) -> Word | None:
    """`F.linear(x, weight)` → `{functional_linear: , from: [x, weight]}`."""
    return _given("functional_linear", {}, call)


@says("batch_norm")
def batch_norm(call: Call) -> Word | None:
    """`F.batch_norm(x, None, None, training=True)` → `functional_batch_norm`; one that keeps statistics is a module."""
    if call["running_mean"] is not None or not call["training"]:
        return None
    return _given("functional_batch_norm", {"eps": call["eps"]}, call)


@says("group_norm")
def group_norm(call: Call) -> Word | None:
    """`F.group_norm(x, 4, factors, shifts)` → `{functional_group_norm: 4, from: [x, factors, shifts]}`."""
    if call["weight"] is None and call["bias"] is None:
        fields = {"num_groups": call["num_groups"], "eps": call["eps"], "affine": False}
        return Word("group_norm", fields, (call["input"],))
    return _given("functional_group_norm", {"num_groups": call["num_groups"], "eps": call["eps"]}, call)


@says("instance_norm")
def instance_norm(call: Call) -> Word | None:
    """`F.instance_norm(x)` → `instance_norm`."""
    if call["running_mean"] is not None or not call["use_input_stats"]:
        return None
    if call["weight"] is None and call["bias"] is None:
        return Word("instance_norm", {"eps": call["eps"]}, (call["input"],))
    return _given("functional_instance_norm", {"eps": call["eps"]}, call)


@says("layer_norm", "rms_norm")
def last_norm(call: Call) -> Word | None:
    """`F.layer_norm(x, (96,))` → `{layer_norm: , elementwise_affine: false}`."""
    if call["weight"] is not None or call.get("bias") is not None:
        return _given(f"functional_{call.target}", {"eps": call["eps"]}, call)
    fields = {"elementwise_affine": False, "eps": call["eps"]}
    shape = call["normalized_shape"]
    return Word(call.target, fields if len(shape) == 1 else {**fields, "normalized_shape": shape}, (call["input"],))


def _given(op: str, fields: Mapping[str, Any], call: Call) -> Word | None:
    """A layer with the weight and the bias that it is given; `None` for a bias without a weight."""
    weight, bias = call["weight"], call.get("bias")
    given = tuple(each for each in (weight, bias) if each is not None)
    return None if weight is None and bias is not None else Word(op, fields, (call["input"], *given))


@says("pad", "constant_pad_nd")
def pad(call: Call) -> Word:
    """`F.pad(x, (0, 1))` → `{pad: [0, 1]}`; what is no map's, or beyond all numbers, → `constant_pad`."""
    spatial = 2 * (len(whole(call["self"].shape)) - 2)
    value = float(call["value"] or 0.0)
    mode = call.get("mode", "constant")
    if mode == "constant" and (isinf(value) or not 0 < spatial <= 6 or len(call["pad"]) > spatial):
        return Word("constant_pad", {"padding": call["pad"], "value": extended(value)}, (call["self"],))
    padding = (*call["pad"], *[0] * (spatial - len(call["pad"])))
    return Word("pad", {"padding": padding, "mode": mode, "value": value}, (call["self"],))


@says(
    "upsample_nearest1d",
    "upsample_nearest2d",
    "upsample_nearest3d",
    "upsample_linear1d",
    "upsample_bilinear2d",
    "upsample_bicubic2d",
    "upsample_trilinear3d",
    "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d",
    "_upsample_nearest_exact3d",
    "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
)
def upsample(call: Call) -> Word:
    """`F.interpolate(x, size=56)` → `{upsample: , size: 56}`."""
    name = call.target.removeprefix("_").removeprefix("upsample_")
    antialias = {"antialias": True} if name.endswith("_aa") else {}
    mode = name.removesuffix("_aa").rstrip("123d").replace("_", "-")
    sizes = whole(call.outputs[0].shape)[2:]
    aligned = {"align_corners": call["align_corners"]} if "align_corners" in call.arguments else {}
    scales = call.get("scale_factors") or None
    by = {"size": one(sizes)} if scales is None else {"scale_factor": one(tuple(map(float, scales)))}
    return Word("upsample", {**by, "mode": mode, **aligned, **antialias}, (call.get("input") or call["self"],))


def one(sizes: Any) -> Any:
    """One number for a list of equal ones, as a page writes it."""
    return sizes[0] if isinstance(sizes, tuple) and sizes and len(set(sizes)) == 1 else sizes
