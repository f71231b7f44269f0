"""An equation's text, over the names that its values have where it stands.

>>> from archspec.ops import ops
>>> add = ops()["add"].of({"numbers": ((1, 3),)})
>>> outline(Apply(ops()["relu"].of({}), (Apply(add, (Operand(0),)),)))
('relu({value0} + {number0})', (3,))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from archspec.ops import Op
from archspec.ops.equation import ATOM, Apply, Operand, Term

SIGNS = {
    "add": ("+", 2), "sub": ("-", 2), "mul": ("*", 3), "div": ("/", 3), "matmul": ("@", 3), "pow": ("**", 5),
    "eq": ("==", 1), "ne": ("!=", 1), "gt": (">", 1), "ge": (">=", 1), "lt": ("<", 1), "le": ("<=", 1),
}  # fmt: skip
"""The operators, and how strongly they bind."""

NEGATED = 4


class _Part(NamedTuple):
    text: str
    binding: int


def outline(term: Term) -> tuple[str, tuple[float, ...]]:
    """An equation with places for its values and numbers, and the numbers."""
    numbers: list[float] = []
    return _part(term, numbers).text, tuple(numbers)


def _part(term: Term, numbers: list[float]) -> _Part:
    if isinstance(term, Operand):
        return _Part(f"{{value{term.place}}}", ATOM)
    op = term.op
    if op.name == "transpose":
        return _Part(f"{_bracketed(_part(term.terms[0], numbers), ATOM)}.T", ATOM)
    if op.name == "neg":
        return _Part(f"-{_bracketed(_part(term.terms[0], numbers), NEGATED)}", NEGATED)
    parts = list(_operands(term, numbers))
    if op.name not in SIGNS or len(parts) != 2:
        return _Part(f"{op.name}({', '.join([*(part.text for part in parts), *_fields(op)])})", ATOM)
    sign, binding = SIGNS[op.name]
    left, right = (binding + 1, binding) if sign == "**" else (binding, binding + 1)
    return _Part(f"{_bracketed(parts[0], left)} {sign} {_bracketed(parts[1], right)}", binding)


def _operands(term: Apply, numbers: list[float]) -> Iterator[_Part]:
    """What an op takes, in order: its terms, and the numbers in their places among them."""
    given = dict(getattr(term.op, "numbers", ()))
    terms = iter(term.terms)
    for place in range(len(term.terms) + len(given)):
        if place in given:
            numbers.append(given[place])
            yield _Part(f"{{number{len(numbers) - 1}}}", ATOM)
        else:
            yield _part(next(terms), numbers)


def _fields(op: Op) -> Iterator[str]:
    """The fields that are not as they are anyway."""
    for name, info in type(op).model_fields.items():
        value = getattr(op, name)
        if name not in op.internal and (info.is_required() or value != info.default):
            yield f"{name}={_python(value)}"


def _python(value: Any) -> str:
    return repr(list(value) if isinstance(value, tuple) else value)


def _bracketed(part: _Part, least: int) -> str:
    return part.text if part.binding >= least else f"({part.text})"
