"""One graph being filled: its children so far, the names they have, and the value that the next node takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.elaborate.scope import Failed, GivenInput, Input, LeftOut
from archspec.graph.model import ENCLOSING, Leaf, NodeType, Ref
from archspec.language.diagnostics import Note
from archspec.language.expressions import Attributes
from archspec.language.identifiers import is_attribute
from archspec.language.source import Span
from archspec.ops.shapes import Batch, Count, Shape, form_of, items


class Value(Struct):
    """What a node gives: one value or several, each with its shape; `broken` where the node could not be elaborated.

    `together` is true where several go on as one: a consumer receives all of them.
    """

    refs: tuple[Ref, ...]
    shapes: tuple[Shape, ...]
    labels: tuple[str | None, ...] = ()
    training: bool = False
    broken: bool = False
    together: bool = False
    main: bool = False
    """Whether the first of several is what is taken where none is named."""
    number: float | None = None
    """The number that stands where a value could."""

    @property
    def names(self) -> tuple[str | None, ...]:
        """The name of each output, where it has one."""
        return self.labels or (None,) * len(self.refs)

    def pick(self, index: int) -> Value:
        """One of several outputs."""
        return Value((self.refs[index],), (self.shapes[index],), self.labels[index : index + 1], self.training)

    def labelled(self, label: str) -> Value:
        """The output of that name, or all that have it."""
        found = [index for index, each in enumerate(self.labels) if each == label]
        return together([self.pick(index) for index in found])

    def each(self) -> list[Value]:
        """All outputs, one by one."""
        return [self.pick(index) for index in range(len(self.refs))]


def together(values: Sequence[Value]) -> Value:
    """Several values as one; a single one stays as it is."""
    if any(value.broken for value in values):
        return BROKEN
    if len(values) == 1:
        return values[0]
    return Value(
        tuple(ref for value in values for ref in value.refs),
        tuple(shape for value in values for shape in value.shapes),
        tuple(name for value in values for name in value.names),
        any(value.training for value in values),
        together=True,
    )


def refs_of(values: Sequence[Value]) -> tuple[Ref, ...]:
    """The first of what each value gives."""
    return values[0].refs[:1] if len(values) == 1 else tuple([value.refs[0] for value in values])


def shapes_of(values: Sequence[Value]) -> tuple[Shape, ...]:
    """The shape of the first of what each value gives."""
    return values[0].shapes[:1] if len(values) == 1 else tuple([value.shapes[0] for value in values])


BROKEN = Value((), (), broken=True)

NOTHING = Value((), ())
"""What stands before the first node of a graph without inputs."""

ref = lru_cache(maxsize=1024)(Ref)
"""A reference; the same few are made again and again."""


class Inputs(Struct):
    """What a graph is given: a value for each name, and where `many` is true all that remain for the last."""

    names: tuple[str, ...]
    shapes: tuple[Shape, ...]
    many: bool = False
    optional: int = 0
    """How many of those that are given might have been left out: the last ones."""
    left_out: tuple[str, ...] = ()
    """The names of those that are."""
    examples: tuple[Count, ...] = ()
    """How many items of each value are examples to the graph; empty where each value has one."""

    @property
    def batch(self) -> Batch:
        """What `batch` stands for in the graph: the examples of its first value."""
        return Batch(self.examples[0]) if self.examples else Batch()

    @property
    def flat_names(self) -> tuple[str, ...]:
        """A name for each value: those of many are numbered."""
        if not self.many:
            return self.names
        *single, last = self.names
        return (*single, *(f"{last}{index}" for index in range(len(self.shapes) - len(single))))

    @property
    def values(self) -> dict[str, Value]:
        """The values by name, inside the graph."""
        given = [Value((ref(ENCLOSING, index),), (shape,)) for index, shape in enumerate(self.shapes)]
        if not self.many:
            return dict(zip(self.names, given))
        *single, last = self.names
        rest = replace(together(given[len(single) :]), together=True)
        return {**dict(zip(single, given)), last: rest}

    @property
    def seen(self) -> dict[str, Any]:
        """What expressions see of the inputs by name, with `input` for the first."""
        sure = len(self.shapes) - self.optional
        views = [(Input if number < sure else GivenInput)(shape) for number, shape in enumerate(self.shapes)]
        missing = dict.fromkeys(self.left_out, LeftOut())
        if not views:
            return missing
        if not self.many:
            return {**dict(zip(("input", *self.names), (views[0], *views))), **missing}
        *single, last = self.names
        named = {**dict(zip(single, views)), last: views[len(single) :]}
        return {"input": next(iter(named.values())), **named}


class Effects(NamedTuple):
    """What a node's modifiers mean for all inside it: it runs in training mode only, and it does not train."""

    training: bool = False
    frozen: bool = False

    def inside(self, training: bool, frozen: bool) -> Effects:
        """What holds inside a node with these modifiers, where this holds around it."""
        return Effects(self.training or training, self.frozen or frozen) if training or frozen else self


NO_EFFECTS = Effects()


