"""What the letters of an overlay's sheet stand for, and what became of its boxes in each block, as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from archspec.pictures.drawing.captions import names_text
from archspec.pictures.drawing.model import Box, Cell, Piece, Row, Sheet, Table
from archspec.pictures.drawing.tables import FEW, NO, YES, called
from archspec.pictures.overlay.captions import Symbols, Values
from archspec.pictures.overlay.layer_groups import Unit
from archspec.pictures.overlay.merge import Merged
from archspec.pictures.overlay.sides import seen


def tabled(sheet: Sheet, symbols: Symbols, found: Merged, drawn: Sequence[Unit]) -> Sheet:
    """A sheet of units that are drawn, with its table."""
    headers = [Piece(letter, symbol=True) for letter, _ in symbols.letters]
    columns = [values for _, values in symbols.letters]
    for header, values in _switches(sheet, found, drawn):
        headers.append(Piece(header))
        columns.append(values)
    if not columns:
        return sheet
    rows = tuple(_rows(sheet.instances, columns))
    return replace(sheet, table=Table((Piece("block"), Piece("×"), *headers), rows))


def _switches(sheet: Sheet, found: Merged, drawn: Sequence[Unit]) -> Iterator[tuple[str, Values]]:
    """For the boxes that some blocks lack, or to which not the same happened in all: what did in each of them.

    Those of which the same is to be said share a column.
    """
    told: dict[Values, str] = {}
    for unit, box in zip(drawn, (box for box in sheet.boxes() if box.members)):
        fates = [None if pair is None else seen(pair) for pair in found.columns[unit.atoms[0]]]
        there = set(fates) - {None}
        mixed = len(there) > 1 and bool(there & {"added", "removed"})
        if None in fates or mixed:
            said = tuple(NO if fate is None else fate if mixed else YES for fate in fates)
            told.setdefault(said, _called(box))
    yield from ((name, said) for said, name in told.items())


def _called(box: Box) -> str:
    """What a reader finds in a box, without the sign of what became of it."""
    return re.sub("^[+−~] ", "", called(box))


def _rows(addresses: Sequence[str], columns: Sequence[Values]) -> Iterator[Row]:
    """A row for each run of blocks in which every column stands for the same, or grows evenly."""
    start = 0
    while start < len(addresses):
        run = range(start, max(_equal(columns, start), _growing(columns, start)))
        named = tuple(addresses[place] for place in run)
        cells = ([column[place] for place in run] for column in columns)
        yield Row(names_text(named), named, tuple(Cell(_text(each), tuple(map(_said, each))) for each in cells))
        start = run.stop


def _said(value: str | None) -> str:
    return NO if value is None else value


def _equal(columns: Sequence[Values], start: int) -> int:
    """The end of the blocks from a first one on that are as it is."""
    ends = (place for place in range(start, len(columns[0])) if any(each[place] != each[start] for each in columns))
    return next(ends, len(columns[0]))


def _growing(columns: Sequence[Values], start: int) -> int:
    """The end of the blocks from a first one on in which all numbers stay as they are or grow by one step."""
    if start + FEW > len(columns[0]):
        return start
    steps = [_step(*each[start : start + 2]) for each in columns]
    end = start + 1
    while end < len(columns[0]) and None not in steps:
        if [_step(*each[end - 1 : end + 1]) for each in columns] != steps:
            break
        end += 1
    return end if end - start >= FEW else start


def _step(one: str | None, other: str | None) -> int | None:
    """What all numbers of a text have grown by in another; `None` where more than these differ."""
    if one == other:
        return 0
    texts = [re.sub(r"\d+", "#", _said(text)) for text in (one, other)]
    numbers = [map(int, re.findall(r"\d+", _said(text))) for text in (one, other)]
    steps = {after - before for before, after in zip(*numbers)}
    step = steps.pop() if texts[0] == texts[1] and len(steps) == 1 else 0
    return step if step > 0 else None


def _text(values: Sequence[str | None]) -> str:
    step = _step(*values[:2]) if len(values) >= FEW else 0
    return f"{_said(values[0])}, += {step}" if step else _said(values[0])
