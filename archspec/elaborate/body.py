"""One graph being filled: its children so far, the names they have, and the value that the next node takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archspec.graph import ENCLOSING, NodeType, Ref
from archspec.language.source import Span
from archspec.shapes import Shape


class Value(NamedTuple):
    """What a node gives: one value or several, each with its shape; `broken` where the node came to nothing."""

    refs: tuple[Ref, ...]
    shapes: tuple[Shape, ...]
    labels: tuple[str | None, ...] = ()
    training: bool = False
    broken: bool = False

    def pick(self, index: int) -> Value:
        """One of several outputs."""
        return Value((self.refs[index],), (self.shapes[index],), (), self.training)


BROKEN = Value((), (), broken=True)


@dataclass(slots=True)
class Body:
    """The inside of a block while it is elaborated."""

    prefix: str
    numbered: bool
    input_names: tuple[str, ...]
    input_shapes: tuple[Shape, ...]
    inputs: dict[str, Value]
    previous: Value
    children: list[NodeType] = field(default_factory=list)
    names: dict[str, Value] = field(default_factory=dict)
    declared: dict[str, Span] = field(default_factory=dict)
    """Where each plain name of the definition stands, to tell a later node from one that does not exist."""
    taken: dict[str, Span] = field(default_factory=dict)
    switched_off: set[str] = field(default_factory=set)
    incomplete: bool = False
    """Whether names may be missing because of something that has been reported."""
    used: set[Ref] = field(default_factory=set)
    _next: int = 0

    @classmethod
    def of(cls, prefix: str, numbered: bool, names: Sequence[str], shapes: Sequence[Shape]) -> Body:
        """An empty body with its inputs; the first node takes the first input."""
        inputs = {
            name: Value((Ref(ENCLOSING, index),), (shape,)) for index, (name, shape) in enumerate(zip(names, shapes))
        }
        first = next(iter(inputs.values()), BROKEN)
        return cls(prefix, numbered, tuple(names), tuple(shapes), {"input": first, **inputs}, first)

    def address(self, name: str) -> str:
        return f"{self.prefix}.{name}" if self.prefix else name

    def shape(self, ref: Ref) -> Shape:
        """The shape of a value of this body."""
        return self.input_shapes[ref.output] if ref.child == ENCLOSING else self.children[ref.child].shapes[ref.output]

    def called(self, value: Value) -> str:
        """How a node can be named that takes several values from the node before it."""
        child = value.refs[0].child
        name = self.children[child].name if child >= 0 else "input"
        return "previous" if name.isdigit() else name

    def number(self) -> str:
        """The name of the next child of a list."""
        name = str(self._next)
        self._next += 1
        return name

    def add(self, child: NodeType, labels: tuple[str | None, ...] = ()) -> Value:
        """Append a child and give its value."""
        index = len(self.children)
        self.children.append(child)
        self.used.update(child.inputs)
        refs = tuple(Ref(index, output) for output in range(len(child.shapes)))
        return Value(refs, child.shapes, labels, child.training)
