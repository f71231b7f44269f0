"""Tensors that follow from a few numbers: positions, masks and indices. They need no input, and learn nothing."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar

from archspec.ops.base import MODULES, Argument, Expects, Module, OpError, register
from archspec.ops.field_types import Axis, Flag, Positive
from archspec.ops.shapes import Batch, Dim, Shape, whole
from archspec.ops.whole_tensors import DTYPES, Dims, WholeOp, inside, refused, tensor_fault

Length = Annotated[Positive | None, Expects("a whole number from 1")]


class Constant(WholeOp, ABC):
    """A tensor that the module keeps under the node's own name, in its state_dict where it is `persistent`."""

    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (0, 0)
    held = True
    shares_memory = True
    example_inputs: ClassVar[tuple[Shape, ...]] = ()

    persistent: Flag = False

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        return {"": whole(self.infer()[0])} if self.persistent and not inputs else {}

    def module(self, *inputs: Shape) -> Module | None:
        if inputs:
            return None
        made = Argument("data", self.made(), positional=True)
        return Module("nn.Buffer", (made, Argument("persistent", self.persistent, True)))

    @abstractmethod
    def made(self) -> Module:
        """The call that makes the tensor."""


class _AsLongAs(Constant, ABC):
    """A constant for so many positions: `length` of them, or as many as another value has along `dim`."""

    main = "length"
    inputs: ClassVar[tuple[int, int | None]] = (0, 1)
    sized_by = (0,)

    elements: ClassVar[str]
    """torch's word for what they are."""

    length: Length = None
    dim: Axis = 1

    def dtype(self, *inputs: Shape) -> str:
        for shape in inputs:
            if fault := tensor_fault(shape, DTYPES):
                raise refused(self.name, fault, shape)
        return self.elements

    def count(self, inputs: Sequence[Dims]) -> Dim:
        """The number of positions."""
        if (self.length is None) == (not inputs):
            found = "neither" if self.length is None else "both"
            help_ = f"for example `{{{self.name}: 196}}`, or `{{{self.name}: , from: tokens}}`"
            message = f"`{self.name}` needs `length`, or a value that is as long"
            raise OpError("length", message, expected="one of the two", found=found, help=help_)
        return self.length if self.length is not None else inputs[0][inside(self.name, "dim", self.dim, inputs[0])]


@register
class Positions(_AsLongAs):
    """The numbers from 0 to `length` - 1: torch.arange.

    Without an input it is kept by the module, in its state_dict where it is `persistent`; with one it has as many
    numbers as that is long along `dim`. Output `[length]` of whole numbers, without a batch. Errors: neither or both.
    """

    name = "positions"
    elements = "int64"
    example = "{positions: 196}"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return ((self.count(inputs),),)

    def made(self) -> Module:
        return Module("torch.arange", (Argument("end", self.length, positional=True),))

    def expression(self, *names: str) -> str:
        return f"torch.arange({names[0]}.shape[{self.dim}], device={names[0]}.device)"


@register
class CausalMask(_AsLongAs):
    """Which positions each position may see, itself and those before it.

    Output `[length, length]` without a batch: truths, as `attention` takes them, or with `additive` 0 and -∞, as
    `multihead_attention` takes them too. Without an input it is kept by the module, in its state_dict where it is
    `persistent`; with one it is for as many positions as that has along `dim`. Errors: neither or both.
    """

    name = "causal_mask"
    elements = "bool"
    example = "{causal_mask: 77}"

    additive: Flag = False

    def dtype(self, *inputs: Shape) -> str:
        truths = super().dtype(*inputs)
        return "float32" if self.additive else truths

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        count = self.count(inputs)
        if type(count) is Batch:
            raise OpError("dim", "`causal_mask` cannot go over the batch", field="dim")
        return ((count, count),)

    def made(self) -> Module:
        length = Argument("length", self.length, positional=True)
        return Module(f"{MODULES}.constants.causal_mask", (length, Argument("additive", self.additive, False)))

    def expression(self, *names: str) -> str:
        length = f"{names[0]}.shape[{self.dim}]"
        if self.additive:
            return f'torch.full(({length}, {length}), float("-inf"), device={names[0]}.device).triu(1)'
        return f"torch.ones({length}, {length}, dtype=torch.bool, device={names[0]}.device).tril()"


@register
class RelativePositionIndex(Constant):
    """For each two places of a window the number of how far they lie apart (Liu et al. 2021, Swin Transformer).

    Output `[h·w, h·w]` of whole numbers below `(2h - 1)·(2w - 1)`, without a batch; `[(h·w)²]` where it is `flat`. It
    is the index of a table of biases, and kept by the module, in its state_dict where it is `persistent`.
    """

    name = "relative_position_index"
    main = "window"
    example = "{relative_position_index: 7}"

    window: Annotated[Positive | tuple[Positive, Positive], Expects("a whole number from 1, or a height and a width")]
    flat: Flag = False

    def dtype(self, *inputs: Shape) -> str:
        return "int64"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        height, width = self._sizes
        places = height * width
        return ((places * places,),) if self.flat else ((places, places),)

    def made(self) -> Module:
        sizes = [Argument(name, size, positional=True) for name, size in zip(("height", "width"), self._sizes)]
        made = Module(f"{MODULES}.constants.relative_position_index", tuple(sizes))
        return Module("torch.flatten", (Argument("input", made, positional=True),)) if self.flat else made

    @property
    def _sizes(self) -> tuple[int, int]:
        return (self.window, self.window) if isinstance(self.window, int) else self.window
