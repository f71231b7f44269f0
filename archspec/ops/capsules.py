"""Capsules: vectors whose length says that something is there and whose direction how (Sabour et al. 2017)."""

from collections.abc import Sequence
from typing import ClassVar

from archspec.language.plural import plural
from archspec.ops.base import MODULES, Argument, Module, Op, OpError, register
from archspec.ops.field_types import Axis, Positive, axis, number, whole_numbers
from archspec.ops.shapes import Count, Shape, is_plain, shape_text


def capsules(op: str, shape: Shape) -> None:
    """An error where an input is not a tensor of capsules."""
    if len(shape) != 2 or not is_plain(shape):
        raise OpError(
            "rank",
            f"`{op}` cannot take an input of shape {shape_text(shape) or '()'}",
            expected="capsules and their features, 2 dimensions in all",
            found=plural(len(shape), "dimension") if is_plain(shape) else shape_text(shape),
        )


@register
class Squash(Op):
    """Shrinks short vectors to almost 0 and long ones to just below 1: no torch class (Sabour et al. 2017, equation 1).

    `v = s · |s|² / (1 + |s|²) / |s|` along `dim`; the zero vector stays, with a gradient of 0. Input and output have
    one shape. Errors: a `dim` that is the batch.
    """

    name = "squash"
    label = "Squash"
    kind = "activation"
    example = "squash"
    example_inputs = ((1152, 8),)

    dim: Axis = -1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        axis(self.name, "dim", self.dim, inputs[0])
        return inputs

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.capsules.Squash", self.settings())


@register
class CapsuleRouting(Op):
    """Dynamic routing by agreement: no torch class (Sabour et al. 2017, procedure 1).

    Input `[in_capsules, in_features]`, output `[out_capsules, out_features]`, squashed. Each input capsule predicts
    each output capsule by a matrix of its own, and the softmax over the output capsules of what the routing logits say
    weighs the predictions; the logits start at 0 and grow by the predictions' scalar products with the outputs,
    `iterations` - 1 times.

    The gradient goes through all iterations, as the procedure and its authors' implementation have it; many others stop
    it before the last. MACs: in_capsules × out_capsules × out_features × (in_features + 2·iterations - 1), for the
    predictions, each weighted sum and each round of scalar products.
    """

    name = "capsule_routing"
    main = "out_capsules"
    kind = "linear"
    label = "routed capsules"
    field_labels = {"out_features": "{}D", "iterations": "{} iterations"}
    weighted = True
    example = "{capsule_routing: 10, out_features: 16}"
    example_inputs = ((1152, 8),)

    out_capsules: Positive
    out_features: Positive
    iterations: Positive = 3

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        self._incoming(*inputs)
        return ((self.out_capsules, self.out_features),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"weight": (self.out_capsules, *self._incoming(*inputs), self.out_features)}

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        in_capsules, in_features = self._incoming(*inputs)
        votes = in_capsules * self.out_capsules * self.out_features
        return votes * (in_features + 2 * self.iterations - 1)

    def module(self, *inputs: Shape) -> Module:
        in_capsules, in_features = self._incoming(*inputs)
        sizes = {"in_capsules": in_capsules, "in_features": in_features}
        sizes |= {"out_capsules": self.out_capsules, "out_features": self.out_features}
        arguments = (Argument(name, value, positional=True) for name, value in sizes.items())
        iterations = Argument("iterations", self.iterations, 3)
        return Module(f"{MODULES}.capsules.CapsuleRouting", (*arguments, iterations))

    def _incoming(self, shape: Shape) -> tuple[int, int]:
        capsules(self.name, shape)
        return number(self.name, shape[0], "the capsules"), number(self.name, shape[1], "the features")


@register
class CapsuleMask(Op):
    """Keeps one capsule and sets the others to 0: no torch class (Sabour et al. 2017, section 4.1).

    Input `[capsules, features]`, and if you like the label, `[]` of int64, which may be left out. In training the
    labelled capsule is kept; in evaluation, and without a label, the longest. Output as the input. Errors: a label that
    is not one whole number for each example.
    """

    name = "capsule_mask"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    takes = "anything"
    example = "capsule_mask"
    example_inputs = ((10, 16),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, *labels = inputs
        capsules(self.name, shape)
        for label in labels:
            whole_numbers(self.name, label, "the label", sizes="[]", optional=True)
            if label:
                raise OpError(
                    "rank",
                    f"the label of `{self.name}` cannot have the shape {shape_text(label)}",
                    expected="one whole number for each example, 0 dimensions",
                    found=plural(len(label), "dimension"),
                )
        return (shape,)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.capsules.CapsuleMask")
