"""More or fewer positions, and elements moved between channels and positions."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import (
    Flag,
    Positive,
    PositivePerDim,
    PositiveReal,
    at_least,
    below,
    divisible,
    fitting,
    spatial_rank,
)
from archspec.ops.shapes import Dim, Shape, scaled, shape_text
from archspec.ops.value_text import value_text

Size = Annotated[PositivePerDim | None, Expects("a whole number from 1, or a list with one for each spatial dimension")]
ScaleFactor = Annotated[
    PositiveReal | tuple[PositiveReal, ...] | None,
    Expects("a number above 0, or a list with one for each spatial dimension"),
]
AlignCorners = Annotated[bool | None, Expects("true or false")]

Mode = Literal["nearest", "nearest-exact", "linear", "bilinear", "bicubic", "trilinear", "area"]
RANKS = {
    "nearest": (1, 2, 3),
    "nearest-exact": (1, 2, 3),
    "linear": (1,),
    "bilinear": (2,),
    "bicubic": (2,),
    "trilinear": (3,),
    "area": (1, 2, 3),
}
"""The numbers of spatial dimensions that each mode takes."""


def check_mode(op: str, mode: str, align_corners: bool | None, antialias: bool) -> None:
    """An error where a mode does not know `align_corners` or `antialias`."""
    if mode in ("nearest", "nearest-exact", "area") and align_corners is not None:
        message = f"`align_corners` has no meaning in the mode `{mode}`"
        raise OpError("align-corners", message, field="align_corners", expected="another mode")
    if antialias and mode not in ("bilinear", "bicubic"):
        message = f"`antialias` of `{op}` has no meaning in the mode `{mode}`"
        raise OpError("antialias", message, field="antialias", expected="the mode `bilinear` or `bicubic`")


def interpolation(mode: str, align_corners: bool | None, antialias: bool) -> str:
    """How is interpolated, as arguments of torch.nn.functional.interpolate."""
    corners = "" if align_corners is None else f", align_corners={align_corners}"
    return f', mode="{mode}"{corners}{", antialias=True" if antialias else ""}'


def _by(mode: str) -> str:
    """The rule of interpolation in front of a name; the nearest value is what one expects."""
    return "" if mode == "nearest" else f"{mode} "


@register
class Upsample(Op):
    """Interpolation to a `size` or by a `scale_factor`: torch.nn.Upsample.

    Input `[C, *sizes]`, output `[C, *size]` or `[C, *sizes']` with each size `floor(size·scale_factor)`. `antialias`,
    where it becomes smaller, is torch.nn.functional.interpolate's. Errors: both or neither of the two, a mode for
    another number of spatial dimensions, `align_corners` or `antialias` in a mode that does not know it.
    """

    name = "upsample"
    main = "scale_factor"
    kind = "shape"
    unlabelled = ("mode", "scale_factor", "size", "align_corners")
    per_dimension = ("scale_factor", "size")
    example = "{upsample: 2, mode: bilinear, align_corners: false}"
    example_inputs = ((64, 14, 14),)

    scale_factor: ScaleFactor = None
    size: Size = None
    mode: Mode = "nearest"
    align_corners: AlignCorners = None
    antialias: Flag = False

    def headline(self, values: Mapping[str, Any], inputs: int) -> str:
        """By what rule it enlarges, and by how much or to what size."""
        factor, size = values["scale_factor"], values["size"]
        to = f" to {value_text(size)}" if size is not None else f" ×{value_text(factor)}" if factor is not None else ""
        return f"{_by(values['mode'])}{self.called()}{to}"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(f"upsample` in the mode `{self.mode}", shape, RANKS[self.mode])
        check_mode(self.name, self.mode, self.align_corners, self.antialias)
        if (self.size is None) == (self.scale_factor is None):
            message = "`upsample` takes either `size` or `scale_factor`"
            raise OpError("size", message, expected="one of the two", found="none" if self.size is None else "both")
        if self.size is not None:
            return ((shape[0], *fitting(self.name, "size", self.size, rank)),)
        factor = self.scale_factor if isinstance(self.scale_factor, tuple) else (self.scale_factor,) * rank
        if len(factor) != rank:
            raise OpError(
                "rank",
                f"`scale_factor` has {len(factor)} values for {rank} spatial dimensions",
                field="scale_factor",
                expected=f"one number, or a list of {rank}",
                found=str(list(factor)),
            )
        return ((shape[0], *(self._scaled(size, each or 1.0) for size, each in zip(shape[1:], factor))),)

    def module(self, *inputs: Shape) -> Module | None:
        if self.antialias:
            return None
        given = (each for each in self.settings() if each.value is not None and each.name != "antialias")
        return Module("nn.Upsample", tuple(given))

    def expression(self, *names: str) -> str:
        wanted = ((field, getattr(self, field)) for field in ("size", "scale_factor"))
        texts = (
            f"{field}={list(value) if isinstance(value, tuple) else value}"
            for field, value in wanted
            if value is not None
        )
        how = interpolation(self.mode, self.align_corners, self.antialias)
        return f"F.interpolate({', '.join((names[0], *texts))}{how})"

    def _scaled(self, size: Dim, factor: float) -> Dim:
        result = scaled(size, factor)
        if below(result, 1):
            message = f"`scale_factor` (={factor}) leaves nothing of a size of {size}"
            raise OpError("size", message, field="scale_factor", expected="a larger one", found=str(factor))
        return result


@register
class UpsampleLike(Op):
    """Interpolation to the size of another value: torch.nn.functional.interpolate.

    Inputs: what is interpolated, `[C, *sizes]`, and a value `[C', *sizes']` that has the size wanted, as on the
    top-down path of a feature pyramid. Output `[C, *sizes']`. Errors: a mode for another number of spatial dimensions.
    """

    name = "upsample_like"
    main = "mode"
    kind = "shape"
    label = "upsample to match"
    unlabelled = ("mode", "align_corners")
    inputs = (2, 2)
    sized_by = (1,)
    example = "{upsample_like: nearest, from: [coarse, fine]}"
    example_inputs = ((64, 7, 7), (32, 13, 13))

    mode: Mode = "nearest"
    align_corners: AlignCorners = None
    antialias: Flag = False

    def headline(self, values: Mapping[str, Any], inputs: int) -> str:
        """By what rule it enlarges."""
        return f"{_by(values['mode'])}{self.called()}"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, like = inputs
        check_mode(self.name, self.mode, self.align_corners, self.antialias)
        rank = spatial_rank(f"upsample_like` in the mode `{self.mode}", shape, RANKS[self.mode])
        if len(like) != rank + 1:
            raise OpError(
                "rank",
                f"`upsample_like` cannot give {shape_text(shape)} the size of {shape_text(like)}",
                expected="two values with equally many spatial dimensions",
            )
        return ((shape[0], *like[1:]),)

    def expression(self, *names: str) -> str:
        value, like = names
        how = interpolation(self.mode, self.align_corners, self.antialias)
        return f"F.interpolate({value}, size={like}.shape[2:]{how})"


@register
class PixelShuffle(Op):
    """Channels spread over finer positions: torch.nn.PixelShuffle (Shi et al. 2016).

    Input `[C·r², H, W]`, output `[C, H·r, W·r]` for `upscale_factor` r. Errors: channels that r² does not divide.
    """

    name = "pixel_shuffle"
    main = "upscale_factor"
    kind = "shape"
    example = "{pixel_shuffle: 2}"
    example_inputs = ((64, 14, 14),)

    upscale_factor: Positive

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        spatial_rank(self.name, shape, (2,))
        factor = self.upscale_factor
        if not possible(divisible_by(shape[0], factor**2)):
            raise OpError(
                "channels",
                f"the channels (={shape[0]}) must be divisible by the square of `upscale_factor` (={factor})",
                field="upscale_factor",
                expected=f"a number whose square divides {shape[0]}",
                found=str(factor),
            )
        return ((shape[0] // factor**2, shape[1] * factor, shape[2] * factor),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.PixelShuffle", self.settings())


@register
class PixelUnshuffle(Op):
    """Positions gathered into channels: torch.nn.PixelUnshuffle.

    Input `[C, H·r, W·r]`, output `[C·r², H, W]` for `downscale_factor` r. Errors: sizes that r does not divide.
    """

    name = "pixel_unshuffle"
    main = "downscale_factor"
    kind = "shape"
    example = "{pixel_unshuffle: 2}"
    example_inputs = ((16, 28, 28),)

    downscale_factor: Positive

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        spatial_rank(self.name, shape, (2,))
        factor = self.downscale_factor
        for name, size in zip(("height", "width"), shape[1:]):
            divisible(name, size, "downscale_factor", factor)
        return ((shape[0] * factor**2, shape[1] // factor, shape[2] // factor),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.PixelUnshuffle", self.settings())


@register
class ChannelShuffle(Op):
    """Channels of `groups` groups interleaved: torch.nn.ChannelShuffle (Zhang et al. 2018).

    Input and output `[C, *sizes]`. Errors: groups that do not divide C, an input without positions.
    """

    name = "channel_shuffle"
    main = "groups"
    kind = "shape"
    example = "{channel_shuffle: 2}"
    example_inputs = ((116, 28, 28),)

    groups: Positive

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        at_least(self.name, shape, 2)
        divisible("channels", shape[0], "groups", self.groups)
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.ChannelShuffle", (Argument("groups", self.groups),))
