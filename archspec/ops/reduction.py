"""Dimensions summed up in one number."""

from typing import Annotated

from archspec.ops.base import Expects, Op, OpError, register
from archspec.ops.fields import Axis, Flag, axis
from archspec.shapes import Shape


@register
class Mean(Op):
    """The mean over one or more dimensions: torch.mean.

    `dim` counts as torch does: `[2, 3]` are an image's height and width. Output as the input without these dimensions,
    or with 1 in their place under `keepdim`. Errors: the batch, a dimension named twice.
    """

    name = "mean"
    main = "dim"
    kind = "pooling"
    example = "{mean: [2, 3]}"
    example_inputs = ((512, 7, 7),)

    dim: Annotated[Axis | tuple[Axis, ...], Expects("a dimension as torch numbers them, or a list of them")]
    keepdim: Flag = False

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        places = {axis(self.name, "dim", dim, shape) for dim in dims}
        if not dims or len(places) != len(dims):
            raise OpError(
                "dims",
                "`dim` of `mean` must name one or more different dimensions",
                field="dim",
                expected="different dimensions",
                found=str(list(dims)),
            )
        sizes = ((1 if place in places else size) for place, size in enumerate(shape))
        return (tuple(size for place, size in enumerate(sizes) if self.keepdim or place not in places),)

    def expression(self, *names: str) -> str:
        dims = list(self.dim) if isinstance(self.dim, tuple) else self.dim
        return f"{names[0]}.mean({dims}{', keepdim=True' if self.keepdim else ''})"
