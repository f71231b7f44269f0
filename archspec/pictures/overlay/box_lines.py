"""The lines of text in a box of an overlay, and its name: of both networks where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from archspec.graph.model import Block
from archspec.pictures.drawing.captions import lanes_text, line, names_text, worth_telling
from archspec.pictures.drawing.model import Line, Piece
from archspec.pictures.overlay.captions import GIVEN, NOTHING, SIGNS, Symbols, further, turned, words
from archspec.pictures.overlay.layer_groups import Unit, sign_at
from archspec.pictures.overlay.merge import Merged
from archspec.pictures.overlay.sides import nodes

LONGEST = 36
"""Characters of what is said of a node in one line, at most."""


def lines(unit: Unit, found: Merged, symbols: Symbols, named: bool) -> Iterator[Line]:
    """Names, what it is, and each thing that goes along and fared differently on a line of its own."""
    first, times = found.columns[unit.atoms[0]], f" ×{unit.times}" if unit.times > 1 else ""
    shown = unit.atoms[: len(unit.atoms) // unit.lanes]
    name = _name(found, shown, named) if unit.times > 1 or named else None
    if name:
        yield line(name, "name")
    (head, *details) = _wrapped([words(pair) if pair else None for pair in first])
    yield Line(tuple(filter(_any, (Piece(SIGNS[unit.status]), *symbols.line(head), Piece(times)))))
    yield from (Line(symbols.line(detail), "minor") for detail in details)
    if unit.lanes > 1:
        shared = any(node.counts.params for node in nodes(found.first(unit.atoms[0])))
        yield from (line(text, "minor") for text in lanes_text(unit.lanes, shared).split("\n"))
    for row in _rows([further(pair) if pair else None for pair in first]):
        yield Line(symbols.line(row), "minor")
    size = len(unit.atoms) // (unit.times * unit.lanes)

    def signed(number: int) -> str:
        status = found.status(number)
        return "" if status == unit.status else SIGNS[status]

    for sign, run in groupby(unit.atoms[1:size], key=signed):
        along = [found.columns[number] for number in run]
        text = [
            None if pair is None else [word for column in along if (each := column[place]) for word in words(each)]
            for place, pair in enumerate(first)
        ]
        yield Line(tuple(filter(_any, (Piece(sign), *symbols.line(text)))), "minor")


def _wrapped(texts: list[list[str] | None]) -> list[list[list[str] | None]]:
    """The words of a node in each of the blocks shown, in one line, or where one has much to say in two."""
    there = [text for text in texts if text is not None]
    long = max(len(", ".join(text)) for text in there) > LONGEST and min(map(len, there)) > 1
    return [[text and text[:1] for text in texts], [text and text[1:] for text in texts]] if long else [texts]


def _rows(texts: list[list[str] | None]) -> Iterator[list[list[str] | None]]:
    """Each row of several columns by itself; where some have fewer, these have nothing there.

    What a layer is given is only told where that is all that is to be said of it in each of the blocks.
    """
    for row in range(max(len(text) for text in texts if text is not None)):
        parts = [None if text is None else text[row : row + 1] for text in texts]
        if [] not in parts or not any(each[0].startswith(GIVEN) for each in parts if each):
            yield [each if each is None else each or [NOTHING] for each in parts]


def _any(piece: Piece) -> bool:
    return bool(piece.text)


def _name(found: Merged, atoms: Sequence[int], named: bool) -> str | None:
    pairs = [found.first(number) for number in atoms]
    node = pairs[0].node
    whole = found.whole(atoms)
    if isinstance(node, Block):
        if whole is not None and len(atoms) > 1:
            return whole.node.address if named else _own(whole.node.address)
        names = [pair.node.address for pair in pairs]
        return names_text(names if named else [_own(each) for each in names])
    names = [each.address for each in nodes(whole or pairs[0])]
    owns = [name.rpartition(".")[2] for name in names]
    plain = any("." in name for name in names) or sign_at(found, atoms[0]) is not None
    return None if plain or not worth_telling(owns[-1], node) else turned(owns[0], owns[-1])


def _own(address: str) -> str:
    """The last of the names of an address; with the one before it where it is but a number."""
    *around, name = address.split(".")
    return ".".join([*around[-1:], name]) if name.isdigit() else name
