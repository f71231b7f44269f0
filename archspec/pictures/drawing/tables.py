"""The numbers in which the blocks of a sheet differ, as a table by stage."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from msgspec import Struct
from msgspec.structs import replace

from archspec.graph.model import Block
from archspec.ops.shapes import shape_text
from archspec.ops.value_text import value_text
from archspec.pictures.drawing.captions import names_text
from archspec.pictures.drawing.legend import SIGNS
from archspec.pictures.drawing.model import Box, Cell, Piece, Row, Sheet, Table
from archspec.pictures.drawing.symbols import short_names
from archspec.templates import Constant, Expression, Reference, Template

YES, NO = "•", "–"
FEW = 3
"""So many values are a series, and so many boxes are named at most that come and go together."""
LISTED = 4
"""So many different values in a row are listed one by one."""
LONG = 16
"""So many rows are read as they are; of more, those whose numbers are a series are one."""

OUTPUT = Piece("output")

_JOINS = {str(sign): words for sign, words in SIGNS.items()}


class Column(Struct, frozen=True):
    """What one header stands for in each block of a sheet."""

    header: Piece
    values: tuple[str, ...]
    numbers: tuple[int, ...] | None = None


def tabled(sheet: Sheet, blocks: Sequence[Block], template: Template, around: Sequence[Sheet]) -> Sheet:
    """A sheet with its table: a row for each stage of the sheets `around` it, or for each block written by itself."""
    if len(blocks) == 1:
        return sheet
    columns = [*_symbols(sheet, blocks, template), *_switches(sheet)]
    growing = _growth(blocks)
    columns = [*([growing] if growing else []), *columns, _outputs(blocks)]
    columns = [column for column in columns if column.header.symbol or len(set(column.values)) > 1]
    if not columns:
        return sheet
    rows = [row for group in _stages(blocks, around) for row in _rows(group, blocks, columns)]
    rows = list(_in_series(rows, blocks, columns)) if len(rows) > LONG else rows
    twice = {name for name, count in Counter(row.name for row in rows).items() if count > 1}
    rows = [replace(row, name=names_text(row.addresses)) if row.name in twice else row for row in rows]
    headers = (Piece("block"), Piece("×"), *(column.header for column in columns))
    return replace(sheet, table=Table(headers, tuple(rows)))


def _symbols(sheet: Sheet, blocks: Sequence[Block], template: Template) -> Iterator[Column]:
    """A column for each symbol in the sheet's text, in the order in which a reader meets them."""
    short = short_names(each.name for each in template.parameters)
    given = {short[each.name]: each.values for each in template.parameters}
    places = {id(block): place for place, block in enumerate(template.instances)}
    pieces = [piece for box in sheet.boxes() for line in box.lines for piece in line.text if piece.symbol]
    for name in dict.fromkeys(piece.text for piece in pieces):
        values = tuple(given[name][places[id(block)]] for block in blocks)
        texts = tuple(expression_text(value, told) for value, told in zip(values, _tells(sheet, name)))
        yield Column(Piece(name, symbol=True), texts, _numbers(values))


def _tells(sheet: Sheet, name: str) -> list[bool]:
    """Whether each block has a box that says a symbol."""
    boxes = [
        box for box in sheet.boxes() if any(piece == Piece(name, True) for line in box.lines for piece in line.text)
    ]
    return [any(box.members[number] for box in boxes) for number in range(len(sheet.instances))]


def _switches(sheet: Sheet) -> Iterator[Column]:
    """A column for the boxes that some of the blocks lack; those that come and go together share it."""
    found: dict[tuple[bool, ...], list[str]] = defaultdict(list)
    for box in sheet.boxes():
        if box.members and box.optional:
            found[tuple(map(bool, box.members))].append(called(box))
    for present, names in found.items():
        header = ", ".join(dict.fromkeys(names[:FEW]))
        yield Column(Piece(header), tuple(YES if each else NO for each in present))


