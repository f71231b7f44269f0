"""The layers of Keras as torch's, each made of its settings and of what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from archspec.importing.formats.modules.wired import Add, Concat


class Padded(nn.Module):
    """A window over maps that are padded as TensorFlow does: what is odd goes behind."""

    def __init__(self, window: nn.Module, pads: Sequence[int], value: float = 0.0) -> None:
        super().__init__()
        self.pad = nn.ConstantPad2d(tuple(pads), value)  # type: ignore[arg-type]
        self.window = window

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        return self.window(self.pad(x))  # type: ignore[no-any-return]


class Activated(nn.Module):
    """A layer and the activation that it names."""

    def __init__(self, layer: nn.Module, act: nn.Module) -> None:
        super().__init__()
        self.layer, self.act = layer, act

    def forward(self, x: Tensor) -> Tensor:
        """As the layer takes."""
        return self.act(self.layer(x))  # type: ignore[no-any-return]


class Separable(nn.Module):
    """A depthwise and a pointwise convolution."""

    def __init__(self, depthwise: nn.Module, pointwise: nn.Module) -> None:
        super().__init__()
        self.depthwise, self.pointwise = depthwise, pointwise

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W."""
        return self.pointwise(self.depthwise(x))  # type: ignore[no-any-return]


class Last(nn.Module):
    """A layer over the channels, which Keras has last and torch first."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """N×C×…"""
        return self.layer(x.movedim(1, -1)).movedim(-1, 1)  # type: ignore[no-any-return]


class Multiply(nn.Module):
    """The product of two tensors."""

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        """Of shapes that go together."""
        return one * other


class Mean(nn.Module):
    """The mean or the greatest of each map."""

    def __init__(self, keep: bool, greatest: bool = False) -> None:
        super().__init__()
        self.pool = nn.AdaptiveMaxPool2d(1) if greatest else nn.AdaptiveAvgPool2d(1)
        self.keep = keep

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W → N×C."""
        pooled: Tensor = self.pool(x)
        return pooled if self.keep else pooled.flatten(1)


Config = Mapping[str, Any]
Make = Callable[[Config, Tensor], nn.Module]


_ACTIVATIONS: Mapping[str, Callable[[], nn.Module] | None] = {
    "linear": None,
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "softmax": lambda: nn.Softmax(1),
    "swish": nn.SiLU,
    "silu": nn.SiLU,
    "gelu": nn.GELU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "mish": nn.Mish,
    "softplus": nn.Softplus,
    "softsign": nn.Softsign,
    "hard_swish": nn.Hardswish,
    "hard_silu": nn.Hardswish,
    "hard_sigmoid": nn.Hardsigmoid,
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
}


def _activation(name: Any) -> nn.Module | None:
    if isinstance(name, dict):
        name = name.get("config", {}).get("name", name.get("class_name"))
    if name is not None and name not in _ACTIVATIONS:
        raise ValueError(f"no activation `{name}` is known")
    make = _ACTIVATIONS[name] if name else None
    return make() if make else None


def _with_activation(layer: nn.Module, config: Config) -> nn.Module:
    act = _activation(config.get("activation"))
    return Activated(layer, act) if act else layer


