"""Layers that a file tells as functions with tensors → torch.nn's modules that hold these.

Before: `conv2d(x, weight, bias, stride=(2, 2), padding=(3, 3), …)`.
After:  `Conv2d(3, 64, 7, stride=2, padding=3)` with that weight and bias.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

Arguments = Mapping[str, Any]


def layer_of(function: str, arguments: Arguments, rank: int) -> nn.Module | None:
    """The module of a function of torch's, by the names of its schema; `None` where none has these tensors.

    `rank` is the number of dimensions of the input, by which norms are called.
    """
    make = _LAYERS.get(function.rstrip("_"))
    with torch.device("meta"):
        module = make(arguments, rank) if make else None
    if module is None:
        return None
    for name, each in arguments.items():
        if name in HELD and isinstance(each, Tensor):
            _hold(module, name, each)
    for name, buffer in module.named_buffers():
        if buffer.is_meta:  # what counts batches, which no file tells
            module.register_buffer(name, torch.zeros(buffer.shape, dtype=buffer.dtype))
    return module.eval()


HELD = frozenset({"weight", "bias", "running_mean", "running_var"})
"""The arguments that a module holds, under the same names."""


def _hold(module: nn.Module, name: str, tensor: Tensor) -> None:
    if name in module._buffers:
        module.register_buffer(name, tensor.detach())
    else:
        module.register_parameter(name, nn.Parameter(tensor.detach(), requires_grad=tensor.is_floating_point()))


def _conv(transposed: bool) -> Callable[[Arguments, int], nn.Module]:
    def make(given: Arguments, rank: int) -> nn.Module:
        weight: Tensor = given["weight"]
        groups, dims = given["groups"], weight.dim() - 2
        one, other = weight.shape[:2]
        sizes = (one, other * groups) if transposed else (other * groups, one)
        more = {"output_padding": _each(given["output_padding"], dims)} if transposed else {}
        padding = given["padding"]
        made: nn.Module = getattr(nn, f"Conv{'Transpose' * transposed}{dims}d")(
            *sizes,
            tuple(weight.shape[2:]),
            stride=_each(given["stride"], dims),
            padding=padding if isinstance(padding, str) else _each(padding, dims),
            dilation=_each(given["dilation"], dims),
            groups=groups,
            bias=given["bias"] is not None,
            **more,
        )
        return made

    return make


def _each(value: Any, dims: int) -> tuple[int, ...]:
    values = tuple(value) if isinstance(value, (tuple, list)) else (value,)
    return values * dims if len(values) == 1 else values


def _linear(given: Arguments, rank: int) -> nn.Module:
    after, before = given["weight"].shape
    return nn.Linear(before, after, bias=given["bias"] is not None)


def _batch_norm(given: Arguments, rank: int) -> nn.Module | None:
    if given["running_mean"] is None or not 2 <= rank <= 5:
        return None
    title = f"BatchNorm{max(rank - 2, 1)}d"
    affine = given["weight"] is not None
    made: nn.Module = getattr(nn, title)(len(given["running_mean"]), given["eps"], given["momentum"], affine=affine)
    return made


def _layer_norm(given: Arguments, rank: int) -> nn.Module | None:
    if given["weight"] is None:
        return None
    return nn.LayerNorm(tuple(given["normalized_shape"]), given["eps"], bias=given["bias"] is not None)


def _group_norm(given: Arguments, rank: int) -> nn.Module | None:
    return None if given["weight"] is None else nn.GroupNorm(given["num_groups"], len(given["weight"]), given["eps"])


def _rms_norm(given: Arguments, rank: int) -> nn.Module | None:
    return None if given["weight"] is None else nn.RMSNorm(tuple(given["normalized_shape"]), given["eps"])


def _embedding(given: Arguments, rank: int) -> nn.Module:
    padding = given.get("padding_idx")
    rows, features = given["weight"].shape
    return nn.Embedding(rows, features, padding_idx=None if padding in (None, -1) else padding)


def _prelu(given: Arguments, rank: int) -> nn.Module:
    return nn.PReLU(given["weight"].numel())


_LAYERS: Mapping[str, Callable[[Arguments, int], nn.Module | None]] = {
    **{f"conv{dims}d": _conv(transposed=False) for dims in (1, 2, 3)},
    **{f"conv_transpose{dims}d": _conv(transposed=True) for dims in (1, 2, 3)},
    "linear": _linear,
    "batch_norm": _batch_norm,
    "layer_norm": _layer_norm,
    "group_norm": _group_norm,
    "rms_norm": _rms_norm,
    "embedding": _embedding,
    "prelu": _prelu,
}
