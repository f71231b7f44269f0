"""Regularisation: noise that is applied in training only."""

from typing import ClassVar, Literal

from archspec.ops.base import Argument, Module, Op, register
from archspec.ops.field_types import InPlace, Probability, at_least, spatial_rank
from archspec.ops.shapes import Shape


class _Dropout(Op):
    """A dropout gives back the shape it takes; in evaluation, its very input."""

    kind = "regularization"
    main = "p"
    unlabelled = ("inplace",)
    in_place = True
    shares_memory = True
    uncounted = ("p",)
    title: ClassVar[str]
    """The torch class."""

    p: Probability = 0.5
    inplace: InPlace = None

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.{self.title}", self.settings())


class _ChannelDropout(_Dropout):
    """A dropout of whole channels, of one rank: torch reads an input of another rank otherwise."""

    rank: ClassVar[int]

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        spatial_rank(self.name, inputs[0], (self.rank,))
        return inputs


@register
class Dropout(_Dropout):
    """Zeroes each element with probability `p` in training: torch.nn.Dropout (Srivastava et al. 2014).

    Input and output have one shape.
    """

    name = "dropout"
    title = "Dropout"
    example = "{dropout: 0.5}"
    example_inputs = ((4096,),)


@register
class Dropout1d(_ChannelDropout):
    """Zeroes each channel with probability `p` in training: torch.nn.Dropout1d.

    Input and output `[C, L]`.
    """

    name = "dropout1d"
    title = "Dropout1d"
    rank = 1
    example = "{dropout1d: 0.5}"
    example_inputs = ((64, 100),)


@register
class Dropout2d(_ChannelDropout):
    """Zeroes each channel with probability `p` in training: torch.nn.Dropout2d (Tompson et al. 2015).

    Input and output `[C, H, W]`.
    """

    name = "dropout2d"
    title = "Dropout2d"
    rank = 2
    example = "{dropout2d: 0.5}"
    example_inputs = ((64, 28, 28),)


@register
class Dropout3d(_ChannelDropout):
    """Zeroes each channel with probability `p` in training: torch.nn.Dropout3d.

    Input and output `[C, D, H, W]`.
    """

    name = "dropout3d"
    title = "Dropout3d"
    rank = 3
    example = "{dropout3d: 0.5}"
    example_inputs = ((16, 4, 14, 14),)


@register
class AlphaDropout(_Dropout):
    """Dropout that keeps mean and variance, for `selu`: torch.nn.AlphaDropout (Klambauer et al. 2017).

    Input and output have one shape.
    """

    name = "alpha_dropout"
    title = "AlphaDropout"
    example = "{alpha_dropout: 0.1}"
    example_inputs = ((4096,),)


@register
class FeatureAlphaDropout(_Dropout):
    """Alpha dropout of whole channels: torch.nn.FeatureAlphaDropout.

    Input and output `[C, *sizes]`.
    """

    name = "feature_alpha_dropout"
    title = "FeatureAlphaDropout"
    example = "{feature_alpha_dropout: 0.1}"
    example_inputs = ((64, 28, 28),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        at_least(self.name, inputs[0], 1)
        return inputs


@register
class StochasticDepth(Op):
    """Zeroes the whole branch with probability `p` in training: torchvision.ops.StochasticDepth (Huang et al. 2016).

    `mode: row` decides for each example, `batch` for all at once. Input and output have one shape.
    """

    name = "stochastic_depth"
    main = "p"
    kind = "regularization"
    abbreviation = "drop path"
    shares_memory = True
    uncounted = ("p",)
    example = "{stochastic_depth: 0.2}"
    example_inputs = ((64, 28, 28),)

    p: Probability
    mode: Literal["row", "batch"] = "row"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module("torchvision.ops.StochasticDepth", (Argument("p", self.p), Argument("mode", self.mode)))
