"""Radial basis functions."""

from typing import Annotated

from archspec.language.plural import plural
from archspec.ops.base import MODULES, Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Real, at_least, number
from archspec.ops.shapes import Shape


@register
class Rbf(Op):
    """Euclidean radial basis functions with fixed centers: no torch class.

    Output o is the sum over i of `(x_i - centers[o][i])²`, as in LeNet-5 (LeCun et al. 1998, equation 7). Input
    `[*, in_features]`, output `[*, len(centers)]`. The centers are a buffer, not parameters. Errors: a center whose
    length is not the input's last dimension.
    """

    name = "rbf"
    label = "RBF"
    main = "centers"
    kind = "linear"
    example = "{rbf: [[-1, 1, 1, -1], [1, -1, -1, 1]]}"
    example_inputs = ((4,),)

    centers: Annotated[tuple[tuple[Real, ...], ...], Expects("a list of centers, each a list of numbers")]

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        at_least(self.name, shape, 1)
        size = number(self.name, shape[-1], "the last dimension")
        if not self.centers:
            raise OpError("centers", "`rbf` has no centers", field="centers", expected="one or more")
        for place, center in enumerate(self.centers):
            if len(center) != size:
                raise OpError(
                    "centers",
                    f"center {place} of `rbf` has {plural(len(center), 'number')} for an input of {size}",
                    field="centers",
                    expected=f"{size} numbers",
                    found=str(len(center)),
                )
        return ((*shape[:-1], len(self.centers)),)

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        return {"centers": (len(self.centers), len(self.centers[0]))}

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.radial.RBF", (Argument("centers", self.centers),))