def _pads(config: Config, kernel: Sequence[int], x: Tensor) -> list[int]:
    """What `padding: same` adds: left, right, top and bottom."""
    if config.get("padding", "valid") == "valid":
        return [0, 0, 0, 0]
    pads: list[int] = []
    strides, dilation = config.get("strides") or kernel, config.get("dilation_rate") or (1, 1)
    for size, window, stride, apart in zip(x.shape[2:], kernel, strides, dilation):
        over = max((-(-size // stride) - 1) * stride + (window - 1) * apart + 1 - size, 0)
        pads = [over // 2, over - over // 2, *pads]
    return pads


def _windowed(make: Callable[[tuple[int, int]], nn.Module], pads: Sequence[int], value: float = 0.0) -> nn.Module:
    """A window with its own padding where that is the same on both sides, and with one before it else."""
    left, right, top, bottom = pads
    if left == right and top == bottom:
        return make((top, left))
    return Padded(make((0, 0)), pads, value)


def _conv(config: Config, x: Tensor, after: int | None = None, groups: int | None = None) -> nn.Module:
    kernel, strides = tuple(config["kernel_size"]), tuple(config["strides"])
    dilation, bias = tuple(config.get("dilation_rate") or (1, 1)), bool(config["use_bias"])
    after, groups = after or config["filters"], groups or config.get("groups", 1)
    return _windowed(
        lambda padding: nn.Conv2d(x.shape[1], after, kernel, strides, padding, dilation, groups, bias),
        _pads(config, kernel, x),
    )


def _depthwise(config: Config, x: Tensor) -> nn.Module:
    return _conv(config, x, x.shape[1] * config.get("depth_multiplier", 1), x.shape[1])


def _separable(config: Config, x: Tensor) -> nn.Module:
    between = x.shape[1] * config.get("depth_multiplier", 1)
    depthwise = _conv({**config, "use_bias": False}, x, between, x.shape[1])
    return Separable(depthwise, nn.Conv2d(between, config["filters"], 1, bias=config["use_bias"]))


def _dense(config: Config, x: Tensor) -> nn.Module:
    linear = nn.Linear(x.shape[1], config["units"], bias=config["use_bias"])
    return linear if x.dim() == 2 else Last(linear)


def _batch_norm(config: Config, x: Tensor) -> nn.Module:
    classes = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    affine = bool(config.get("scale", True) or config.get("center", True))
    return classes[x.dim()](x.shape[1], config["epsilon"], 1 - config["momentum"], affine=affine)


def _layer_norm(config: Config, x: Tensor) -> nn.Module:
    norm = nn.LayerNorm(x.shape[1], config["epsilon"])
    return norm if x.dim() == 2 else Last(norm)


def _max_pool(config: Config, x: Tensor) -> nn.Module:
    size, strides = tuple(config["pool_size"]), tuple(config["strides"] or config["pool_size"])
    pads = _pads(config, size, x)
    return _windowed(lambda padding: nn.MaxPool2d(size, strides, padding), pads, float("-inf"))


def _avg_pool(config: Config, x: Tensor) -> nn.Module:
    size, strides = tuple(config["pool_size"]), tuple(config["strides"] or config["pool_size"])
    pads = _pads(config, size, x)
    if pads[0] != pads[1] or pads[2] != pads[3]:
        raise ValueError("an average of windows that are padded on one side alone")
    return nn.AvgPool2d(size, strides, (pads[2], pads[0]), count_include_pad=False)


def _zero_pad(config: Config, x: Tensor) -> nn.Module:
    (top, bottom), (left, right) = config["padding"]
    return nn.ZeroPad2d((left, right, top, bottom))


def _upsampling(config: Config, x: Tensor) -> nn.Module:
    mode = config.get("interpolation", "nearest")
    scale = tuple(map(float, config["size"]))
    return nn.Upsample(scale_factor=scale, mode=mode, align_corners=None if mode == "nearest" else False)


def _relu(config: Config, x: Tensor) -> nn.Module:
    slope = config.get("negative_slope") or 0.0
    if config.get("max_value") == 6.0 and not slope:
        return nn.ReLU6()
    if config.get("max_value") is not None or config.get("threshold"):
        raise ValueError("a bound or threshold of its own")
    return nn.LeakyReLU(slope) if slope else nn.ReLU()


def _leaky(config: Config, x: Tensor) -> nn.Module:
    return nn.LeakyReLU(config.get("negative_slope", config.get("alpha", 0.3)))


def _axis(config: Config, x: Tensor) -> nn.Module:
    axis = config.get("axis", -1) % x.dim()
    return Concat(0 if axis == 0 else 1 if axis == x.dim() - 1 else axis + 1)


def _plain(make: Callable[[], nn.Module]) -> Make:
    return lambda config, x: make()


def _activated(make: Make) -> Make:
    return lambda config, x: _with_activation(make(config, x), config)


LAYERS: Mapping[str, Make] = {
    "Conv2D": _activated(_conv),
    "Convolution2D": _activated(_conv),
    "DepthwiseConv2D": _activated(_depthwise),
    "SeparableConv2D": _activated(_separable),
    "Dense": _activated(_dense),
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "MaxPooling2D": _max_pool,
    "AveragePooling2D": _avg_pool,
    "GlobalAveragePooling2D": lambda config, x: Mean(bool(config.get("keepdims"))),
    "GlobalMaxPooling2D": lambda config, x: Mean(bool(config.get("keepdims")), greatest=True),
    "ZeroPadding2D": _zero_pad,
    "UpSampling2D": _upsampling,
    "Activation": lambda config, x: _activation(config["activation"]) or nn.Identity(),
    "ReLU": _relu,
    "LeakyReLU": _leaky,
    "Softmax": lambda config, x: nn.Softmax(1),
    "Dropout": lambda config, x: nn.Dropout(config["rate"]),
    "SpatialDropout2D": lambda config, x: nn.Dropout2d(config["rate"]),
    "Flatten": _plain(nn.Flatten),
    "Add": _plain(Add),
    "Multiply": _plain(Multiply),
    "Concatenate": _axis,
}
"""The layers of Keras that are known, and what makes torch's of each."""
