"""Normalisation; where torch has one class for each rank, the rank comes from the data."""

from typing import Annotated, ClassVar

from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import (
    Axis,
    Flag,
    NonNegativeReal,
    Positive,
    PositiveReal,
    Real,
    at_least,
    axis,
    below,
    channels,
    divisible,
    number,
    spatial_rank,
)
from archspec.ops.shapes import Shape, product, shape_text

Momentum = Annotated[Real | None, Expects("a number, or null for the plain average")]


class _Norm(Op):
    """A norm gives back the shape it takes and learns at most a factor and a shift."""

    kind = "normalization"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._check(*inputs)
        return inputs

    def _check(self, shape: Shape) -> None:
        """Refuse what torch refuses."""


class _ChannelNorm(_Norm):
    """A norm that may learn a factor and a shift for each channel, and may track each channel's statistics."""

    unlabelled: ClassVar[tuple[str, ...]] = ("eps", "affine")
    channels_first = True

    eps: PositiveReal = 1e-5
    affine: Flag = True

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        (shape,) = inputs
        return {"weight": (shape[0],), "bias": (shape[0],)} if self.affine else {}


class _TrackingNorm(_ChannelNorm):
    """A channel norm that may track each channel's mean and variance."""

    unlabelled = ("eps", "affine", "momentum", "track_running_stats")

    momentum: Momentum = 0.1
    track_running_stats: Flag = True

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        if not self.track_running_stats:
            return {}
        size = inputs[0][:1]
        return {"running_mean": size, "running_var": size, "num_batches_tracked": ()}

    def module(self, *inputs: Shape) -> Module:
        (shape,) = inputs
        title = "".join(word.title() for word in self.name.split("_"))
        features = Argument("num_features", shape[0], positional=True)
        return Module(f"nn.{title}{max(1, len(shape) - 1)}d", (features, *self.settings()))


@register
class BatchNorm(_TrackingNorm):
    """Batch normalisation: torch.nn.BatchNorm1d, BatchNorm2d or BatchNorm3d (Ioffe and Szegedy 2015).

    Input and output `[C]` or `[C, *sizes]`. The running statistics are buffers, not parameters.
    """

    name = "batch_norm"
    abbreviation = "BN"
    example = "batch_norm"
    example_inputs = ((64, 56, 56),)

    def _check(self, shape: Shape) -> None:
        spatial_rank(self.name, shape, (0, 1, 2, 3))
        channels(self.name, shape)


@register
class FrozenBatchNorm(_Norm):
    """Batch normalisation by fixed statistics, factors and shifts: torchvision.ops.FrozenBatchNorm2d.

    Input and output `[C, H, W]`. `weight`, `bias`, `running_mean` and `running_var` are all buffers, so it has no
    parameters: torchvision's documented count of a detector leaves them out. `eps` is 0 with some of its
    weights. Errors: another rank.
    """

    name = "frozen_batch_norm"
    unlabelled = ("eps",)
    channels_first = True
    example = "frozen_batch_norm"
    example_inputs = ((64, 56, 56),)

    eps: NonNegativeReal = 1e-5

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        size = inputs[0][:1]
        return dict.fromkeys(("weight", "bias", "running_mean", "running_var"), size)

    def module(self, *inputs: Shape) -> Module:
        features = Argument("num_features", inputs[0][0], positional=True)
        return Module("torchvision.ops.FrozenBatchNorm2d", (features, *self.settings()))

    def _check(self, shape: Shape) -> None:
        spatial_rank(self.name, shape, (2,))
        channels(self.name, shape)


@register
class InstanceNorm(_TrackingNorm):
    """Instance normalisation: torch.nn.InstanceNorm1d, InstanceNorm2d or InstanceNorm3d (Ulyanov et al. 2016).

    Input and output `[C, *sizes]`. As in torch it learns and tracks nothing unless told to. Errors: a single position,
    whose variance is zero.
    """

    name = "instance_norm"
    abbreviation = "IN"
    example = "instance_norm"
    example_inputs = ((64, 56, 56),)

    affine: Flag = False
    track_running_stats: Flag = False

    def _check(self, shape: Shape) -> None:
        spatial_rank(self.name, shape)
        channels(self.name, shape)
        if below(product(shape[1:]), 2):
            raise OpError(
                "positions",
                f"`instance_norm` cannot normalise a single position: its input is {shape_text(shape)}",
                expected="more than one position for each channel",
            )


