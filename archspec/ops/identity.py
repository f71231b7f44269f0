"""The op that does nothing."""

from archspec.ops.base import Module, Op, register
from archspec.ops.shapes import Shape


@register
class Identity(Op):
    """The input itself: torch.nn.Identity. Input and output have one shape."""

    name = "identity"
    kind = "other"
    shares_memory = True
    prepares = True
    example = "identity"
    example_inputs = ((64, 56, 56),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.Identity")
