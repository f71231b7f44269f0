"""A table of the drawing → marks, in the manner of a paper: rules above and below, none between."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.pictures.drawing import Piece, Table
from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.render.marks import Mark, Path, Words

SIZE = 10.2
ROW = 14.0
GAP = 11.0
"""Between columns."""


class Measured(Struct, frozen=True):
    """A table's texts and the width of each column."""

    texts: tuple[tuple[Piece, ...], ...]
    widths: tuple[float, ...]

    @property
    def width(self) -> float:
        return sum(self.widths) + GAP * len(self.widths)

    @property
    def height(self) -> float:
        return ROW * len(self.texts) + 7


def measured(table: Table) -> Measured:
    """How large a table is."""
    several = any(len(row.addresses) > 1 for row in table.rows)
    header = [piece for piece in table.headers if several or piece.text != "×"]
    rows = [
        (
            Piece(row.name),
            *([Piece(str(len(row.addresses)))] if several else []),
            *(Piece(cell.text) for cell in row.cells),
        )
        for row in table.rows
    ]
    texts = (tuple(header), *rows)
    return Measured(texts, tuple(max(pieces_width((piece,), SIZE) for piece in column) for column in zip(*texts)))


def table_marks(table: Measured, x: float, y: float) -> Iterator[Mark]:
    """The table with its upper left corner at a place."""
    right = x + table.width
    for at, width in ((0.0, 1.0), (ROW + 2, 0.6), (table.height, 1.0)):
        yield Path((("M", ((x, y + at),)), ("L", ((right, y + at),))), None, "rule", width)
    for number, row in enumerate(table.texts):
        base = y + ROW * (number + 1) - 3 + (4 if number else 0)
        left = x + GAP / 2
        for column, (piece, width) in enumerate(zip(row, table.widths)):
            at, anchor = (left, "start") if column == 0 else (left + width / 2, "middle")
            yield Words(at, base, (piece,), SIZE, pieces_width((piece,), SIZE), anchor)
            left += width + GAP
