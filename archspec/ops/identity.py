"""The ops that give what they take."""

from archspec.ops.base import Module, register
from archspec.ops.shapes import Shape
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class Identity(WholeOp):
    """The input itself, a tensor of any kind: torch.nn.Identity. Input and output have one shape."""

    name = "identity"
    kind = "other"
    any_dtype = True
    shares_memory = True
    keeps_order = True
    prepares = True
    example = "identity"
    example_inputs = ((64, 56, 56),)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.Identity")


@register
class Detach(WholeOp):
    """The input itself, through which no gradient passes: torch.Tensor.detach. Input and output have one shape."""

    name = "detach"
    kind = "other"
    any_dtype = True
    shares_memory = True
    example = "detach"
    example_inputs = ((64, 56, 56),)

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return inputs

    def expression(self, *names: str) -> str:
        return f"{names[0]}.detach()"
