"""The sheets of an atlas: each distinct block laid out on a page of its own, and which node each box shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from archspec.graph.labels import rounded_text
from archspec.graph.model import Counts, Graph
from archspec.pictures.drawing import Box, Drawing, Sheet, View, compose
from archspec.pictures.drawing.captions import names_text
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.render.marks import Page
from archspec.pictures.render.page import page


class Laid(Struct, frozen=True):
    """One sheet with its page."""

    sheet: Sheet
    page: Page


def sheets(graph: Graph, drawing: Drawing, first: Page, direction: Direction, time_limit: float) -> list[Laid]:
    """The drawing on its page, then each distinct block; where the drawing shows none by itself, as a figure does."""
    insets = drawing.insets or compose(graph, View("figure")).insets
    found = [Laid(drawing.main, first)]
    for sheet in insets:
        alone = Drawing(sheet.title, sheet.title, tuple(_lines(graph, sheet)), (), sheet, scale=drawing.scale)
        found.append(Laid(sheet, page(alone, direction, time_limit)))
    return found


def _lines(graph: Graph, sheet: Sheet) -> Iterator[str]:
    """What stands under the title of a block's sheet: how many there are, and what they come to."""
    counts = Counts.of(graph.nodes[address] for address in sheet.instances)
    names = sheet.instances
    where = names_text(names) if len(names) < 3 else f"{len(names)} blocks"
    training = all(graph.nodes[address].training for address in names)
    runs = "in training only" if training else f"{rounded_text(counts.macs)} MACs"
    yield f"{where} · {rounded_text(counts.params)} parameters · {runs}"


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """The sheet as plain values: the blocks that it shows, and the nodes of each box in the first of them.

    A box whose nodes are called otherwise in another block, or are missing there, says so of that block's number.
    """
    values = _values(sheet)
    boxes = [[box.id, *_members(box, sheet.instances)] for box in sheet.boxes() if box.members]
    frames = [group.id for group in sheet.groups() if group.rounds == 1]
    return {"title": sheet.title, "blocks": sheet.instances, "boxes": boxes, "frames": frames, **values}


def _members(box: Box, instances: Sequence[str]) -> Iterator[Any]:
    rows = [[own(address, block) for address in row] for row, block in zip(box.members, instances)]
    usual = next(row for row in rows if row)
    yield usual
    others = {str(number): row for number, row in enumerate(rows) if row != usual}
    if others:
        yield others


def own(address: str, block: str) -> str:
    """An address within a block.

    >>> own("layer1.0.conv1", "layer1.0"), own("conv1", "")
    ('conv1', 'conv1')
    """
    return address.removeprefix(f"{block}.") if block else address


def _values(sheet: Sheet) -> dict[str, Any]:
    """What each symbol stands for in each block, in the order of the blocks."""
    if sheet.table is None:
        return {}
    by_block: dict[str, list[str]] = {}
    for row in sheet.table.rows:
        for number, address in enumerate(row.addresses):
            by_block[address] = [cell.values[number] for cell in row.cells]
    headers = [header.text for header in sheet.table.headers[2:]]
    return {"headers": headers, "values": [by_block.get(address, []) for address in sheet.instances]}


def doors(laid_out: Sequence[Laid]) -> Mapping[str, str]:
    """For each box of a block that has a sheet of its own, that sheet's fragment."""
    numbered = [(fragment(number), laid) for number, laid in enumerate(laid_out) if number]
    sheet_of = {address: name for name, laid in numbered for address in laid.sheet.instances}
    boxes = {box.id: next(filter(None, box.members), ()) for laid in laid_out for box in laid.sheet.boxes()}
    return {id: sheet_of[members[0]] for id, members in boxes.items() if members and members[0] in sheet_of}


def fragment(number: int) -> str:
    """What a sheet is called in a link: no address has a hyphen."""
    return f"sheet-{number}"
