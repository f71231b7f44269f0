"""Conversion to another dtype."""

from typing import Literal

from archspec.ops.base import register
from archspec.ops.shapes import Shape
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class To(WholeOp):
    """The same values as another dtype: torch.Tensor.to.

    Input and output have one shape. Of floats whole numbers keep what is before the point, and truths are all but 0.
    """

    name = "to"
    main = "type"
    kind = "other"
    any_dtype = True
    shares_memory = True
    example = "{to: float32}"
    example_inputs = ((20,),)

    type: Literal["float32", "int64", "int32", "bool", "uint8"]

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return self.type

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.to(torch.{self.type})"
