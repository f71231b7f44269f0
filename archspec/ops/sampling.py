"""Windows as columns, and values read at places that are themselves values."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from archspec.language.plural import plural
from archspec.ops.base import Expects, Module, Op, OpError, register
from archspec.ops.field_types import (
    Flag,
    NaturalPerDim,
    Positive,
    PositivePerDim,
    channels,
    differ,
    divisible,
    fitting,
    spatial_rank,
    window,
)
from archspec.ops.shapes import Dim, Shape, product, shape_text


class _Columns(Op):
    """Windows of a map, each as a column."""

    main = "kernel_size"
    kind = "shape"
    per_dimension = ("kernel_size", "stride", "padding", "dilation")

    kernel_size: PositivePerDim
    dilation: PositivePerDim = 1
    padding: NaturalPerDim = 0
    stride: PositivePerDim = 1

    def places(self, sizes: Sequence[Dim]) -> Dim:
        """How many windows stand in a map."""
        fields = ("kernel_size", "stride", "padding", "dilation")
        settings = zip(*(fitting(self.name, field, getattr(self, field), 2) for field in fields))
        return product(window(self.name, size, *each) for size, each in zip(sizes, settings))

    @property
    def _kernel(self) -> int:
        height, width = fitting(self.name, "kernel_size", self.kernel_size, 2)
        return height * width


@register
class Unfold(_Columns):
    """Each window of a map as a column: torch.nn.Unfold, also called im2col.

    Input `[C, H, W]`, output `[C·kernel, places]`, windows standing as those of a convolution. Errors: another rank, a
    kernel larger than the padded input.
    """

    name = "unfold"
    example = "{unfold: 3, padding: 1}"
    example_inputs = ((64, 28, 28),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        spatial_rank(self.name, shape, (2,))
        return ((shape[0] * self._kernel, self.places(shape[1:])),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.Unfold", self.settings())


@register
class Fold(_Columns):
    """Columns put back as windows of a map, those that overlap added up: torch.nn.Fold, also called col2im.

    Input `[C·kernel, places]`, output `[C, *output_size]`. Errors: columns that a kernel does not divide, another
    number of places than the windows have.
    """

    name = "fold"
    main = "output_size"
    example = "{fold: [28, 28], kernel_size: 3, padding: 1}"
    example_inputs = ((576, 784),)

    output_size: Annotated[
        Positive | tuple[Positive, ...], Expects("a whole number from 1, or a list with one for each spatial dimension")
    ]

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if len(shape) != 2:
            raise OpError(
                "rank",
                f"`fold` cannot take an input of shape {shape_text(shape) or '()'}",
                expected="columns and places, 2 dimensions in all",
                found=plural(len(shape), "dimension"),
            )
        divisible("columns", channels(self.name, shape), "kernel_size", self._kernel)
        sizes = fitting(self.name, "output_size", self.output_size, 2)
        places = self.places(sizes)
        if differ(places, shape[1]):
            raise OpError(
                "window",
                f"`fold` has {places} windows in {shape_text(sizes)}, and its input {shape[1]}",
                field="output_size",
                expected=f"sizes with {shape[1]} windows",
                found=str(self.output_size),
            )
        return ((shape[0] // self._kernel, *sizes),)

    def module(self, *inputs: Shape) -> Module:
        size, *others = sorted(self.settings(), key=lambda argument: argument.name != "output_size")
        return Module("nn.Fold", (size, *others))


@register
class GridSample(Op):
    """A map read at places of a grid: torch.nn.functional.grid_sample (Jaderberg et al. 2015).

    Inputs `[C, *sizes]` and a grid `[*sizes', 2]`, or 3 for volumes, of places from -1 to 1, x first; output `[C,
    *sizes']`. Errors: a grid of another rank, `bicubic` of a volume.
    """

    name = "grid_sample"
    main = "mode"
    kind = "shape"
    unlabelled = ("padding_mode",)
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    example = "{grid_sample: bilinear, align_corners: false, from: [features, grid]}"
    example_inputs = ((64, 28, 28), (14, 14, 2))

    mode: Literal["bilinear", "nearest", "bicubic"] = "bilinear"
    padding_mode: Literal["zeros", "border", "reflection"] = "zeros"
    align_corners: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, grid = inputs
        rank = spatial_rank(self.name, shape, (2,) if self.mode == "bicubic" else (2, 3))
        if len(grid) != rank + 1 or differ(grid[-1], rank):
            raise OpError(
                "grid",
                f"`grid_sample` cannot read {shape_text(shape)} at {shape_text(grid)}",
                expected=f"a grid of {rank} sizes and {rank} coordinates",
            )
        return ((shape[0], *grid[:-1]),)

    def expression(self, *names: str) -> str:
        more = "" if self.mode == "bilinear" else f', mode="{self.mode}"'
        more += "" if self.padding_mode == "zeros" else f', padding_mode="{self.padding_mode}"'
        return f"F.grid_sample({', '.join(names)}{more}, align_corners={self.align_corners})"


@register
class AffineGrid(Op):
    """The grid of an affine map, for `grid_sample`: torch.nn.functional.affine_grid (Jaderberg et al. 2015).

    Inputs: `[2, 3]` (`[3, 4]` for volumes), and a value `[C, *sizes]` that has the size wanted; output `[*sizes, 2]`.
    Errors: a matrix of another size.
    """

    name = "affine_grid"
    kind = "shape"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    sized_by = (1,)
    example = "{affine_grid: , align_corners: false, from: [theta, features]}"
    example_inputs = ((2, 3), (64, 28, 28))

    align_corners: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        theta, like = inputs
        rank = spatial_rank(self.name, like, (2, 3))
        if len(theta) != 2 or differ(theta[0], rank) or differ(theta[1], rank + 1):
            raise OpError(
                "grid",
                f"`affine_grid` cannot take {shape_text(theta) or '()'} for {shape_text(like)}",
                expected=f"a matrix of {rank}×{rank + 1} for each example",
            )
        return ((*like[1:], rank),)

    def expression(self, *names: str) -> str:
        theta, like = names
        return f"F.affine_grid({theta}, {like}.shape, align_corners={self.align_corners})"