def called(box: Box) -> str:
    """What a reader finds in a box, or in the legend: its name or what it is, without its numbers."""
    return _JOINS[box.sign] if box.sign else str(box.lines[0]).split(",")[0]


def _growth(blocks: Sequence[Block]) -> Column | None:
    """The channels that each block is given, where they grow from block to block."""
    channels = [block.input_shapes[0][0] for block in blocks if block.input_shapes and block.input_shapes[0]]
    grows = any(_step(list(channels[at : at + 3])) for at in range(len(channels) - 2))
    if not grows or not all(isinstance(each, int) for each in channels) or len(channels) < len(blocks):
        return None
    return Column(Piece("in"), tuple(map(str, channels)), tuple(channels))


def _outputs(blocks: Sequence[Block]) -> Column:
    values = tuple(", ".join(map(shape_text, block.shapes)) for block in blocks)
    return Column(OUTPUT, values, _channels(blocks))


def _channels(blocks: Sequence[Block]) -> tuple[int, ...] | None:
    """The channels of what blocks give, where that is one value and only they may differ from block to block."""
    shapes = [block.shapes[0] for block in blocks if len(block.shapes) == 1 and block.shapes[0]]
    channels = tuple(shape[0] for shape in shapes if isinstance(shape[0], int))
    return channels if len(channels) == len(blocks) else None


def expression_text(value: Expression | None, told: bool = True) -> str:
    """What a parameter is in one block; none is given where no box tells it."""
    if isinstance(value, Constant):
        return value_text(value.value) if told or value.value is not None else NO
    return value.name.rpartition(".")[2] if isinstance(value, Reference) else NO


def _numbers(values: Sequence[Expression | None]) -> tuple[int, ...] | None:
    plain = [value.value for value in values if isinstance(value, Constant) and type(value.value) is int]
    return tuple(plain) if len(plain) == len(values) else None


def _stages(blocks: Sequence[Block], around: Sequence[Sheet]) -> Iterator[tuple[str | None, list[int]]]:
    """The blocks, by number, of each box of sheets that show one block, and its name; alone where written by itself."""
    single = (sheet for sheet in around if len(sheet.instances) == 1)
    home = {address: box for sheet in single for box in sheet.boxes() for row in box.members for address in row}

    def box_of(number: int) -> Box | None:
        names = blocks[number].address.split(".")
        outer = (".".join(names[:size]) for size in range(len(names), 0, -1))
        return next((home[address] for address in outer if address in home), None)

    for box, numbers in groupby(range(len(blocks)), box_of):
        group = list(numbers)
        slots = {blocks[number].slot[::2] for number in group}
        told_one_by_one = len(slots) > 1 and (box is None or box.times > 1 or _are_inside(group, blocks, box))
        if box is None or told_one_by_one:
            yield from ((None, [number]) for number in group)
        else:
            yield next((str(line) for line in box.lines if line.rank == "name"), None), group


def _are_inside(numbers: Sequence[int], blocks: Sequence[Block], box: Box) -> bool:
    """Whether blocks stand inside of what a box stands for, and are not that themselves."""
    members = {address for row in box.members for address in row}
    return not members.issuperset(blocks[number].address for number in numbers)


def _rows(stage: tuple[str | None, list[int]], blocks: Sequence[Block], columns: Sequence[Column]) -> Iterator[Row]:
    """One row for a stage, where few words tell each column; else one for each of its parts, and so on."""
    name, numbers = stage
    cells = [_cell(column, numbers) for column in columns]
    if any(cell is None for cell in cells):
        for part in _parts(numbers, blocks):
            yield from _rows(part, blocks, columns)
        return
    addresses = tuple(blocks[number].address for number in numbers)
    yield Row(name or _short(addresses), addresses, tuple(cell for cell in cells if cell is not None))


