"""Several values as one."""

from abc import ABC
from collections.abc import Sequence
from typing import ClassVar

from archspec.ops.base import Op, OpError, register
from archspec.ops.field_types import Axis, at_least, axis, differ
from archspec.ops.shapes import Count, Dim, Shape, known, product, shape_text


class _Join(Op, ABC):
    """A join of two or more values."""

    kind = "join"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    example_inputs: ClassVar[tuple[Shape, ...]] = ((64, 56, 56), (64, 56, 56))

    def _refuse(self, first: Shape, other: Shape, place: int, expected: str) -> OpError:
        """The error of input number `place`, counted from 1, that does not go with the first."""
        return OpError(
            "join-shapes",
            f"`{self.name}` cannot join {shape_text(first)} and {shape_text(other)}",
            expected=f"{expected} as input 1, {shape_text(first)}",
            found=f"{shape_text(other)} as input {place}",
        )


def certain(*dims: Dim) -> Dim:
    """Of dimensions that must be equal, one that is a number, if there is one."""
    return next((dim for dim in dims if known(dim)), dims[0])


class _Equal(_Join, ABC):
    """A join, element by element, of values of one shape."""

    symbol: ClassVar[str]
    """Python's operator."""

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        first, *others = inputs
        for place, other in enumerate(others, start=2):
            if len(other) != len(first) or any(map(differ, first, other)):
                raise self._refuse(first, other, place, "the same shape")
        return (tuple(certain(*dims) for dims in zip(*inputs)),)

    def expression(self, *names: str) -> str:
        return f" {self.symbol} ".join(names)


@register
class Add(_Equal):
    """The sum: `a + b` for tensors.

    Inputs and output have one shape; nothing is broadcast. Errors: inputs of different shapes.
    """

    name = "add"
    symbol = "+"
    example = "{add: [conv2, input]}"


@register
class Sub(_Equal):
    """The difference: `a - b` for tensors.

    Inputs and output have one shape; nothing is broadcast. Errors: inputs of different shapes.
    """

    name = "sub"
    symbol = "-"
    inputs = (2, 2)
    example = "{sub: [conv2, input]}"


@register
class Mul(_Join):
    """The product, element by element: `a * b` for tensors.

    The inputs have equally many dimensions; a dimension of size 1 is repeated as often as the others ask, so that a
    gate `[C, 1, 1]` scales `[C, H, W]`. Errors: dimensions that differ where neither is 1.
    """

    name = "mul"
    example = "{mul: [gate, input]}"
    example_inputs = ((64, 1, 1), (64, 56, 56))

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (broadcast(self, *inputs),)

    def expression(self, *names: str) -> str:
        return " * ".join(names)


def broadcast(op: _Join, *shapes: Shape) -> Shape:
    """The common shape of shapes with equally many dimensions, where 1 stands for any size."""
    result = shapes[0]
    for place, shape in enumerate(shapes[1:], start=2):
        if len(shape) != len(result) or any(1 not in pair and differ(*pair) for pair in zip(result, shape)):
            raise op._refuse(shapes[0], shape, place, "the same shape, or 1 in its place,")
        result = tuple(_wider(*pair) for pair in zip(result, shape))
    return result


def _wider(one: Dim, other: Dim) -> Dim:
    return other if one == 1 else one if other == 1 else certain(one, other)


@register
class Concat(_Join):
    """The inputs one after another along `dim`: torch.cat.

    Output as the inputs, with the sum of their sizes at `dim`, which counts as torch does: 1 is the channels. Errors:
    inputs that differ elsewhere.
    """

    name = "concat"
    inputs = (1, None)
    example = "{concat: [branch1, branch2]}"
    example_inputs = ((64, 28, 28), (128, 28, 28))

    dim: Axis = 1

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        first, *others = inputs
        along = axis(self.name, "dim", self.dim, first)
        for place, other in enumerate(others, start=2):
            if len(other) != len(first) or any(map(differ, _without(first, along), _without(other, along))):
                raise self._refuse(first, other, place, f"the same sizes but at dimension {along + 1}")
        sizes = [certain(*dims) for dims in zip(*inputs)]
        sizes[along] = sum(shape[along] for shape in inputs)
        return (tuple(sizes),)

    def expression(self, *names: str) -> str:
        return f"torch.cat([{', '.join(names)}], dim={self.dim})"


def _without(shape: Shape, place: int) -> Shape:
    return (*shape[:place], *shape[place + 1 :])


@register
class Matmul(_Join):
    """The matrix product of the last two dimensions: torch.matmul.

    Inputs `[*, n, k]` and `[*, k, m]`, output `[*, n, m]`; the dimensions before are equal or 1. MACs: output elements
    × k. Errors: inputs that do not fit each other.
    """

    name = "matmul"
    inputs = (2, 2)
    example = "{matmul: [attention, value]}"
    example_inputs = ((12, 196, 196), (12, 196, 64))

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        for shape in inputs:
            at_least(self.name, shape, 2)
        one, other = inputs
        if len(one) != len(other) or differ(one[-1], other[-2]):
            raise self._refuse(one, other, 2, "rows as many as columns")
        return ((*broadcast(self, one[:-2], other[:-2]), one[-2], other[-1]),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return product(outputs[0]) * certain(inputs[0][-1], inputs[1][-2])

    def expression(self, *names: str) -> str:
        return " @ ".join(names)
