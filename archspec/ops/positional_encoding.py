"""Positions as sines and cosines: added to features, or as angles by which these are turned."""

from typing import ClassVar, Literal

from archspec.ops.base import MODULES, Argument, Module, OpError, register
from archspec.ops.constants import Constant, Length
from archspec.ops.field_types import Flag, Natural, Positive, PositiveReal, number
from archspec.ops.shapes import FLOAT, Batch, Shape, dtype_of, shape_of, shape_text
from archspec.ops.whole_tensors import DTYPES, Dims, WholeOp, refused, tensor_fault


@register
class Sinusoid(Constant):
    """Sines and cosines of positions at `width` / 2 frequencies (Vaswani et al. 2017, section 3.5).

    Without an input it is the table `[length, width]` of the positions from 0, kept by the module, in its state_dict
    where it is `persistent`. With one, as the time of a diffusion, it gives each number its features: `[*]` becomes
    `[*, width]`. `layout`: sines and cosines in turn, or all of one and then all of the other; `shift` 1 lets the
    frequencies end at exactly 1 / `base`, as DDPM has it. Errors: an odd width, neither `length` nor an input, or both.
    """

    name = "sinusoid"
    main = "width"
    unlabelled = ("shift",)
    inputs: ClassVar[tuple[int, int | None]] = (0, 1)
    example = "{sinusoid: 512, length: 100}"

    width: Positive
    length: Length = None
    base: PositiveReal = 10000.0
    layout: Literal["interleaved", "sin_cos", "cos_sin"] = "interleaved"
    shift: Natural = 0

    def dtype(self, *inputs: Shape) -> str:
        for shape in inputs:
            if fault := tensor_fault(shape, DTYPES):
                raise refused(self.name, fault, shape)
        return FLOAT

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if self.width % 2 or self.width // 2 <= self.shift:
            message = f"`sinusoid` has a sine and a cosine at each frequency, and `width` is {self.width}"
            raise OpError("width", message, field="width", expected="an even number, from 4 where `shift` is 1")
        if (self.length is None) == (not inputs):
            found = "neither" if self.length is None else "both"
            message = "`sinusoid` needs `length`, or numbers as its input"
            raise OpError("length", message, expected="one of the two", found=found)
        return ((*inputs[0], self.width),) if inputs else ((self.length, self.width),)

    def made(self) -> Module:
        return Module(
            f"{MODULES}.constants.sinusoid", (Argument("length", self.length, positional=True), *self._more())
        )

    def module(self, *inputs: Shape) -> Module | None:
        return Module(f"{MODULES}.constants.Sinusoid", self._more()) if inputs else super().module()

    def _more(self) -> tuple[Argument, ...]:
        return (
            Argument("width", self.width, positional=True),
            Argument("base", self.base, 10000.0),
            Argument("layout", self.layout, "interleaved"),
            Argument("shift", self.shift, 0),
        )


@register
class Rotary(WholeOp):
    """Pairs of features turned by an angle that grows with the position: rotary embedding (Su et al. 2021).

    Input queries or keys `[*, L, D]`, and if you like their positions `[L]` as whole numbers, with or without a batch;
    without them they are 0, 1, 2 and so on. Output as the input. The pairs are a feature of the first half and one of
    the second, as in Llama, or with `interleaved` neighbours, as in GPT-J; `features` is how many of the first are
    turned, all if it is not given. Errors: an odd number of features.
    """

    name = "rotary"
    main = "base"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    example = "{rotary: 10000}"
    example_inputs = ((12, 196, 64),)

    base: PositiveReal = 10000.0
    interleaved: Flag = False
    features: Length = None

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(inputs[0])
        for positions in inputs[1:]:
            if tensor_fault(positions, ("int64",)) or dtype_of(positions) != "int64":
                raise OpError("inputs", "`rotary` takes positions as whole numbers", expected="a tensor of int64")
        return FLOAT

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        x, *positions = inputs
        if len(x) < 2 or any(type(dim) is Batch for dim in x[-2:]):
            text = shape_text(shape_of(x)) or "()"
            raise OpError("rank", f"`rotary` cannot take {text}", expected="positions and features as the last two")
        turned = self._turned(number(self.name, x[-1], "the features"))
        if turned % 2 or turned > x[-1]:
            raise OpError(
                "features",
                f"`rotary` turns pairs, and cannot turn {turned} of {x[-1]} features",
                field="features",
                expected=f"an even number of at most {x[-1]}",
                found=str(turned),
            )
        for dims in positions:
            if dims not in ((x[-2],), (x[0], x[-2])):
                message = f"`rotary` cannot take the positions {shape_text(shape_of(dims))}"
                raise OpError("inputs", message, expected=f"{x[-2]} numbers, with the batch in front or without it")
        return (x,)

    def module(self, *inputs: Shape) -> Module:
        features = Argument("features", self._turned(inputs[0][-1]), positional=True)
        base, order = Argument("base", self.base, 10000.0), Argument("interleaved", self.interleaved, False)
        return Module(f"{MODULES}.constants.Rotary", (features, base, order))

    def _turned(self, features: int) -> int:
        return features if self.features is None else self.features
