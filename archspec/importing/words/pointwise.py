"""Functions of each element by itself."""

from __future__ import annotations

from archspec.importing.calls import Call
from archspec.importing.words.registry import Word, says


@says("relu", "relu6", "selu", "silu", "mish", "hardswish", "hardsigmoid", "sigmoid", "log_sigmoid", "tanh")
def plain(call: Call) -> Word:
    """`F.relu(x)` → `relu`."""
    return Word(call.target.removesuffix("_"), {}, (call["self"],))


@says("hardtanh")
def hardtanh(call: Call) -> Word:
    """`F.relu6(x)`, which torch computes as a hardtanh from 0 to 6, → `relu6`."""
    low, high = float(call["min_val"]), float(call["max_val"])
    if (low, high) == (0.0, 6.0):
        return Word("relu6", {}, (call["self"],))
    return Word("hardtanh", {"min_val": low, "max_val": high}, (call["self"],))


@says("leaky_relu")
def leaky_relu(call: Call) -> Word:
    """`F.leaky_relu(x, 0.2)` → `{leaky_relu: 0.2}`."""
    return Word("leaky_relu", {"negative_slope": float(call["negative_slope"])}, (call["self"],))


@says("gelu")
def gelu(call: Call) -> Word:
    """`F.gelu(x)` → `gelu`."""
    return Word("gelu", {"approximate": call["approximate"]}, (call["self"],))


@says("softmax", "log_softmax")
def softmax(call: Call) -> Word:
    """`x.softmax(dim=-1)` → `softmax`."""
    return Word(call.target, {"dim": call["dim"]}, (call["self"],))


@says("dropout")
def dropout(call: Call) -> Word:
    """`F.dropout(x, 0.2)` → `{dropout: 0.2}`."""
    return Word("dropout", {"p": float(call["p"])}, (call.get("input") or call["self"],))
