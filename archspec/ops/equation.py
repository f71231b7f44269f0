"""An equation over values, as a paper writes it: one node of several element-wise ops and products of matrices."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, ClassVar, NamedTuple, TypeAlias

from archspec.ops import lifting
from archspec.ops.base import Op, OpError, register
from archspec.ops.shapes import Count, Shape


class Operand(NamedTuple):
    """One of the values that an equation is over, by its place."""

    place: int


class Apply(NamedTuple):
    """An op of other terms."""

    op: Op
    terms: tuple["Term", ...]


Term: TypeAlias = Operand | Apply

ATOM = 9
"""How strongly a name or a call binds: nothing around it asks for brackets."""


class Written(NamedTuple):
    """A term as source: its text, how strongly its operator binds, and its shape."""

    text: str
    binding: int
    shape: Shape


@register
class Compute(Op):
    """An equation over values, params and numbers: `(1 - z) * h + z * tanh(n)`.

    It may hold `+ - * / ** @`, `.T` for the last two dimensions in each other's place, and every op that learns
    nothing, called by name with its fields: `softmax(q @ k.T, dim=-1)`. Sizes are broadcast as in `add`. MACs: those of
    the products of matrices. Errors: those of the ops in it.
    """

    name = "compute"
    main = "equation"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (0, None)
    takes = "anything"
    saves_output = True
    shares_memory = True
    internal = ("term",)
    example = '{compute: "(1 - z) * h + z * tanh(n)"}'
    example_inputs = ((128,), (128,), (128,))

    equation: str
    term: Any = None
    """What the equation says, over the inputs by place."""

    def headline(self, values: Mapping[str, Any], inputs: int) -> str:
        """The equation itself."""
        return " ".join(str(values["equation"]).split())

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return (self._written(("",) * len(inputs), inputs).shape,)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return sum(lifting.macs(op, shapes, [shape]) for op, shapes, shape in _steps(self.term, inputs))

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        return self._written(names, shapes).text

    def _written(self, names: Sequence[str], shapes: Sequence[Shape]) -> Written:
        return _written(self.term, names, shapes)


def _written(term: Term, names: Sequence[str], shapes: Sequence[Shape]) -> Written:
    """A term as Python writes it, with no more brackets than it needs."""
    if isinstance(term, Operand):
        return Written(names[term.place], ATOM, shapes[term.place])
    parts = [_written(each, names, shapes) for each in term.terms]
    given = [part.shape for part in parts]
    shape = _inferred(term.op, given)
    function = getattr(term.op, "function", None)
    if function is not None:
        return Written(function(parts[0].text), ATOM, shape)
    binding = getattr(term.op, "binding", ATOM)
    texts = [_in_brackets(part, term.op, binding, place) for place, part in zip(_places(term.op), parts)]
    return Written(term.op.call(texts, given), binding, shape)


def _places(op: Op) -> Iterator[int]:
    """Where the values stand among the operands of an op, which may be numbers too."""
    numbers = {place for place, _ in getattr(op, "numbers", ())}
    return (place for place in count() if place not in numbers)


def _in_brackets(part: Written, op: Op, binding: int, place: int) -> str:
    """A term inside another one: in brackets where it binds less, and where the operator is read from the left."""
    later = place > 0 or not getattr(op, "from_the_left", True)
    return part.text if part.binding >= min(binding + later, ATOM) else f"({part.text})"


def _steps(term: Term, shapes: Sequence[Shape]) -> Iterator[tuple[Op, list[Shape], Shape]]:
    """Each op of a term with the shapes that it takes and gives."""
    if isinstance(term, Apply):
        for each in term.terms:
            yield from _steps(each, shapes)
        given = [_written(each, ("",) * len(shapes), shapes).shape for each in term.terms]
        yield term.op, given, _inferred(term.op, given)


def _inferred(op: Op, shapes: Sequence[Shape]) -> Shape:
    least, most = op.inputs
    given = len(shapes) + len(getattr(op, "numbers", ()))
    if given < least or (most is not None and given > most):
        raise OpError("inputs", f"`{op.name}` takes {least} values, found {given}")
    shape, *others = lifting.infer(op, shapes)
    if others:
        message = f"`{op.name}` gives {len(others) + 1} values, and an equation goes on with one"
        raise OpError("inputs", message, help="write it as a node, and name its output in the equation")
    return shape
