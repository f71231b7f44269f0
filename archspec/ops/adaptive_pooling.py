"""Pooling to a size that is given, whatever size arrives; the rank (1, 2 or 3) comes from the data."""

from typing import Annotated, ClassVar

from archspec.ops.base import Expects, Module, Op, OpError, register
from archspec.ops.field_types import Positive, spatial_rank
from archspec.ops.shapes import Shape

OutputSize = Annotated[
    Positive | tuple[Positive | None, ...],
    Expects("a whole number from 1, or a list with one for each spatial dimension, null to keep its size"),
]


class _AdaptivePool(Op):
    """An adaptive pool chooses its windows so that the output has the wanted size."""

    kind = "pooling"
    main = "output_size"
    per_dimension = ("output_size",)
    title: ClassVar[str]
    """The torch class without its rank."""

    output_size: OutputSize

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        rank = spatial_rank(self.name, shape)
        wanted = self.output_size if isinstance(self.output_size, tuple) else (self.output_size,) * rank
        if len(wanted) != rank or (rank == 1 and None in wanted):
            one = "a whole number" if rank == 1 else f"one whole number, or a list of {rank}"
            raise OpError(
                "rank",
                f"`output_size` of `{self.name}` does not fit an input with {rank} spatial dimensions",
                field="output_size",
                expected=one,
                found=str(self.output_size),
            )
        return ((shape[0], *(kept if size is None else size for size, kept in zip(wanted, shape[1:]))),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"nn.{self.title}{len(inputs[0]) - 1}d", self.settings())


@register
class AdaptiveAvgPool(_AdaptivePool):
    """Mean pooling to a given size: torch.nn.AdaptiveAvgPool1d, AdaptiveAvgPool2d or AdaptiveAvgPool3d.

    Input `[C, *sizes]`, output `[C, *output_size]`; an entry null keeps its size. `{adaptive_avg_pool: 1}` is global
    average pooling.
    """

    name = "adaptive_avg_pool"
    title = "AdaptiveAvgPool"
    example = "{adaptive_avg_pool: 1}"
    example_inputs = ((512, 7, 7),)


@register
class AdaptiveMaxPool(_AdaptivePool):
    """Maximum pooling to a given size: torch.nn.AdaptiveMaxPool1d, AdaptiveMaxPool2d or AdaptiveMaxPool3d.

    Input `[C, *sizes]`, output `[C, *output_size]`; an entry null keeps its size.
    """

    name = "adaptive_max_pool"
    title = "AdaptiveMaxPool"
    example = "{adaptive_max_pool: [7, 7]}"
    example_inputs = ((512, 14, 14),)
