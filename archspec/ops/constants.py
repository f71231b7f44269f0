"""Tensors that follow from a few numbers: positions, masks and indices. They need no input, and learn nothing."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import prod
from typing import Annotated, ClassVar, Literal

from archspec.ops.base import MODULES, Argument, Expects, Module, OpError, register
from archspec.ops.field_types import Axis, Flag, Natural, Positive, Real, Reals, plain
from archspec.ops.shapes import Batch, Dim, Shape, shape_text, whole
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
    """The numbers from 0 to `length` - 1, or from `start` in steps of `step`: torch.arange.

    Without an input it is kept by the module, in its state_dict where it is `persistent`; with one it has as many
    numbers as that is long along `dim`. Output `[length]` of whole numbers, or of floats where `type` says so, without
    a batch. Errors: neither or both, fractions among whole numbers, a step of 0.
    """

    name = "positions"
    elements = "int64"
    example = "{positions: 196}"

    start: Real = 0
    step: Real = 1
    type: Literal["int64", "float32"] = "int64"

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs)
        return self.type

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if self.step == 0:
            message = "`step` of `positions` is 0, and all numbers would be the same"
            raise OpError("wrong-type", message, field="step", expected="another number than 0", found=plain(self.step))
        for field in ("start", "step"):
            value = getattr(self, field)
            if self.type == "int64" and value != int(value):
                message = f"`{field}` of `positions` is a fraction"
                raise OpError("wrong-type", message, field=field, expected="`type: float32`", found=plain(value))
        return ((self.count(inputs),),)

    def made(self) -> Module:
        return Module("torch.arange", tuple(Argument("bound", each, positional=True) for each in self._bounds()))

    def _bounds(self) -> tuple[int, ...] | tuple[float, ...]:
        """Where it starts, where it ends and its step; an end in fractions lies half a step behind the last number."""
        assert self.length is not None
        start, step, count = self.start, self.step, self.length
        if self.type == "int64":
            bounds = int(start), int(start + step * count), int(step)
            return bounds if start or step != 1 else bounds[1:2]
        end = start + step * (count if step == int(step) and start == int(start) else count - 0.5)
        return (float(start), float(end), float(step)) if start or step != 1 else (float(end),)

    def expression(self, *names: str) -> str:
        typed = ", dtype=torch.float32" if self.type == "float32" else ""
        counted = f"torch.arange({names[0]}.shape[{self.dim}]{typed}, device={names[0]}.device)"
        stepped = counted if self.step == 1 else f"{counted} * {plain(self.step)}"
        return stepped if not self.start else f"{stepped} + {plain(self.start)}"


@register
class Linspace(Constant):
    """So many `steps` from one number to another, evenly spaced: torch.linspace.

    Output `[steps]`, without a batch. It is kept by the module, in its state_dict where it is `persistent`. Errors:
    other than two numbers.
    """

    name = "linspace"
    main = "ends"
    example = "{linspace: [-1, 1], steps: 14}"

    ends: Reals
    steps: Positive

    def dtype(self, *inputs: Shape) -> str:
        return "float32"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if len(self.ends) != 2:
            raise OpError("sizes", "`linspace` goes from one number to another", field="ends", expected="two numbers")
        return ((self.steps,),)

    def made(self) -> Module:
        bounds = (*self.ends, self.steps)
        return Module("torch.linspace", tuple(Argument("bound", each, positional=True) for each in bounds))


@register
class Numbers(Constant):
    """A few numbers as they are written: torch.tensor, such as the mean of each colour.

    Output of the `shape` named, in which they stand again and again, else one dimension, without a batch; `type` says
    what they are, floats where it is left out. It is kept by the module, in its state_dict where it is `persistent`.
    Errors: more than 64 numbers, a shape in which they do not go up, fractions among whole numbers.
    """

    name = "numbers"
    main = "values"
    example = "{numbers: [0.485, 0.456, 0.406], shape: [3, 1, 1]}"

    values: Annotated[tuple[int | float, ...], Expects("a list of numbers")]
    shape: Annotated[tuple[Positive, ...] | None, Expects("a list of sizes")] = None
    type: Literal["float32", "int64", "bool"] = "float32"

    def dtype(self, *inputs: Shape) -> str:
        return self.type

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        shape = self._shape
        if not 0 < len(self.values) <= MOST:
            message = "`numbers` takes only a few values"
            raise OpError("too-large", message, field="values", expected=f"from 1 to {MOST} of them")
        if prod(shape) % len(self.values):
            message = f"{len(self.values)} numbers do not fill a tensor of {shape_text(shape)}"
            raise OpError("sizes", message, field="shape", expected=f"sizes whose product holds {len(self.values)}")
        if self.type != "float32" and any(value != int(value) for value in self.values):
            raise OpError("wrong-type", "there are fractions among the numbers", field="type", expected="`float32`")
        return (shape,)

    @property
    def _shape(self) -> tuple[int, ...]:
        return (len(self.values),) if self.shape is None else self.shape

    def made(self) -> Module:
        convert = {"float32": float, "int64": int, "bool": bool}[self.type]
        made = Module("torch.tensor", (Argument("data", [*map(convert, self.values)], positional=True),))
        times = prod(self._shape) // len(self.values)
        if times > 1:
            made = Module("torch.Tensor.repeat", (Argument("input", made, positional=True), _positional(times)))
        if self.shape is None:
            return made
        return Module("torch.reshape", (Argument("input", made, positional=True), _positional(self.shape)))


def _positional(value: object) -> Argument:
    return Argument("value", value, positional=True)


MOST = 64
"""So many numbers a page may say."""


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
            raise OpError("dim", "`causal_mask` cannot act on the batch dimension", field="dim")
        return ((count, count),)

    def made(self) -> Module:
        length = Argument("length", self.length, positional=True)
        return Module(f"{MODULES}.constants.causal_mask", (length, Argument("additive", self.additive, False)))

    def expression(self, *names: str) -> str:
        length = f"{names[0]}.shape[{self.dim}]"
        if self.additive:
            return f'torch.full(({length}, {length}), float("-inf"), device={names[0]}.device).triu(1)'
        return f"torch.ones({length}, {length}, dtype=torch.bool, device={names[0]}.device).tril()"


Window = Annotated[
    Positive | tuple[Positive, ...], Expects("a whole number from 1 for a height and a width, or a list of sizes")
]


def _sizes(window: int | tuple[int, ...]) -> tuple[int, ...]:
    """The size of a window along each dimension; a number alone is height and width."""
    return (window, window) if isinstance(window, int) else window


@register
class RelativePositionIndex(Constant):
    """For each two places of a window the number of how far they lie apart (Liu et al. 2021, Swin Transformer).

    Output `[n, n]` of whole numbers for a window of n places, without a batch; `[n²]` where it is `flat`. For a height
    h and a width w they are below `(2h - 1)·(2w - 1)`; a window may have more sizes, such as a duration before them. It
    is the index of a table of biases, and kept by the module, in its state_dict where it is `persistent`. With
    `distances` steps count alone, whatever their direction (Graham et al. 2021, LeViT): whole numbers below n. With
    `class_token` a token stands before all places, with three numbers of its own (Bao et al. 2022, BEiT). With a
    `stride` each row is of every so many places along each side. Errors: a class token with either.
    """

    name = "relative_position_index"
    main = "window"
    example = "{relative_position_index: 7}"

    window: Window
    stride: Positive = 1
    flat: Flag = False
    distances: Flag = False
    class_token: Flag = False

    def dtype(self, *inputs: Shape) -> str:
        return "int64"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if self.class_token and (self.distances or self.stride > 1):
            message = "`distances` and `stride` do not support a class token"
            raise OpError("class_token", message, field="class_token")
        places = prod(_sizes(self.window)) + self.class_token
        looking = prod(-(-size // self.stride) for size in _sizes(self.window)) + self.class_token
        return ((looking * places,),) if self.flat else ((looking, places),)

    def made(self) -> Module:
        sizes = [Argument("size", size, positional=True) for size in _sizes(self.window)]
        ways = (("stride", 1), ("distances", False), ("class_token", False))
        more = [Argument(name, getattr(self, name), default) for name, default in ways]
        made = Module(f"{MODULES}.constants.relative_position_index", (*sizes, *more))
        return Module("torch.flatten", (Argument("input", made, positional=True),)) if self.flat else made


@register
class LogSpacedCoordinates(Constant):
    """How far two places of a window can lie apart, on a scale of logarithms (Liu et al. 2022, Swin V2, equation 4).

    Output `[1, 2h - 1, 2w - 1, 2]` without a batch, or without the 1 where it is not `leading`:
    `sign(x)·log2(1 + |x|) / 3` for each distance x from -8 to 8, which stands for the whole window, or
    `sign(x)·log(1 + |x|)` of `steps`. A small network makes a bias of each. It is kept by the module, in its state_dict
    where it is `persistent`. Errors: a window of more than two sizes, or of a size of 1.
    """

    name = "log_spaced_coordinates"
    main = "window"
    example = "{log_spaced_coordinates: 8}"

    window: Window
    steps: Flag = False
    leading: Flag = True

    def dtype(self, *inputs: Shape) -> str:
        return "float32"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        sizes = _sizes(self.window)
        if len(sizes) != 2 or min(sizes) < 2:
            expected = "a height and a width from 2"
            raise OpError("window", "the window has no such coordinates", field="window", expected=expected)
        return ((*([1] if self.leading else []), 2 * sizes[0] - 1, 2 * sizes[1] - 1, 2),)

    def made(self) -> Module:
        sizes = [Argument("size", size, positional=True) for size in _sizes(self.window)]
        ways = [Argument("steps", self.steps, False), Argument("leading", self.leading, True)]
        return Module(f"{MODULES}.constants.log_spaced_coordinates", (*sizes, *ways))


@register
class ShiftedWindowMask(Constant):
    """Which places of a window lay apart before the map was rolled (Liu et al. 2021, Swin Transformer, Figure 4).

    `size` is the map's, `window` that of the windows, which divides it, and `shift` by how much the map was rolled
    back. Output `[windows, n, n]` for windows of n places, without a batch: 0 for two places that were in one part of
    the map, `value` for others. It is added to the scores, and kept by the module, in its state_dict where it is
    `persistent`. Errors: lists of unlike lengths, a window that does not divide the size, a shift beyond the window.
    """

    name = "shifted_window_mask"
    main = "size"
    example = "{shifted_window_mask: [56, 56], window: [7, 7], shift: [3, 3]}"

    size: Annotated[tuple[Positive, ...], Expects("a list of the map's sizes, such as its height and width")]
    window: Annotated[tuple[Positive, ...], Expects("a list of the windows' sizes")]
    shift: Annotated[tuple[Natural, ...], Expects("a list of whole numbers from 0")]
    value: Real = -100.0

    def dtype(self, *inputs: Shape) -> str:
        return "float32"

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if not len(self.size) == len(self.window) == len(self.shift):
            found = ", ".join(str(list(each)) for each in (self.size, self.window, self.shift))
            message = "`size`, `window` and `shift` have different numbers of dimensions"
            raise OpError("rank", message, expected="lists of one length", found=found)
        for size, window, shift in zip(self.size, self.window, self.shift):
            if size % window:
                message = f"a size of {size} cannot be divided into windows of {window}"
                raise OpError("window", message, field="window", expected=f"a divisor of {size}")
            if shift >= window:
                message = f"a window of {window} cannot be shifted by {shift}"
                raise OpError("window", message, field="shift", expected=f"at most {window - 1}")
        places = prod(self.window)
        return ((prod(self.size) // places, places, places),)

    def made(self) -> Module:
        fields = [Argument(name, getattr(self, name), positional=True) for name in ("size", "window", "shift", "value")]
        return Module(f"{MODULES}.constants.shifted_window_mask", tuple(fields))
