"""Parameters and buffers: tensors of the network itself, which take no input."""

from abc import ABC
from typing import ClassVar, Literal

from archspec.language.plural import plural
from archspec.language.torch_init import FUNCTIONS, fills_only
from archspec.ops.base import Argument, Module, OpError, register
from archspec.ops.field_types import Flag, Probability, Real
from archspec.ops.reshaping import Sizes
from archspec.ops.shapes import Shape, known
from archspec.ops.whole_tensors import Dims, WholeOp

Filling = Literal[
    "zeros",
    "ones",
    "constant",
    "normal",
    "trunc_normal",
    "uniform",
    "xavier_uniform",
    "xavier_normal",
    "kaiming_uniform",
    "kaiming_normal",
    "orthogonal",
    "eye",
    "dirac",
    "sparse",
]
_NUMBERS = ("mean", "std", "a", "b", "val", "gain", "mode", "nonlinearity", "sparsity")
"""The fields that stand beside a function."""
_NEEDED = {"constant": ("val", "1.0e-6"), "sparse": ("sparsity", "0.1")}
"""What a function cannot do without, and a number for example."""


class _Held(WholeOp, ABC):
    """A tensor that the module holds under the node's own name; `shape` is all of it, since it has no batch."""

    main = "shape"
    kind = "other"
    unlabelled = ("init",)
    inputs: ClassVar[tuple[int, int | None]] = (0, 0)
    held = True
    shares_memory = True
    example_inputs: ClassVar[tuple[Shape, ...]] = ()
    wrapper: ClassVar[str]
    """The torch class that makes a module hold a tensor."""

    shape: Sizes
    init: Filling = "zeros"
    mean: Real | None = None
    std: Real | None = None
    a: Real | None = None
    b: Real | None = None
    val: Real | None = None
    gain: Real | None = None
    mode: Literal["fan_in", "fan_out"] | None = None
    nonlinearity: Literal["linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"] | None = None
    sparsity: Probability | None = None

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        if not known(*self.shape) or any(size < 1 for size in self.shape):
            raise OpError(
                "sizes",
                f"`{self.name}` needs its sizes as numbers",
                field="shape",
                expected="whole numbers from 1",
                found=str(list(self.shape)),
            )
        self._check_filling()
        return (self.shape,)

    def module(self, *inputs: Shape) -> Module:
        sizes = [Argument(f"size{place}", size, positional=True) for place, size in enumerate(self.shape)]
        sizes = sizes or [Argument("size", (), positional=True)]
        made = Module(f"torch.{self.init if self.init in ('zeros', 'ones') else 'empty'}", tuple(sizes))
        if self.init not in ("zeros", "ones"):
            given = tuple(
                Argument(name, getattr(self, name), None) for name in FUNCTIONS[self.init] if name in _NUMBERS
            )
            made = Module(f"nn.init.{self.init}_", (Argument("tensor", made, positional=True), *given))
        return Module(self.wrapper, (Argument("data", self._typed(made), positional=True), *self._more()))

    def _typed(self, made: Module) -> Module:
        """The tensor with elements of its own type."""
        return made

    def _more(self) -> tuple[Argument, ...]:
        """What the torch class is told beside the tensor."""
        return ()

    def _check_filling(self) -> None:
        """Refuse a number that the function does not take, one that it lacks, and a tensor that it cannot fill."""
        takes = [name for name in FUNCTIONS[self.init] if name in _NUMBERS]
        for name in _NUMBERS:
            if getattr(self, name) is not None and name not in takes:
                expected = ", ".join(f"`{each}`" for each in takes) or "no number"
                raise OpError("init", f"`{self.init}` takes no `{name}`", field=name, expected=expected)
        needed, example = _NEEDED.get(self.init, ("", ""))
        if needed and getattr(self, needed) is None:
            raise OpError(
                "init", f"`{self.init}` needs `{needed}`", field="init", help=f"for example `{needed}: {example}`"
            )
        if filled := fills_only(self.init, len(self.shape)):
            found = f"one of {plural(len(self.shape), 'dimension')}"
            raise OpError("init", f"`{self.init}` fills {filled}", field="init", expected=filled, found=found)


@register
class Parameter(_Held):
    """A learned tensor: torch.nn.Parameter.

    `shape` is all of it: `[1, 1, 768]` is a token that is joined to those of each example. Its state_dict key is the
    node's own name. `init` names the function of torch.nn.init that fills it, zeros where none is named, with its
    numbers beside it: `init: trunc_normal, std: 0.02`. Errors: a size below 1, a number that the function does not
    take.
    """

    name = "parameter"
    wrapper = "nn.Parameter"
    example = "{parameter: [1, 1, 768], init: trunc_normal, std: 0.02}"

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        return {"": self.shape}


@register
class Buffer(_Held):
    """A tensor that is kept and not learned: torch.nn.Buffer.

    `shape` is all of it. Its state_dict key is the node's own name; with `persistent: false` it has none. `init` fills
    it as a `parameter`'s; one of another `type` than floats starts as zeros or ones. Errors: a size below 1, a number
    that the function does not take.
    """

    name = "buffer"
    wrapper = "nn.Buffer"
    example = "{buffer: [1, 196, 768]}"

    persistent: Flag = True
    type: Literal["float32", "int64", "bool"] = "float32"

    def dtype(self, *inputs: Shape) -> str:
        return self.type

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        return {"": self.shape} if self.persistent else {}

    def _more(self) -> tuple[Argument, ...]:
        return (Argument("persistent", self.persistent, True),)

    def _typed(self, made: Module) -> Module:
        function = {"int64": "torch.Tensor.long", "bool": "torch.Tensor.bool"}.get(self.type)
        return Module(function, (Argument("input", made, positional=True),)) if function else made

    def _check_filling(self) -> None:
        super()._check_filling()
        if self.type != "float32" and self.init not in ("zeros", "ones"):
            raise OpError("init", f"`{self.init}` fills floats alone", field="init", expected="`zeros` or `ones`")
