"""Sizes that are known when the network runs: a symbolic size → how the source reads it off the values at hand.

`floor(H/4)*floor(W/4)` is `x.shape[2] * x.shape[3]` where `x` has these dimensions, and `floor(H/8)` is then
`x.shape[2] // 2`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archspec.language.symbolic import Atom, Floor, Monomial, Number, Symbolic
from archspec.ops.base import OpError
from archspec.ops.shapes import Batch, Dim, Shape, dim_text, known, whole

_MOST_PARTS = 64
"""A size that is a dimension's quotient by at most so much is found."""


class Dimension(NamedTuple):
    """One dimension of a value: how the source says it, and its size."""

    text: str
    size: Dim


def size_texts(op: str, field: str, sizes: Sequence[Dim], names: Sequence[str], shapes: Sequence[Shape]) -> list[str]:
    """Each of some sizes as the source says it; in a reshape -1 for one that cannot be read off the values.

    Raises `OpError` where more than one cannot be read.
    """
    dimensions = [
        Dimension(f"{name}.shape[{at}]", size)
        for name, shape in zip(names, shapes)
        for at, size in enumerate(whole(shape))
    ]
    texts = [str(size) if known(size) else _read(size, dimensions) for size in sizes]
    free = op != "expand" and not any(known(size) and size == -1 for size in sizes)
    for at, size in enumerate(sizes):
        if texts[at] is None and free:
            texts[at], free = "-1", False
        elif texts[at] is None and type(size) is Batch:
            texts[at] = _items_text(size, dimensions)
    unread = next((size for size, text in zip(sizes, texts) if text is None), None)
    if unread is not None:
        raise OpError(
            "sizes",
            f"`{op}` cannot read {dim_text(unread)} off its input",
            field=field,
            expected="sizes that its inputs have, or that follow from these",
            help="name a value that has it behind the input: `from: [x, value]`",
        )
    return [text for text in texts if text is not None]


def _read(size: Dim, dimensions: Sequence[Dimension]) -> str | None:
    """How the source says a size that is a dimension, or follows from some; `None` where it does not."""
    exact = next((each.text for each in dimensions if not known(each.size) and each.size == size), None)
    if exact is not None or not isinstance(size, Symbolic):
        return exact
    terms = [_term(factor, monomial, dimensions) for monomial, factor in size.terms.items()]
    if all(terms):
        return " + ".join(term for term in terms if term is not None)
    return next((text for each in dimensions if (text := _part(size, each)) is not None), None)


def _term(factor: Number, monomial: Monomial, dimensions: Sequence[Dimension]) -> str | None:
    """A product of sizes and a number."""
    if not monomial:
        return str(factor)
    size = Symbolic({monomial: 1})
    for each in dimensions:
        if isinstance(each.size, Symbolic) and len(each.size.terms) == 1:
            ((held, own),) = each.size.terms.items()
            rest = _without(monomial, held)
            if rest is not None and held and own == 1:
                return _times(each.text, factor, rest, dimensions)
    if len(monomial) > 1:
        first = _term(1, monomial[:1], dimensions)
        return None if first is None else _times(first, factor, monomial[1:], dimensions)
    part = next((text for each in dimensions if (text := _part(size, each)) is not None), None)
    part = part or _floor(monomial[0], dimensions)
    return None if part is None else _times(part, factor, (), dimensions)


def _times(text: str, factor: Number, rest: Monomial, dimensions: Sequence[Dimension]) -> str | None:
    """A text times a number and what else is in a product."""
    others = _term(1, rest, dimensions) if rest else None
    if rest and others is None:
        return None
    text = text if others is None else f"{_factor(text)} * {_factor(others)}"
    return text if factor == 1 else f"{_factor(text)} * {factor}" if isinstance(factor, int) else None


def _part(size: Symbolic, of: Dimension) -> str | None:
    """A size as a quotient of a dimension."""
    if not isinstance(of.size, Symbolic) or of.size.names != size.names:
        return None
    divisor = next((each for each in range(2, _MOST_PARTS + 1) if of.size // each == size), None)
    return None if divisor is None else f"{of.text} // {divisor}"


def _floor(atom: Atom, dimensions: Sequence[Dimension]) -> str | None:
    """A quotient whose dividend can be read."""
    if not isinstance(atom, Floor):
        return None
    dividend = _read(atom.parts[0], dimensions)
    return None if dividend is None else f"{_factor(dividend)} // {atom.divisor}"


def _factor(text: str) -> str:
    """A text as it stands in a product, in brackets where it needs them."""
    return f"({text})" if " + " in text or " // " in text else text


def _without(monomial: Monomial, part: Monomial) -> Monomial | None:
    """A product without some of its factors; `None` where it does not have them."""
    rest = list(monomial)
    for atom in part:
        if atom not in rest:
            return None
        rest.remove(atom)
    return tuple(rest)


def _items_text(size: Batch, dimensions: Sequence[Dimension]) -> str | None:
    """A number of items, from that which a tensor has."""
    for each in dimensions:
        if isinstance(each.size, Batch) and each.size.power == size.power:
            counts = (each.size.count, size.count)
            divisor, factor = (count if known(count) else _read(count, dimensions) for count in counts)
            if divisor is not None and factor is not None:
                text = each.text if divisor == 1 else f"{each.text} // {_bracketed(divisor)}"
                return text if factor == 1 else f"{text} * {_factor(str(factor))}"
    return None


def _bracketed(divisor: int | str) -> str:
    return f"({divisor})" if " " in str(divisor) else str(divisor)
