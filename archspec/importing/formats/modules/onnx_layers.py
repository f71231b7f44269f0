"""The nodes of ONNX that have weights, as torch's layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from archspec.importing.formats.modules.onnx_nodes import Node
from archspec.importing.layers import layer_of


def layer_of_node(node: Node, constants: Mapping[str, np.ndarray[Any, Any]]) -> nn.Module | None:
    """The layer of torch's that a node with weights is."""
    tell = _LAYERS.get(node.kind)
    if tell is None or any(name and name not in constants for name in node.inputs[1:]):
        return None
    tensors = [torch.from_numpy(constants[name].copy()) if name else None for name in node.inputs[1:]]
    return tell(node.settings, *tensors)


def _conv(
    settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None = None, *, function: str = "conv"
) -> nn.Module | None:
    dims = weight.dim() - 2
    padding = _even_pads(settings, dims)
    if padding is None or "output_shape" in settings:
        return None
    given = {
        "weight": weight,
        "bias": bias,
        "stride": settings.get("strides", [1]),
        "padding": padding,
        "dilation": settings.get("dilations", [1]),
        "groups": settings.get("group", 1),
        "output_padding": settings.get("output_padding", [0]),
    }
    return layer_of(f"{function}{dims}d", given, weight.dim())


def _even_pads(settings: Mapping[str, Any], dims: int) -> tuple[int, ...] | None:
    """The padding of each dimension; `None` where its two sides differ."""
    pads = settings.get("pads", [0] * 2 * dims)
    if settings.get("auto_pad", "NOTSET") not in ("NOTSET", "VALID") or pads[:dims] != pads[dims:]:
        return None
    return tuple(pads[:dims])


def _gemm(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    if settings.get("transA") or settings.get("alpha", 1.0) != 1.0 or settings.get("beta", 1.0) != 1.0:
        return None
    weight = weight if settings.get("transB") else weight.T.contiguous()
    return layer_of("linear", {"weight": weight, "bias": bias}, 2)


def _linear(settings: Mapping[str, Any], weight: Tensor, bias: Tensor | None) -> nn.Module | None:
    return layer_of("linear", {"weight": weight.T.contiguous(), "bias": bias}, 3)


def _batch_norm(
    settings: Mapping[str, Any], scale: Tensor, bias: Tensor, mean: Tensor, var: Tensor
) -> nn.Module | None:
    own = {"weight": scale, "bias": bias, "running_mean": mean, "running_var": var}
    return layer_of("batch_norm", {**own, "eps": _eps(settings), "momentum": 0.1}, 4)


def _layer_norm(settings: Mapping[str, Any], scale: Tensor, bias: Tensor | None = None) -> nn.Module | None:
    given = {"weight": scale, "bias": bias, "normalized_shape": scale.shape, "eps": _eps(settings)}
    return layer_of("layer_norm", given, 3)


def _eps(settings: Mapping[str, Any]) -> float:
    """A small number as it was written, before it became one of 32 bits."""
    return float(f"{settings.get('epsilon', 1e-5):.6g}")


_LAYERS: Mapping[str, Callable[..., nn.Module | None]] = {
    "Conv": _conv,
    "ConvTranspose": partial(_conv, function="conv_transpose"),
    "Gemm": _gemm,
    "Linear": _linear,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
}
