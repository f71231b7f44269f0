"""Joins: several values become one."""

from abc import ABC
from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import ClassVar

from archspec.ops.arithmetic import join_error, promoted
from archspec.ops.base import OpError, register
from archspec.ops.field_types import Axis, certain, differ
from archspec.ops.shapes import Batch, Count, Shape, dtype_of, per_example, product, whole
from archspec.ops.whole_tensors import Dims, WholeOp, broadcast, place


class _Join(WholeOp, ABC):
    """A join of two or more values."""

    kind = "join"
    inputs: ClassVar[tuple[int, int | None]] = (2, None)
    example_inputs: ClassVar[tuple[Shape, ...]] = ((64, 56, 56), (64, 56, 56))


class _Gathered(_Join, ABC):
    """Values of any kind beside each other along `dim`; one without a batch is given to each example."""

    any_dtype = True
    inputs = (1, None)
    torch_function: ClassVar[str]

    dim: Axis = 1

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return promoted(*map(dtype_of, inputs))

    def given(self, dims: Dims, inputs: Sequence[Dims]) -> Dims:
        """An input as it is joined: one without a batch stands in each example."""
        batch = _batch(inputs)
        if batch is None or any(type(dim) is Batch for dim in dims):
            return dims
        rank = max(map(len, inputs))
        if len(dims) == rank and dims[:1] == (1,):
            return (batch, *dims[1:])
        return (batch, *dims) if len(dims) == rank - 1 else dims

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        inputs = [*map(whole, shapes)]
        holder = next((name for name, dims in zip(names, inputs) if dims and type(dims[0]) is Batch), None)
        texts = []
        for name, dims in zip(names, inputs):
            given = self.given(dims, inputs)
            rest = ", ".join(["-1"] * (len(given) - 1))
            texts.append(name if given == dims else f"{name}.expand({holder}.shape[0], {rest})")
        return f"{self.torch_function}([{', '.join(texts)}], dim={self.dim})"


@register
class Concat(_Gathered):
    """The inputs one after another along `dim`: torch.cat.

    Output as the inputs, with the sum of their sizes at `dim`, which counts as torch does: 1 is the channels. A value
    without a batch is given to each example. Errors: inputs that differ elsewhere.
    """

    name = "concat"
    sign = "∥"
    accumulates = True
    torch_function = "torch.cat"
    example = "{concat: [branch1, branch2]}"
    example_inputs = ((64, 28, 28), (128, 28, 28))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        first, *others = given = [self.given(dims, inputs) for dims in inputs]
        along = place(self.name, "dim", self.dim, first)
        for number, other in enumerate(others, start=2):
            if len(other) != len(first) or any(map(differ, _without(first, along), _without(other, along))):
                raise join_error(self.name, first, other, number, f"the same sizes but at dimension {along}")
        sizes = [certain(*dims) for dims in zip(*given)]
        along_it = [dims[along] for dims in given]
        if len({type(size) is Batch for size in along_it}) > 1:
            raise OpError("dim", f"`{self.name}` cannot join values with and without a batch along it", field="dim")
        sizes[along] = reduce(add, along_it)
        return (tuple(sizes),)


@register
class Stack(_Gathered):
    """The inputs beside each other along a new dimension `dim`: torch.stack.

    Output as the inputs, with their number at `dim`, which counts as torch does: 0 is in front of the batch. A value
    without a batch is given to each example. Errors: inputs of unlike sizes.
    """

    name = "stack"
    torch_function = "torch.stack"
    example = "{stack: [one, other]}"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        first, *others = given = [self.given(dims, inputs) for dims in inputs]
        along = place(self.name, "dim", self.dim, (*first, 1))
        for number, other in enumerate(others, start=2):
            if len(other) != len(first) or any(map(differ, first, other)):
                raise join_error(self.name, first, other, number, "the same sizes")
        sizes = [certain(*dims) for dims in zip(*given)]
        return ((*sizes[:along], len(inputs), *sizes[along:]),)


def _batch(inputs: Sequence[Dims]) -> Batch | None:
    """The batch that stands first in some of the inputs; `None` where there is none."""
    return next((dims[0] for dims in inputs if dims and type(dims[0]) is Batch), None)


def _without(dims: Dims, place: int) -> Dims:
    return (*dims[:place], *dims[place + 1 :])


@register
class Matmul(_Join):
    """The matrix product of the last two dimensions: torch.matmul.

    Inputs `[*, n, k]` and `[*, k, m]`, output `[*, n, m]`; the dimensions before are broadcast. MACs: output elements
    × k. Errors: inputs that do not fit each other.
    """

    name = "matmul"
    inputs = (2, 2)
    symbol: ClassVar[str] = "@"
    binding: ClassVar[int] = 2
    example = "{matmul: [attention, value]}"
    example_inputs = ((12, 196, 196), (12, 196, 64))

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        one, other = inputs
        for dims in inputs:
            if len(dims) < 2:
                raise OpError("rank", "`matmul` takes matrices", expected="at least 2 dimensions")
        common = broadcast(one[:-2], other[:-2])
        if common is None or differ(one[-1], other[-2]):
            raise join_error(self.name, one, other, 2, "rows as many as columns")
        return ((*common, one[-2], other[-1]),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        one, other = map(whole, inputs)
        return per_example(product(whole(outputs[0])) * certain(one[-1], other[-2]))

    def expression(self, *names: str) -> str:
        return " @ ".join(names)
