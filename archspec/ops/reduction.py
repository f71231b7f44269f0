"""Dimensions summed up in one number."""

from abc import ABC
from typing import Annotated

from archspec.ops.base import Expects, OpError, register
from archspec.ops.field_types import Axis, Flag, Real
from archspec.ops.shapes import Batch
from archspec.ops.whole_tensors import Dims, WholeOp, place


class _Reduction(WholeOp, ABC):
    """One number in place of all along some dimensions."""

    main = "dim"
    kind = "pooling"

    dim: Annotated[Axis | tuple[Axis, ...], Expects("a dimension as torch numbers them, or a list of them")]
    keepdim: Flag = False

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        (sizes,) = inputs
        dims = self.dim if isinstance(self.dim, tuple) else (self.dim,)
        places = {place(self.name, "dim", dim, sizes) for dim in dims}
        if any(type(sizes[at]) is Batch for at in places):
            raise OpError("dim", f"`{self.name}` cannot go over the batch", field="dim", found=str(self.dim))
        if not dims or len(places) != len(dims):
            raise OpError(
                "dims",
                f"`dim` of `{self.name}` must name one or more different dimensions",
                field="dim",
                expected="different dimensions",
                found=str(list(dims)),
            )
        kept = [1 if at in places else size for at, size in enumerate(sizes)]
        return (tuple(size for at, size in enumerate(kept) if self.keepdim or at not in places),)

    @property
    def _dims(self) -> str:
        """The dimensions as arguments of a call."""
        dims = list(self.dim) if isinstance(self.dim, tuple) else self.dim
        return f"dim={dims}{', keepdim=True' if self.keepdim else ''}"


@register
class Mean(_Reduction):
    """The mean over one or more dimensions: torch.mean.

    `dim` counts as torch does: `[2, 3]` are an image's height and width. Output as the input without these dimensions,
    or with 1 in their place under `keepdim`. Errors: a dimension named twice.
    """

    name = "mean"
    example = "{mean: [2, 3]}"
    example_inputs = ((512, 7, 7),)

    def expression(self, *names: str) -> str:
        return f"{names[0]}.mean({self._dims})"


@register
class VectorNorm(_Reduction):
    """The length of the vectors along one or more dimensions: torch.linalg.vector_norm.

    `ord` says in which sense: 2 for Euclid's. `dim` counts as torch does: -1 is the last. Output as the input without
    these dimensions, or with 1 in their place under `keepdim`. Errors: a dimension named twice.
    """

    name = "vector_norm"
    saves_output = True
    example = "{vector_norm: -1}"
    example_inputs = ((10, 16),)

    ord: Real = 2.0

    def expression(self, *names: str) -> str:
        order = "" if self.ord == 2 else f"ord={self.ord}, "
        return f"torch.linalg.vector_norm({names[0]}, {order}{self._dims})"
