"""What every op says of itself: its fields, its shape rule, its counts and its PyTorch source, in one class.

An op is a frozen pydantic model whose fields carry torch.nn's keyword names, less what the input already tells. The
methods take the shapes of the inputs (without the batch) and hold for symbolic dimensions unless they say otherwise.

The files of this package do without `from __future__ import annotations`: pydantic would compile the text of each
inherited annotation again for each op, a third of the package's import time.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, get_args, get_origin

from msgspec import Struct
from pydantic import BaseModel, ConfigDict

from archspec.language.pydantic_models import Expects as Expects
from archspec.language.pydantic_models import expectation
from archspec.ops.kinds import Kind as Kind
from archspec.ops.shapes import Count, Shape

REQUIRED = object()
"""Stands for the default of a constructor argument that has none."""


class Argument(Struct, frozen=True):
    """One argument of a module's constructor; left out of the source where it equals its default.

    `positional` arguments are written without their name: `nn.Conv2d(3, 64, kernel_size=7)`.
    """

    name: str
    value: Any
    default: Any = REQUIRED
    positional: bool = False


class Module(Struct, frozen=True):
    """The constructor call that makes an op's module: its class and its arguments, in order.

    The class is one of `torch.nn`, `nn.Conv2d`, or by its full name one of another package: `torchvision.ops.RoIAlign`.
    The source of one that is neither torch's nor torchvision's is taken along (`codegen.copied_classes`).
    """

    callee: str
    arguments: tuple[Argument, ...] = ()


MODULES = "archspec.ops.modules"
"""The package of the classes that torch does not have."""


class OpError(Exception):
    """An op cannot take its input or its fields; the elaborator adds the place.

    `message` is one short sentence in lower case that restates the values; `field` names the field at fault, if one is.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        field: str | None = None,
        expected: str | None = None,
        found: str | None = None,
        help: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field
        self.expected, self.found, self.help = expected, found, help


