"""Reductions: whole dimensions become one number."""

from abc import ABC
from typing import Annotated

from archspec.ops.base import Expects, register
from archspec.ops.field_types import Axis, Flag, NonNegativeReal, PositiveReal, Real, plain
from archspec.ops.shapes import Shape
from archspec.ops.whole_tensors import Dims, WholeOp, inside, several, summed_dtype


class Reduction(WholeOp, ABC):
    """One number in place of all along some dimensions."""

    main = "dim"
    kind = "pooling"

    dim: Annotated[Axis | tuple[Axis, ...], Expects("a dimension as torch numbers them, or a list of them")]
    keepdim: Flag = False

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (sizes,) = inputs
        places = several(self.name, "dim", self.dim, sizes)
        kept = [1 if at in places else size for at, size in enumerate(sizes)]
        return (tuple(size for at, size in enumerate(kept) if self.keepdim or at not in places),)

    @property
    def _dims(self) -> str:
        """The dimensions as arguments of a call."""
        dims = list(self.dim) if isinstance(self.dim, tuple) else self.dim
        return f"dim={dims}{', keepdim=True' if self.keepdim else ''}"


@register
class Mean(Reduction):
    """The mean over one or more dimensions: torch.mean.

    `dim` counts as torch does: `[2, 3]` are an image's height and width. Output as the input without these dimensions,
    or with 1 in their place under `keepdim`. Errors: a dimension named twice.
    """

    name = "mean"
    example = "{mean: [2, 3]}"
    example_inputs = ((512, 7, 7),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.mean({self._dims})"


class _Sum(Reduction, ABC):
    """A reduction that counts in whole numbers where it is given no floats."""

    any_dtype = True

    def dtype(self, *inputs: Shape) -> str:
        return summed_dtype(super().dtype(*inputs))


@register
class Sum(_Sum):
    """The sum over one or more dimensions: torch.sum.

    `dim` counts as torch does. Output as the input without these dimensions, or with 1 in their place under `keepdim`;
    of truths or whole numbers an int64. Errors: a dimension named twice, the batch.
    """

    name = "sum"
    example = "{sum: 1}"
    example_inputs = ((16, 32, 32),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.sum({self._dims})"


@register
class Prod(_Sum):
    """The product over one dimension: torch.prod.

    Output as the input without it, or with 1 in its place under `keepdim`; of truths or whole numbers an int64. Errors:
    the batch.
    """

    name = "prod"
    saves_output = True
    example = "{prod: 1}"
    example_inputs = ((16, 32),)

    dim: Axis

    def expression(self, *names: str) -> str:
        return f"{names[0]}.prod({self._dims})"


class _Spread(Reduction, ABC):
    """How far values lie from their mean; `correction` is taken off their number."""

    correction: NonNegativeReal = 1

    def expression(self, *names: str) -> str:
        correction = "" if self.correction == 1 else f", correction={plain(self.correction)}"
        return f"{names[0]}.{self.name}({self._dims}{correction})"


@register
class Std(_Spread):
    """The standard deviation over one or more dimensions: torch.std.

    With `correction: 0` it is divided by the number of values, otherwise by one less. Output as the input without these
    dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named twice, the batch.
    """

    name = "std"
    saves_output = True
    example = "{std: [2, 3]}"
    example_inputs = ((64, 28, 28),)


@register
class Var(_Spread):
    """The variance over one or more dimensions: torch.var.

    With `correction: 0` it is divided by the number of values, otherwise by one less. Output as the input without these
    dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named twice, the batch.
    """

    name = "var"
    example = "{var: [2, 3]}"
    example_inputs = ((64, 28, 28),)


@register
class LogSumExp(Reduction):
    """The logarithm of the sum of exponentials: torch.logsumexp.

    Output as the input without the dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named
    twice, the batch.
    """

    name = "logsumexp"
    saves_output = True
    example = "{logsumexp: -1}"
    example_inputs = ((196, 1000),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.logsumexp({self._dims})"


@register
class VectorNorm(Reduction):
    """The length of the vectors along one or more dimensions: torch.linalg.vector_norm.

    `ord` says in which sense: 2 for Euclid's. `dim` counts as torch does: -1 is the last. Output as the input without
    these dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named twice.
    """

    name = "vector_norm"
    label = "length"
    saves_output = True
    example = "{vector_norm: -1}"
    example_inputs = ((10, 16),)

    ord: Real = 2.0

    def expression(self, *names: str) -> str:
        order = "" if self.ord == 2 else f"ord={self.ord}, "
        return f"torch.linalg.vector_norm({names[0]}, {order}{self._dims})"


@register
class Normalize(WholeOp):
    """Vectors along `dim` divided by their length: torch.nn.functional.normalize.

    `p` says in which sense a length, 2 for Euclid's; one below `eps` counts as `eps`. Input and output have one shape.
    Errors: the batch.
    """

    name = "normalize"
    main = "dim"
    kind = "normalization"
    unlabelled = ("eps",)
    example = "{normalize: -1}"
    example_inputs = ((512,),)

    dim: Axis = 1
    p: Real = 2.0
    eps: PositiveReal = 1e-12

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        inside(self.name, "dim", self.dim, inputs[0])
        return inputs

    def expression(self, *names: str) -> str:
        order = "" if self.p == 2 else f", p={plain(self.p)}"
        least = "" if self.eps == 1e-12 else f", eps={self.eps}"
        return f"F.normalize({names[0]}{order}, dim={self.dim}{least})"
