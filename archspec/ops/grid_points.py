"""The coordinates of the positions of feature maps."""

from typing import Annotated, ClassVar

from archspec.ops.base import MODULES, Expects, Module, OpError, register
from archspec.ops.field_types import PositiveReal, Real
from archspec.ops.shapes import Batch, Shape, product, shape_of, shape_text
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class GridPoints(WholeOp):
    """The places of one or more maps, one after another, as detectors decode boxes from: no torch class.

    Inputs: maps `[*, h, w]`, of which the sizes are taken. Outputs without a batch: `points` `[2, places]`, the column
    and the row of each place in its map's own units, `offset` more than the numbers from 0, and `strides`
    `[1, places]`, for each place that of its map: points times strides are pixels. Errors: another number of maps than
    of strides.
    """

    name = "grid_points"
    main = "strides"
    kind = "detection"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    sized_by = tuple(range(16))
    outputs = ("points", "strides")
    saves_output = True
    example = "{grid_points: [8, 16], from: [fine, coarse]}"
    example_inputs = ((64, 8, 12), (128, 4, 6))

    strides: Annotated[tuple[PositiveReal, ...], Expects("a list of numbers above 0, one for each map")]
    offset: Real = 0.5

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if len(inputs) != len(self.strides):
            raise OpError(
                "inputs",
                f"`grid_points` has {len(self.strides)} strides for {len(inputs)} maps",
                field="strides",
                expected="a stride for each map",
                found=str(len(self.strides)),
            )
        for dims in inputs:
            if len(dims) < 2 or any(type(dim) is Batch for dim in dims[-2:]):
                text = shape_text(shape_of(dims)) or "()"
                raise OpError("rank", f"`grid_points` cannot take {text}", expected="a map of height and width")
        places = sum(product(dims[-2:]) for dims in inputs)
        return ((2, places), (1, places))

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.grid_points.GridPoints", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        return (f"[{', '.join(names)}]",)
