"""What templates say of the numbers that differ, as symbols in a sheet's text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import gcd
from typing import Any, TypeAlias

from msgspec.structs import replace

from archspec.graph.model import Leaf
from archspec.ops.value_text import Marked
from archspec.pictures.drawing.model import Piece, Text
from archspec.templates import Chain, Constant, Construct, Expression, Given, Item, Listed, Reference, listed

Symbol: TypeAlias = str | tuple[Any, ...]
"""What stands in place of a field's value: a marked stretch of text, or sizes of which some are."""

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Around a symbol, while it is part of a plain text: characters of private use, which no text has."""

_SHORT = {
    "kernel_size": "k",
    "stride": "s",
    "groups": "g",
    "in_channels": "in",
    "out_channels": "out",
    "hidden_channels": "hidden",
    "in_features": "in",
    "out_features": "out",
}
"""What papers write for torch's words."""
_FIELD = re.compile(rf"(?:\w+_)?({'|'.join(_SHORT)})(\d*)")
_BELOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def short_names(names: Iterable[str]) -> dict[str, str]:
    """The symbol of each parameter of a template: short where papers have a short one and nobody else has it."""
    given = list(names)
    wanted = {name: _short(name) for name in given}
    taken = Counter(wanted.values())
    return {name: short if taken[short] == 1 else name for name, short in wanted.items()}


def _short(name: str) -> str:
    """What papers write for a word of torch, also where it says whose it is, or which of several.

    >>> _short("stride"), _short("conv_stride2"), _short("width")
    ('s', 's₂', 'width')
    """
    field = _FIELD.fullmatch(name)
    return _SHORT[field[1]] + field[2].translate(_BELOW) if field else name


def symbol(value: Given, short: Mapping[str, str]) -> str:
    """A parameter, a multiple or a part of one, as a marked stretch of plain text."""
    times = f"{value.factor}·" if value.factor != 1 else ""
    part = f"/{value.divisor}" if value.divisor != 1 else ""
    return Marked(f"{times}{_OPEN}{short.get(value.parameter, value.parameter)}{_CLOSE}{part}")


def pieces(text: str) -> Text:
    """A text with marked symbols, in pieces.

    >>> [piece.symbol for piece in pieces("1×1 conv, 4·" + chr(0xE000) + "width" + chr(0xE001))]
    [False, True]
    """
    parts = re.split(f"({_OPEN}.*?{_CLOSE})", text)
    return tuple(Piece(part.strip(_OPEN + _CLOSE), part.startswith(_OPEN)) for part in parts if part)


def symbols_of(leaf: Leaf, maker: Expression | None, short: Mapping[str, str]) -> dict[str, Symbol]:
    """The fields of an op that its template leaves open, each with the symbol in its place."""
    if not isinstance(maker, Construct):
        return {}
    fields = set(leaf.op.field_names())
    found = {item.name: _symbol(item.value, short) for item in maker.items if item.name in fields}
    return {name: value for name, value in found.items() if value is not None}


def _symbol(value: Expression, short: Mapping[str, str]) -> Symbol | None:
    if isinstance(value, Given):
        return symbol(value, short)
    if isinstance(value, Listed):
        parts = (each.value if isinstance(each, Constant) else _symbol(each, short) for each in value.items)
        return tuple(parts)
    return None


def substituted(expression: Expression | None, given: Mapping[str, Expression]) -> Expression | None:
    """An expression over a template's parameters, in the words of the template that calls it."""
    if isinstance(expression, Given):
        return _scaled(given.get(expression.parameter, expression), expression)
    if isinstance(expression, Listed):
        return listed(tuple(_required(item, given) for item in expression.items), expression.per_dimension)
    if isinstance(expression, Construct):
        callee = expression.callee
        if isinstance(callee, Given):
            value = given.get(callee.parameter, callee)
            callee = value.name if isinstance(value, Reference) else value if isinstance(value, Given) else callee
        return replace(expression, callee=callee, items=tuple(_item(item, given) for item in expression.items))
    if isinstance(expression, Chain):
        links = (replace(link, value=_required(link.value, given)) for link in expression.links)
        return replace(expression, links=tuple(links))
    return expression


def _item(item: Item, given: Mapping[str, Expression]) -> Item:
    return replace(item, value=_required(item.value, given))


def _required(expression: Expression, given: Mapping[str, Expression]) -> Expression:
    value = substituted(expression, given)
    assert value is not None
    return value


def _scaled(value: Expression, by: Given) -> Expression:
    """What a parameter stands for, times and divided by what the expression says."""
    if by.factor == by.divisor == 1:
        return value
    if isinstance(value, Constant) and isinstance(value.value, int):
        return Constant(value.value * by.factor // by.divisor)
    if isinstance(value, Given):
        factor, divisor = value.factor * by.factor, value.divisor * by.divisor
        shared = gcd(factor, divisor)
        return Given(value.parameter, factor // shared, divisor // shared)
    return value