@register
class GroupNorm(_ChannelNorm):
    """Group normalisation: torch.nn.GroupNorm (Wu and He 2018).

    Input and output `[C, *sizes]`. Errors: groups that do not divide C, groups of a single value, whose variance is
    zero.
    """

    name = "group_norm"
    main = "num_groups"
    abbreviation = "GN"
    example = "{group_norm: 32}"
    example_inputs = ((64, 56, 56),)

    num_groups: Positive

    def _check(self, shape: Shape) -> None:
        divisible("num_channels", channels(self.name, shape), "num_groups", self.num_groups)
        if below(product((shape[0] // self.num_groups, *shape[1:])), 2):
            raise OpError(
                "positions",
                f"`group_norm` cannot normalise a single value: its input is {shape_text(shape)}",
                field="num_groups",
                expected="more than one value in each group",
            )

    def module(self, *inputs: Shape) -> Module:
        groups = Argument("num_groups", self.num_groups, positional=True)
        features = Argument("num_channels", inputs[0][0], positional=True)
        others = (argument for argument in self.settings() if argument.name != "num_groups")
        return Module("nn.GroupNorm", (groups, features, *others))


class _LastNorm(_Norm):
    """A norm over the last dimensions, which may learn a factor for each element of them."""

    main = "normalized_shape"
    unlabelled = ("elementwise_affine", "eps")
    features_last = True

    normalized_shape: Annotated[
        Positive | tuple[Positive, ...] | None, Expects("a whole number, or the list of the last dimensions' sizes")
    ] = None
    elementwise_affine: Flag = True

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": self._normalized(*inputs)} if self.elementwise_affine else {}

    def module(self, *inputs: Shape) -> Module:
        normalized = self._normalized(*inputs)
        shape = Argument("normalized_shape", normalized[0] if len(normalized) == 1 else normalized, positional=True)
        others = (argument for argument in self.settings() if argument.name != "normalized_shape")
        return Module(f"nn.{type(self).__name__}", (shape, *others))

    def _check(self, shape: Shape) -> None:
        normalized, moved = self._normalized(shape), self._moved(shape)
        if not normalized or moved[-len(normalized) :] != normalized:
            raise OpError(
                "normalized-shape",
                f"`{self.name}` over {list(normalized)} cannot take an input of shape {shape_text(shape)}",
                field="normalized_shape",
                expected="the sizes of the input's last dimensions",
                found=str(list(normalized)),
            )

    def _normalized(self, shape: Shape) -> tuple[int, ...]:
        """`normalized_shape` as a tuple, or the input's last dimension."""
        at_least(self.name, shape, 1)
        if self.normalized_shape is None:
            return (number(self.name, self._moved(shape)[-1], "the dimension that is normalised"),)
        return self.normalized_shape if isinstance(self.normalized_shape, tuple) else (self.normalized_shape,)

    def _moved(self, shape: Shape) -> Shape:
        """The input with the dimensions that are normalised as its last."""
        return shape


@register
class LayerNorm(_LastNorm):
    """Layer normalisation: torch.nn.LayerNorm (Ba et al. 2016).

    Without `normalized_shape` it normalises the last dimension alone, as transformers do. `dim: 1` normalises the
    channels of maps `[C, H, W]`, which ConvNeXt does (Liu et al. 2022). Input and output have one shape. Errors: a
    `normalized_shape` that is not the input's last dimensions, or not the size of `dim`.
    """

    name = "layer_norm"
    abbreviation = "LN"
    example = "layer_norm"
    example_inputs = ((196, 768),)

    eps: PositiveReal = 1e-5
    bias: Flag = True
    dim: Axis = -1

    def _moved(self, shape: Shape) -> Shape:
        if self.dim == -1:
            return shape
        at = axis(self.name, "dim", self.dim, shape)
        return (*shape[:at], *shape[at + 1 :], shape[at])

    def module(self, *inputs: Shape) -> Module:
        made = super().module(*inputs)
        last = axis(self.name, "dim", self.dim, inputs[0]) == len(inputs[0]) - 1
        if not last:
            return Module(f"{MODULES}.normalization.LayerNormAlong", made.arguments)
        return Module(made.callee, tuple(argument for argument in made.arguments if argument.name != "dim"))

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        weights = super().parameters(*inputs)
        return weights | ({"bias": weights["weight"]} if weights and self.bias else {})


@register
class RMSNorm(_LastNorm):
    """Root mean square normalisation: torch.nn.RMSNorm (Zhang and Sennrich 2019).

    Without `normalized_shape` it normalises the last dimension alone. `eps` null is the smallest step from 1 of the
    data's type. Input and output have one shape. Errors: a `normalized_shape` that is not the input's last dimensions.
    """

    name = "rms_norm"
    abbreviation = "RMSNorm"
    example = "rms_norm"
    example_inputs = ((196, 768),)

    eps: Annotated[PositiveReal | None, Expects("a number above 0, or null")] = None


@register
class LocalResponseNorm(_Norm):
    """Local response normalisation across channels: torch.nn.LocalResponseNorm (Krizhevsky et al. 2012, section 3.3).

    Input and output `[C, *sizes]`. As in torch `alpha` is divided by `size`, which the paper does not do.
    """

    name = "local_response_norm"
    label = abbreviation = "LRN"
    main = "size"
    example = "{local_response_norm: 5, alpha: 0.0001, beta: 0.75, k: 2}"
    example_inputs = ((96, 27, 27),)

    size: Positive
    alpha: Real = 1e-4
    beta: Real = 0.75
    k: Real = 1.0

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.LocalResponseNorm", self.settings())

    def _check(self, shape: Shape) -> None:
        at_least(self.name, shape, 2)
