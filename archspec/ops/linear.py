"""Fully connected layers."""

from collections.abc import Sequence

from archspec.ops.base import Argument, Module, Op, register
from archspec.ops.field_types import Flag, Positive, at_least, number
from archspec.ops.shapes import Count, Shape, product


@register
class Linear(Op):
    """Affine map of the last dimension: torch.nn.Linear.

    Input `[*, in_features]`, output `[*, out_features]`. MACs: output elements × in_features. Errors: an input without
    dimensions. An image is not flattened first: write `flatten` before it where its paper does.
    """

    name = "linear"
    main = "out_features"
    kind = "linear"
    label = "fc"
    features_last = True
    weighted = True
    example = "{linear: 1000}"
    example_inputs = ((512,),)

    out_features: Positive
    bias: Flag = True

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        self._in_features(shape)
        return ((*shape[:-1], self.out_features),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"weight": (self.out_features, self._in_features(*inputs))}
        return weights | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return product(inputs[0]) * self.out_features

    def module(self, *inputs: Shape) -> Module:
        incoming = Argument("in_features", self._in_features(*inputs), positional=True)
        outgoing = Argument("out_features", self.out_features, positional=True)
        return Module("nn.Linear", (incoming, outgoing, Argument("bias", self.bias, True)))

    def _in_features(self, shape: Shape) -> int:
        at_least(self.name, shape, 1)
        return number(self.name, shape[-1], "the last dimension")
