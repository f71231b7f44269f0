"""What each operation of ONNX computes, in functions of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - as everywhere

from archspec.importing.export import BATCH
from archspec.importing.rebatch import rebatched

OF_SIZES = frozenset({"Shape", "Size", "Range", "ConstantOfShape"})
"""Operations that give numbers which follow from shapes."""


DTYPES = {1: "float32", 6: "int32", 7: "int64", 9: "bool", 10: "float16", 11: "float64", 2: "uint8"}
"""ONNX's numbers for element types."""


Settings = Mapping[str, Any]


def _number(value: Any) -> Any:
    """A constant of one number as that; of several, as a tensor."""
    if isinstance(value, np.ndarray):
        return value.item() if value.size == 1 else torch.from_numpy(value.copy())
    return value


def _pairwise(function: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda settings, one, other: function(_number(one), _number(other))


def _each(function: Callable[[Tensor], Any]) -> Callable[..., Any]:
    return lambda settings, x: function(x)


def _ints(value: Any) -> list[int]:
    return [int(each) for each in np.asarray(value).reshape(-1)]


def _clip(settings: Settings, x: Tensor, low: Any = None, high: Any = None) -> Tensor:
    low = settings.get("min") if low is None else float(np.asarray(low))
    high = settings.get("max") if high is None else float(np.asarray(high))
    if (low, high) == (0.0, 6.0):
        return F.relu6(x)
    return x.clamp(low, high)


def _pool(settings: Settings, x: Tensor, greatest: bool) -> Tensor:
    kernel = settings["kernel_shape"]
    dims = len(kernel)
    pads = settings.get("pads", [0] * 2 * dims)
    even = pads[:dims] == pads[dims:]
    if not even:
        sides = [side for at in reversed(range(dims)) for side in (pads[at], pads[at + dims])]
        x = F.pad(x, sides, value=float("-inf") if greatest else 0.0)
    padding = pads[:dims] if even else [0] * dims
    stride, ceil = settings.get("strides", [1] * dims), bool(settings.get("ceil_mode", 0))
    if greatest:
        pool = getattr(F, f"max_pool{dims}d")
        return pool(x, kernel, stride, padding, settings.get("dilations", 1), ceil)  # type: ignore[no-any-return]
    counted = bool(settings.get("count_include_pad", 0))
    return getattr(F, f"avg_pool{dims}d")(x, kernel, stride, padding, ceil, counted)  # type: ignore[no-any-return]


def _global(greatest: bool) -> Callable[..., Tensor]:
    def pool(settings: Settings, x: Tensor) -> Tensor:
        function = getattr(F, f"adaptive_{'max' if greatest else 'avg'}_pool{x.dim() - 2}d")
        return function(x, 1)  # type: ignore[no-any-return]

    return pool


def _reshape(settings: Settings, x: Tensor, shape: Any) -> Tensor:
    sizes = [x.shape[at] if size == 0 else size for at, size in enumerate(_ints(shape))]
    return x.reshape(rebatched(x.shape, sizes, BATCH if x.shape and _holds_batch(x) else x.shape[0]))


def _holds_batch(x: Tensor) -> bool:
    return any(size % BATCH == 0 for size in x.shape)


def _expand(settings: Settings, x: Tensor, shape: Any) -> Tensor:
    sizes = _ints(shape)
    sizes = [1] * (x.dim() - len(sizes)) + sizes
    new = len(sizes) - x.dim()
    return x.expand([-1 if at >= new and size == 1 else size for at, size in enumerate(sizes)])


def _reduced(function: Callable[..., Any]) -> Callable[..., Any]:
    def reduce(settings: Settings, x: Tensor, axes: Any = None) -> Any:
        dims = settings.get("axes") if axes is None else _ints(axes)
        return function(x, dims or [*range(x.dim())], keepdim=bool(settings.get("keepdims", 1)))

    return reduce


def _axes(settings: Settings, axes: Any) -> list[int]:
    return settings["axes"] if axes is None else _ints(axes)


def _squeeze(settings: Settings, x: Tensor, axes: Any = None) -> Tensor:
    for axis in sorted((axis % x.dim() for axis in _axes(settings, axes)), reverse=True):
        x = x.squeeze(axis)
    return x


def _unsqueeze(settings: Settings, x: Tensor, axes: Any = None) -> Tensor:
    axes = _axes(settings, axes)
    for axis in sorted(axis % (x.dim() + len(axes)) for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _concat(settings: Settings, *values: Any) -> Tensor:
    tensors = [torch.from_numpy(each.copy()) if isinstance(each, np.ndarray) else each for each in values]
    batched = next((each for each in tensors if each.dim() and _holds_batch(each)), tensors[0])
    if settings["axis"] != 0:  # what is to stand in each example
        tensors = [_given_to(each, batched.shape[0]) for each in tensors]
    return torch.cat(tensors, settings["axis"])


def _given_to(x: Tensor, batch: int) -> Tensor:
    return x.expand(batch, *x.shape[1:]) if x.shape[0] == 1 != batch else x


def _split(settings: Settings, x: Tensor, sizes: Any = None) -> Any:
    told = settings.get("split") if sizes is None else _ints(sizes)
    axis = settings.get("axis", 0)
    return x.chunk(settings["num_outputs"], axis) if told is None else torch.split(x, told, axis)


def _slice(settings: Settings, x: Tensor, *told: Any) -> Tensor:
    starts, ends, axes, steps = [*told, None, None, None, None][:4]
    if starts is None:
        starts, ends, axes = settings["starts"], settings["ends"], settings.get("axes")
    for at, (start, end) in enumerate(zip(_ints(starts), _ints(ends))):
        axis = _ints(axes)[at] if axes is not None else at
        step = _ints(steps)[at] if steps is not None else 1
        x = torch.ops.aten.slice.Tensor(x, axis % x.dim(), start, min(end, 2**62), step)
    return x


def _gather(settings: Settings, x: Any, index: Any) -> Tensor:
    axis = settings.get("axis", 0)
    if isinstance(index, np.ndarray):
        if index.ndim == 0:
            return torch.as_tensor(x).select(axis, int(index))
        index = torch.from_numpy(index.copy())
    if axis == 0 and isinstance(x, Tensor) and x.dim() == 2:
        return F.embedding(index, x)
    return torch.as_tensor(x).index_select(axis, index)


def _pad(settings: Settings, x: Tensor, pads: Any = None, value: Any = None, axes: Any = None) -> Tensor:
    told = settings["pads"] if pads is None else _ints(pads)
    dims = len(told) // 2
    on = [axis % x.dim() for axis in _ints(axes)] if axes is not None else [*range(dims)]
    sides = {axis: (told[at], told[at + dims]) for at, axis in enumerate(on)}
    first = min((axis for axis, each in sides.items() if any(each)), default=x.dim() - 1)
    flat = [side for axis in range(x.dim() - 1, first - 1, -1) for side in sides.get(axis, (0, 0))]
    mode = str(settings.get("mode", "constant"))
    mode = {"edge": "replicate", "wrap": "circular"}.get(mode, mode)
    if mode != "constant":
        return F.pad(x, flat, mode)
    return F.pad(x, flat, value=0.0 if value is None else float(np.asarray(value)))


def _resize(settings: Settings, x: Tensor, *told: Any) -> Tensor:
    _, scales, sizes = [*told, None, None, None][:3] if len(told) != 1 else (None, told[0], None)
    mode = {"linear": "bilinear", "cubic": "bicubic"}.get(settings.get("mode", "nearest"), "nearest")
    corners = None if mode == "nearest" else settings.get("coordinate_transformation_mode") == "align_corners"
    if sizes is not None and np.size(sizes):
        return F.interpolate(x, _ints(sizes)[2:], mode=mode, align_corners=corners)
    factors = [float(each) for each in np.asarray(scales).reshape(-1)[2:]]
    return F.interpolate(x, scale_factor=factors, mode=mode, align_corners=corners)


def _hard_sigmoid(settings: Settings, x: Tensor) -> Tensor:
    slope, shift = settings.get("alpha", 0.2), settings.get("beta", 0.5)
    if abs(slope - 1 / 6) < 1e-6 and shift == 0.5:
        return F.hardsigmoid(x)
    clipped: Tensor = (x * slope + shift).clamp(0.0, 1.0)
    return clipped


def _leaky(settings: Settings, x: Tensor) -> Tensor:
    return F.leaky_relu(x, float(f"{settings.get('alpha', 0.01):.6g}"))


def _matmul_plus(settings: Settings, x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    x = x.T if settings.get("transA") else x
    weight = weight.T if settings.get("transB") else weight
    made: Tensor = torch.as_tensor(x) @ torch.as_tensor(weight) * settings.get("alpha", 1.0)
    return made if bias is None else made + torch.as_tensor(bias) * settings.get("beta", 1.0)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    **{name: _each(getattr(torch, name.lower())) for name in ("Sigmoid", "Tanh", "Exp", "Log", "Sqrt", "Neg", "Abs")},
    **{name: _each(getattr(torch, name.lower())) for name in ("Erf", "Reciprocal", "Sin", "Cos", "Floor", "Ceil")},
    "Relu": _each(F.relu),
    "HardSwish": _each(F.hardswish),
    "HardSigmoid": _hard_sigmoid,
    "LeakyRelu": _leaky,
    "Elu": lambda settings, x: F.elu(x, settings.get("alpha", 1.0)),
    "Selu": _each(F.selu),
    "Mish": _each(F.mish),
    "Softplus": _each(F.softplus),
    "Gelu": lambda settings, x: F.gelu(x, approximate=settings.get("approximate", "none")),
    "Softmax": lambda settings, x: x.softmax(settings.get("axis", -1)),
    "LogSoftmax": lambda settings, x: x.log_softmax(settings.get("axis", -1)),
    "Clip": _clip,
    "Add": _pairwise(lambda one, other: one + other),
    "Sub": _pairwise(lambda one, other: one - other),
    "Mul": _pairwise(lambda one, other: one * other),
    "Div": _pairwise(lambda one, other: one / other),
    "Pow": _pairwise(lambda one, other: one**other),
    "MatMul": _pairwise(lambda one, other: one @ other),
    "Gemm": _matmul_plus,
    "MaxPool": lambda settings, x: _pool(settings, x, greatest=True),
    "AveragePool": lambda settings, x: _pool(settings, x, greatest=False),
    "GlobalAveragePool": _global(greatest=False),
    "GlobalMaxPool": _global(greatest=True),
    "Flatten": lambda settings, x: x.flatten(settings.get("axis", 1)),
    "Reshape": _reshape,
    "Expand": _expand,
    "Transpose": lambda settings, x: x.permute(settings.get("perm") or [*reversed(range(x.dim()))]),
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Gather": _gather,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "ReduceMean": _reduced(torch.mean),
    "ReduceSum": _reduced(torch.sum),
    "ReduceMax": _reduced(torch.amax),
    "Pad": _pad,
    "Resize": _resize,
    "Upsample": _resize,
    "Dropout": lambda settings, x, *rest: x.clone(),
    "Identity": lambda settings, x: x.clone(),
    "Cast": lambda settings, x: x.to(getattr(torch, DTYPES.get(settings["to"], "float32"))),
}
"""What each operation of ONNX computes, in functions of torch; the first argument are its settings."""