class Body(Struct):
    """The inside of a block while it is elaborated."""

    prefix: str
    dotted: str
    """What the addresses of its children begin with."""
    numbered: bool
    input_names: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    inputs: dict[str, Value]
    left_out: set[str]
    """The names of the inputs that are left out, and of the nodes that would stand for one of them."""
    previous: Value
    children: list[NodeType] = field(default_factory=list)
    names: dict[str, Value] = field(default_factory=dict)
    declared: Mapping[str, Span] = field(default_factory=dict)
    """Where each plain name of the definition stands, to tell a later node from one that does not exist."""
    taken: dict[str, Span] = field(default_factory=dict)
    switched_off: set[str] = field(default_factory=set)
    incomplete: bool = False
    """Whether names may be missing because of an error that is already reported."""
    effects: Effects = NO_EFFECTS
    group_frozen: bool = False
    """Whether the nodes of the group being spliced do not train, each in its own name."""
    apart: dict[int, str] = field(default_factory=dict)
    """The children that are copies which all start at one value, each with that value's name."""
    passed_over: dict[int, Note] = field(default_factory=dict)
    """The children that a node switched off would take, and does not stand for."""
    examples: dict[Ref, Count] = field(default_factory=dict)
    """The values of which several items of each example are examples to what takes them, and how many."""
    _next: int = 0

    @classmethod
    def of(cls, prefix: str, numbered: bool, inputs: Inputs, effects: Effects = NO_EFFECTS) -> Body:
        """An empty body with its inputs; the first node takes the first input."""
        values = inputs.values
        first = next(iter(values.values()), NOTHING)
        named = {"input": first, **values} if values else {}
        dotted = prefix and f"{prefix}."
        given, left_out = (inputs.flat_names, inputs.shapes, named), set(inputs.left_out)
        examples = {ref(ENCLOSING, index): count for index, count in enumerate(inputs.examples) if count != 1}
        return cls(prefix, dotted, numbered, *given, left_out, first, effects=effects, examples=examples)

    def seen(self, name: str) -> Seen | None:
        """What an expression sees of the node of that name; `None` where there is none above."""
        value = self.previous if name == "previous" else self.names.get(name)
        return None if value is None else Seen(value)

    def address(self, name: str) -> str:
        return self.dotted + name

    def shape(self, ref: Ref) -> Shape:
        """The shape of a value of this body."""
        return self.input_shapes[ref.output] if ref.child == ENCLOSING else self.children[ref.child].shapes[ref.output]

    def called(self, value: Value) -> str:
        """How a node can be named that takes several values from the node before it."""
        child = value.refs[0].child
        name = self.children[child].name if child >= 0 else "input"
        return "previous" if name.isdigit() else name

    def label(self, value: Value) -> str | None:
        """The name of one of several values: its own, or that of the node that gives it."""
        child = value.refs[0].child
        name = value.labels[0] if value.labels else self.children[child].name if child >= 0 else None
        return name if name is None or is_attribute(name) else None

    def number_of(self, value: Value, name: str | None) -> int | None:
        """The number of the child called `name`, where it is that child's value."""
        child = value.refs[0].child
        return child if child >= 0 and name is not None and self.children[child].name == name else None

    def number(self) -> str:
        """The name of the next child of a list."""
        name = str(self._next)
        self._next += 1
        return name

    def add(
        self, child: NodeType, labels: tuple[str | None, ...] = (), *, together: bool = False, main: bool = False
    ) -> Value:
        """Append a child and give its value."""
        index, shapes = len(self.children), child.shapes
        self.children.append(child)
        refs = (ref(index),) if len(shapes) == 1 else tuple([ref(index, output) for output in range(len(shapes))])
        if self.examples or (isinstance(child, Leaf) and child.op.gives_examples):
            self.examples.update(dict.fromkeys(refs, self._examples_of(child)))
        return Value(refs, shapes, labels, child.training, False, together, main)

    def _examples_of(self, child: NodeType) -> Count:
        """How many items of what a child gives are examples: those that it makes, else as many as of what it takes."""
        (shape, *_) = child.shapes
        if form_of(shape) not in ("folded", "whole"):
            return 1
        if isinstance(child, Leaf) and child.op.gives_examples:
            return items(shape)
        return next((count for taken in child.inputs if (count := self.examples.get(taken, 1)) != 1), 1)

    def examples_in(self, values: Sequence[Value]) -> tuple[Count, ...]:
        """How many items of each of some values are examples to a block that takes them; none where each has one."""
        return tuple([self.examples.get(value.refs[0], 1) for value in values]) if self.examples else ()


class Seen(Attributes):
    """What an expression sees of a node above: `previous.channels`, `stem.shape`."""

    value: Value

    attribute_names = Input.attribute_names

    def attribute(self, name: str) -> Any:
        if self.value.broken:
            raise Failed
        if len(self.value.refs) > 1 and not self.value.main:
            raise KeyError(name)
        return Input(self.value.shapes[0]).attribute(name)
