"""Copies in series that differ in numbers: what the box of all of them says, and the table of their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from archspec.ops.shapes import shape_text
from archspec.pictures.drawing.aligned_children import Part
from archspec.pictures.drawing.captions import names_text
from archspec.pictures.drawing.flatten import Atom
from archspec.pictures.drawing.model import Box, Cell, Piece, Row, Table
from archspec.pictures.drawing.parallel_copies import Rows
from archspec.pictures.drawing.series_copies import Rounds, copied_atoms
from archspec.pictures.drawing.symbols import short_names, substituted
from archspec.pictures.drawing.tables import NO, expression_text
from archspec.templates import Expression, Given


class Copied(Struct, frozen=True):
    """The rounds of a sheet that differ in numbers.

    `parts` say by the number of each atom of a first copy what stands there in all of them, `columns` give for each
    symbol its value in each copy, and `rounds` are the rounds that have these.
    """

    parts: Mapping[int, Part]
    rounds: tuple[tuple[Rounds, Mapping[str, Sequence[str]]], ...]

    @classmethod
    def of(cls, rows: Rows, found: Iterable[Rounds]) -> Copied:
        """The rounds of a sheet that differ in numbers, each number with a symbol of its own."""
        parts: dict[int, Part] = {}
        rounds: list[tuple[Rounds, Mapping[str, Sequence[str]]]] = []
        taken: set[str] = set()
        for each in found:
            if each.together is None:
                continue
            given = each.together.parameters
            short = {name: _free(symbol, taken) for name, symbol in short_names(one.name for one in given).items()}
            taken.update(short.values())
            named: dict[str, Expression] = {name: Given(symbol) for name, symbol in short.items()}
            columns = zip(*(copied_atoms(rows, copy) for copy in each.copies))
            for numbers, maker in zip(columns, each.together.makers):
                atoms = [rows.found.atoms[number] for number in numbers]
                nodes = tuple(atom.node for atom in atoms)
                parts[numbers[0]] = Part(nodes, atoms[0].part.inputs, substituted(maker, named))
            rounds.append((each, {short[one.name]: tuple(map(expression_text, one.values)) for one in given}))
        return cls(parts, tuple(rounds))

    def said(self, atoms: Sequence[Atom]) -> Sequence[Atom]:
        """The atoms of a sheet as their boxes say them."""
        if not self.parts:
            return atoms
        return [replace(atom, part=self.parts.get(number, atom.part)) for number, atom in enumerate(atoms)]

    def table(self, rows: Rows, boxes: Iterable[Box]) -> Table | None:
        """A row for each run of copies of the same numbers, with a column for each symbol that boxes hold."""
        known = {symbol for _, columns in self.rounds for symbol in columns}
        pieces = [piece for box in boxes for line in box.lines for piece in line.text if piece.symbol]
        symbols = [symbol for symbol in dict.fromkeys(piece.text for piece in pieces) if symbol in known]
        if not symbols:
            return None
        told = [row for each, columns in self.rounds for row in _rows(rows, each, columns, symbols)]
        headers = (*(Piece(symbol, symbol=True) for symbol in symbols), Piece("output"))
        return Table((Piece("block"), Piece("×"), *headers), tuple(told))


def _free(symbol: str, taken: set[str]) -> str:
    while symbol in taken:
        symbol += "′"
    return symbol


def _rows(rows: Rows, each: Rounds, columns: Mapping[str, Sequence[str]], symbols: Sequence[str]) -> Iterable[Row]:
    outputs = [shape_text(rows.found.atoms[copied_atoms(rows, copy)[-1]].node.shapes[0]) for copy in each.copies]
    names = [rows.found.atoms[copied_atoms(rows, copy)[0]].node.address for copy in each.copies]

    def cells(at: int) -> tuple[str, ...]:
        return (*(columns[symbol][at] if symbol in columns else NO for symbol in symbols), outputs[at])

    for values, run in groupby(range(len(each.copies)), key=cells):
        addresses = tuple(names[at] for at in run)
        yield Row(names_text(addresses), addresses, tuple(Cell(value, (value,) * len(addresses)) for value in values))