def _in_series(rows: Sequence[Row], blocks: Sequence[Block], columns: Sequence[Column]) -> Iterator[Row]:
    """The rows, those of blocks beside each other whose numbers are a series as one."""
    number_of = {block.address: number for number, block in enumerate(blocks)}
    for around, group in groupby(rows, lambda row: row.addresses[0].rpartition(".")[0] if _is_single(row) else row):
        rest = list(group)
        while rest:
            count, merged = 1, rest[0]
            while count < len(rest) and (longer := _series(rest[: count + 1], number_of, columns)) is not None:
                count, merged = count + 1, longer
            yield from [merged] if count >= FEW and isinstance(around, str) else rest[:count]
            rest = rest[count:]


def _is_single(row: Row) -> bool:
    return len(row.addresses) == 1


def _series(rows: Sequence[Row], number_of: Mapping[str, int], columns: Sequence[Column]) -> Row | None:
    """Several rows as one, or `None` where some column is no series."""
    addresses = tuple(address for row in rows for address in row.addresses)
    numbers = [number_of[address] for address in addresses]
    cells = [_cell(column, numbers) or _progression(column, numbers) for column in columns]
    found = tuple(cell for cell in cells if cell is not None)
    return Row(_short(addresses), addresses, found) if len(found) == len(cells) else None


def _progression(column: Column, numbers: Sequence[int]) -> Cell | None:
    """Numbers that are multiplied from block to block, or the outputs that come of these: the first and the last."""
    values = tuple(column.values[number] for number in numbers)
    if column.header == OUTPUT:
        return Cell(f"{values[0]} … {values[-1]}", values)
    factor = _factor([column.numbers[number] for number in numbers]) if column.numbers else None
    return Cell(f"{values[0]}, ×= {factor}", values) if factor else None


def _factor(numbers: Sequence[int]) -> int | None:
    """By what each number is multiplied to give the next."""
    first, second, *_ = numbers
    factor = second // first if first else 0
    return factor if factor and all(before * factor == after for before, after in pairwise(numbers)) else None


def _parts(numbers: Sequence[int], blocks: Sequence[Block]) -> Iterator[tuple[str | None, list[int]]]:
    """Blocks by the outermost block around them that not all of them stand in, and its name."""
    paths = {number: blocks[number].address.split(".") for number in numbers}
    level = next(at for at, names in enumerate(zip(*paths.values())) if len(set(names)) > 1)
    for _, part in groupby(numbers, lambda number: paths[number][level]):
        group = list(part)
        yield (".".join(paths[group[0]][: level + 1]) if len(group) > 1 else None), group


def _short(addresses: Sequence[str]) -> str:
    """Addresses in a row, without what is around them where their own names tell enough."""
    own = [address.rpartition(".")[2] for address in addresses]
    return names_text(list(addresses) if any(name.isdigit() for name in own) else own)


def _cell(column: Column, numbers: Sequence[int]) -> Cell | None:
    """The values of a stage's blocks in few words, or `None` where that takes many."""
    values = tuple(column.values[number] for number in numbers)
    if len(set(values)) == 1:
        return Cell(values[0], values)
    step = _step([column.numbers[number] for number in numbers]) if column.numbers else None
    if step and column.header == OUTPUT:
        same = len({value.partition("×")[2] for value in values}) == 1
        return Cell(f"{values[0]} … {values[-1]}", values) if same else None
    if step:
        return Cell(f"{values[0]}, += {step}", values)
    if len(set(values[1:])) == 1:
        if set(values) == {YES, NO}:
            return Cell("first" if values[0] == YES else "not first", values)
        return Cell(f"{values[0]}, then {values[1]}", values)
    return Cell(", ".join(values), values) if len(values) <= LISTED else None


def _step(numbers: Sequence[int]) -> int | None:
    """What is added from each number to the next."""
    steps = {after - before for before, after in pairwise(numbers)}
    return steps.pop() if len(numbers) >= FEW and len(steps) == 1 else None
