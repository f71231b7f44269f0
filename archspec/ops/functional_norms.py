"""Norms whose factors are values: they are computed by other nodes, and the norm holds none itself."""

from abc import ABC
from collections.abc import Sequence
from typing import Annotated, ClassVar

from archspec.ops.base import Expects, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import Positive, PositiveReal, differ
from archspec.ops.functional import Functional, held
from archspec.ops.shapes import Batch, Shape
from archspec.ops.whole_tensors import Dims


class _FunctionalNorm(Functional, ABC):
    """A norm with given factors and shifts, or without any; it gives back the shape it takes."""

    kind = "normalization"
    unlabelled: ClassVar[tuple[str, ...]] = ("eps",)
    inputs: ClassVar[tuple[int, int | None]] = (1, 3)

    eps: PositiveReal = 1e-5

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        size = self._normalized(inputs)
        for number, factors in enumerate(inputs[1:], start=2):
            if len(factors) != len(size) or any(map(differ, factors, size)):
                raise self.misfit(inputs, f"a {'factor' if number == 2 else 'shift'} for each channel", number)
        return inputs[:1]

    def _normalized(self, inputs: Sequence[Dims]) -> Dims:
        """The sizes of the factors."""
        if len(inputs[0]) < 2 or type(inputs[0][1]) is Batch:
            raise OpError("rank", f"`{self.name}` needs channels as the second dimension")
        return inputs[0][1:2]


@register
class FunctionalBatchNorm(_FunctionalNorm):
    """Normalisation by the mean and variance that a value has itself, over all dimensions but the second.

    torch.nn.functional.batch_norm in training mode, without running statistics: Brock et al. (2021) give kernels
    `[1, out, n]` mean 0 and variance 1 with it. Inputs: `[C, *sizes]` or any tensor of two dimensions or more, perhaps
    factors `[C]`, and shifts `[C]`. Output as the first. Errors: factors or shifts that do not fit.
    """

    name = "functional_batch_norm"
    label = "batch norm by own statistics"
    function = "batch_norm"
    example = "{functional_batch_norm: , from: [kernels, gain]}"
    example_inputs = (held(1, 8, 27), held(8))

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value, *factors = names
        return f"F.batch_norm({', '.join((value, 'None', 'None', *factors, 'training=True', *self.keywords()))})"


@register
class FunctionalGroupNorm(_FunctionalNorm):
    """Group normalisation with given factors and shifts, or without any: torch.nn.functional.group_norm.

    Inputs: `[C, *sizes]`, perhaps factors `[C]`, and shifts `[C]`. Output as the first. Errors: groups that do not
    divide C, factors or shifts that do not fit.
    """

    name = "functional_group_norm"
    main = "num_groups"
    label = "group norm with given factors"
    function = "group_norm"
    example = "{functional_group_norm: 4, from: [x, factors, shifts]}"
    example_inputs = ((8, 16, 16), held(8), held(8))

    num_groups: Positive

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value, *factors = names
        settings = (each for each in self.keywords() if not each.startswith("num_groups"))
        return f"F.group_norm({', '.join((value, str(self.num_groups), *factors, *settings))})"

    def _normalized(self, inputs: Sequence[Dims]) -> Dims:
        size = super()._normalized(inputs)
        if not possible(divisible_by(size[0], self.num_groups)):
            message = f"`num_groups` (={self.num_groups}) does not divide the channels (={size[0]})"
            raise OpError("divisible", message, field="num_groups")
        return size


@register
class FunctionalInstanceNorm(_FunctionalNorm):
    """Instance normalisation with given factors and shifts: torch.nn.functional.instance_norm.

    Inputs: `[C, *sizes]`, factors `[C]`, and perhaps shifts `[C]`. Output as the first. Errors: factors or shifts that
    do not fit.
    """

    name = "functional_instance_norm"
    label = "instance norm with given factors"
    function = "instance_norm"
    inputs = (2, 3)
    example = "{functional_instance_norm: , from: [x, factors, shifts]}"
    example_inputs = ((8, 16, 16), held(8), held(8))

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value, *factors = names
        given = [f"{name}={factor}" for name, factor in zip(("weight", "bias"), factors)]
        return f"F.instance_norm({', '.join((value, *given, *self.keywords()))})"


class _FunctionalLastNorm(_FunctionalNorm, ABC):
    """A norm over the last dimensions, with a factor for each element of them."""

    features_last = True
    inputs: ClassVar[tuple[int, int | None]] = (2, 3)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        value, *factors = names
        return f"F.{self.function}({', '.join((value, f'{factors[0]}.shape', *factors, *self.keywords()))})"

    def _normalized(self, inputs: Sequence[Dims]) -> Dims:
        value, factors = inputs[:2]
        if not factors or len(factors) > len(value) or any(type(size) is Batch for size in factors):
            raise self.misfit(inputs, "factors for the last dimensions, without a batch")
        return value[len(value) - len(factors) :]


@register
class FunctionalLayerNorm(_FunctionalLastNorm):
    """Layer normalisation with given factors and shifts: torch.nn.functional.layer_norm.

    Inputs: `[*, *sizes]`, factors `[*sizes]`, and perhaps shifts `[*sizes]`, without a batch. Output as the first.
    Errors: factors or shifts that do not fit.
    """

    name = "functional_layer_norm"
    label = "layer norm with given factors"
    function = "layer_norm"
    example = "{functional_layer_norm: , from: [x, factors, shifts]}"
    example_inputs = ((196, 64), held(64), held(64))


@register
class FunctionalRMSNorm(_FunctionalLastNorm):
    """RMS normalisation with given factors: torch.nn.functional.rms_norm.

    Inputs: `[*, *sizes]`, and factors `[*sizes]` without a batch. Output as the first. Errors: factors that do not fit.
    """

    name = "functional_rms_norm"
    label = "RMS norm with given factors"
    function = "rms_norm"
    inputs = (2, 2)
    example = "{functional_rms_norm: , from: [x, factors]}"
    example_inputs = ((196, 64), held(64))

    eps: Annotated[PositiveReal | None, Expects("a number above 0, or null")] = None  # type: ignore[assignment]