class Op(BaseModel, ABC):
    """The vocabulary's base class. Subclasses are final; their docstring is what `archspec blocks NAME` shows."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    name: ClassVar[str]
    """The word a spec writes: the torch.nn class in snake_case without its rank."""
    main: ClassVar[str | None] = None
    """The field that the name's own value fills: `{conv: 64}`."""
    kind: ClassVar[Kind]
    inputs: ClassVar[tuple[int, int | None]] = (1, 1)
    """The least and the greatest number of inputs; `None` for no bound."""
    commutative: ClassVar[bool] = False
    """Whether several inputs give the same in any order."""
    label: ClassVar[str | None] = None
    """What papers call it, where that is not its name in words."""
    abbreviation: ClassVar[str | None] = None
    """What a figure calls it where it goes along with a layer: `BN`."""
    sign: ClassVar[Literal["+", "×", "−", "∥"] | None] = None
    """The sign that says all about a join to every reader: in a round box ⊕, ⊗, ⊖ and concatenation."""
    unlabelled: ClassVar[tuple[str, ...]] = ()
    """Fields that papers do not write in a figure, or that its `headline` tells."""
    field_labels: ClassVar[Mapping[str, str]] = {}
    """Fields that are said by their number: `{} heads`."""
    prepares: ClassVar[bool] = False
    """Whether it gets a value ready for the layer behind it, and is drawn with that."""
    carries_on: ClassVar[bool] = False
    """Whether it adds to a value or scales it, so that a residual path continues through it."""
    accumulates: ClassVar[bool] = False
    """Whether one that begins or ends with all that an earlier one joins may be said as taking that one."""
    channels_first: ClassVar[bool] = False
    """Whether it takes the first dimension for channels, though its kind is not `spatial`."""
    features_last: ClassVar[bool] = False
    """Whether it takes the last dimension for features, as a linear layer does."""
    windowed_output: ClassVar[bool] = False
    """Whether its window lies on the output and not on the input, as that of a transposed convolution does."""
    outputs_at: ClassVar[int] = 0
    """The dimension of its weight in which its outputs stand."""
    sized_by: ClassVar[tuple[int, ...]] = ()
    """The inputs, by number, of which nothing but the size is used."""
    outputs: ClassVar[tuple[str, ...]] = ()
    """The names of the outputs, where it gives several that have some."""
    training_outputs: ClassVar[tuple[str, ...]] = ()
    """The names of those that it gives in training alone."""
    gives_examples: ClassVar[bool] = False
    """Whether the items that it folds into the batch are examples to what follows, as frames are to a classifier."""
    has_main_output: ClassVar[bool] = False
    """Whether a node that takes it and names no output takes the first."""
    weighted: ClassVar[bool] = False
    """Whether it counts as a layer in a network's depth (convolutions and linear layers do, norms do not)."""
    in_place: ClassVar[bool] = False
    """Whether the module takes `inplace`; its argument is `None` where the spec leaves the choice to the backend."""
    saves_output: ClassVar[bool] = False
    """Whether autograd may keep the output for the backward pass, so that nothing after may overwrite it."""
    shares_memory: ClassVar[bool] = False
    """Whether the output may be the input or a view of it, so that overwriting one overwrites the other."""
    keeps_order: ClassVar[bool] = False
    """Whether it gives all elements of its one input in their order, so that the shape says the whole of the result."""
    per_dimension: ClassVar[tuple[str, ...]] = ()
    """Fields of which one number means the same as a list of it, one for each spatial dimension."""
    uncounted: ClassVar[tuple[str, ...]] = ()
    """Fields that neither shapes nor counts depend on: blocks that differ in these alone are worked out once."""
    held: ClassVar[bool] = False
    """Whether, without an input, it is a tensor that the module holds under the node's name, and nothing is called."""
    text_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that are texts of their own, and no expressions."""
    internal: ClassVar[tuple[str, ...]] = ()
    """Fields that no page writes: elaboration fills them from what a node says otherwise."""
    contains: ClassVar[tuple[str, ...]] = ()
    """Classes of torch.nn that its module has modules of: a rule of `init` for their own op does not reach those."""
    takes_numbers: ClassVar[bool] = False
    """Whether numbers may stand among the values that it joins; they are its field `numbers`, and count as inputs."""
    takes: ClassVar[Literal["tensors", "anything"]] = "tensors"
    """Whether it takes tensors of floats alone, whose rows it treats alike, or shapes of every form as they come."""
    example: ClassVar[str]
    """One node as a spec writes it, for `archspec blocks NAME`."""
    example_inputs: ClassVar[tuple[Shape, ...]]
    """Input shapes that the example takes."""

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> "Op":
        """The op with these fields, lists as tuples; raises pydantic's `ValidationError` where they do not fit."""
        if list in map(type, fields.values()):
            fields = {name: _frozen(value) for name, value in fields.items()}
        return cls(**fields)

    @classmethod
    def field_names(cls) -> tuple[str, ...]:
        """The fields' names in their order, `main` among them."""
        return tuple(cls.model_fields)

    @classmethod
    def expects(cls, field: str) -> str:
        """What a field accepts, in words: `a whole number from 1`."""
        info = cls.model_fields[field]
        if get_origin(info.annotation) is Literal:
            *most, last = [f"`{each}`" for each in get_args(info.annotation)]
            return f"{', '.join(most)} or {last}" if most else last
        return expectation(info) or "another value"

    @classmethod
    def words(cls, field: str) -> list[str]:
        """The words that a field accepts as they are."""
        return _words(cls.model_fields[field].annotation)

    @classmethod
    def called(cls) -> str:
        """What papers call it."""
        return cls.label or cls.name.replace("_", " ")

    def headline(self, values: Mapping[str, Any], inputs: int) -> str | None:
        """What a figure says of it first, where that is not what it is called and its main field.

        `values` are its fields, or what stands in their place where copies differ; it takes so many `inputs`.
        """
        return None

    @abstractmethod
    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        """The shapes of the outputs; raises `OpError` where torch would refuse the input."""

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        """The learned tensors by their state_dict name, e.g. `{"weight": (64, 3, 7, 7)}`."""
        return {}

    def buffers(self, *inputs: Shape) -> dict[str, Shape]:
        """The tensors that the state_dict holds and training does not learn."""
        return {}

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        """Multiply-accumulates of convolutions and matrix products for one example, the outputs being as inferred."""
        return 0

    @property
    def weighted_layers(self) -> int:
        """How many layers it counts as in a network's depth."""
        return int(self.weighted)

    def module(self, *inputs: Shape) -> Module | None:
        """The torch.nn module, or `None` where the op is an expression in the enclosing `forward`."""
        return None

    def arguments(self, *names: str) -> tuple[str, ...]:
        """What the module is called with, over the inputs' names."""
        return names

    def passed(self, names: Sequence[str], shapes: Sequence[Shape]) -> tuple[str, ...]:
        """What the module is called with, over the names of inputs of these shapes; as `arguments`, if that will do."""
        return self.arguments(*names)

    @property
    def bare(self) -> bool:
        """Whether its module takes one value and gives one as they are, so that modules may stand in a row."""
        return (self.arguments("x"), self.targets("x"), self.output(0, "x")) == (("x",), "x", "x")

    def targets(self, *names: str) -> str:
        """What the module's result is assigned to, over names for the outputs; `_` for one that is not used."""
        return ", ".join(names)

    def output(self, number: int, name: str) -> str:
        """The expression for an output, over the name that it was assigned to."""
        return name

    def outputs_of(self, result: Any) -> tuple[Any, ...]:
        """The outputs in what the module returns."""
        return result if isinstance(result, tuple) else (result,)

    def expression(self, *names: str) -> str:
        """The PyTorch expression over the inputs' names, where `module` is `None`; it may use `torch` and `F`."""
        raise NotImplementedError(self.name)

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        """The expression over the names of inputs of these shapes; it is `expression` where that says enough."""
        return self.expression(*names)

    @classmethod
    def defaults(cls) -> Iterator[tuple[str, Any]]:
        """Each field with its default, `REQUIRED` where there is none."""
        for name, info in cls.model_fields.items():
            yield name, REQUIRED if info.is_required() else info.default

    def settings(self) -> tuple[Argument, ...]:
        """Every field as an argument of the constructor, for a module whose keywords and defaults are the fields' own.

        The main field is written even where it equals its default: `nn.Dropout(p=0.5)`.
        """
        return tuple(
            Argument(name, value, REQUIRED if name == self.main and value is not None else default)
            for name, default in self.defaults()
            for value in (getattr(self, name),)
        )


def _words(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [word for word in get_args(annotation) if isinstance(word, str)]
    return [word for arm in get_args(annotation) for word in _words(arm)]


def _frozen(value: Any) -> Any:
    """The lists of a spec as tuples, so that an op can be compared and hashed."""
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


_OPS: dict[str, type[Op]] = {}


def register(op: type[Op]) -> type[Op]:
    """Class decorator: add an op to the vocabulary. Registering a name twice raises."""
    if op.name in _OPS:
        raise ValueError(f"an op named {op.name!r} is registered already: {_OPS[op.name].__qualname__}")
    _OPS[op.name] = op
    return op
