"""A drawing → the same without what runs in training alone: targets, losses, auxiliary heads, and what serves them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec.structs import replace

from archspec.pictures.drawing.model import Box, Drawing, Edge, Item, Sheet

OMITTED = "what runs in training only is not drawn"


def in_inference(drawing: Drawing) -> Drawing:
    """What runs in inference; a drawing that leaves something out says so."""
    main, *insets = map(_in_inference, drawing.sheets)
    if (main, *insets) == drawing.sheets:
        return drawing
    reached = _reached(main, insets)
    kept = tuple(sheet for sheet in insets if sheet.key in reached)
    return replace(drawing, main=main, insets=kept, lines=(*drawing.lines, OMITTED))


def _reached(main: Sheet, insets: Sequence[Sheet]) -> set[str]:
    """The keys of the sheets that show the inside of a box that is drawn."""
    by_key = {sheet.key: sheet for sheet in insets}
    found: set[str] = set()
    pending = [main]
    while pending:
        keys = {box.inside for box in pending.pop().boxes() if box.inside in by_key} - found
        found |= {key for key in keys if key}
        pending += [by_key[key] for key in keys if key]
    return found


def _in_inference(sheet: Sheet) -> Sheet:
    boxes = {box.id for box in sheet.boxes() if not box.training}
    edges = [edge for edge in sheet.edges if not edge.training and {edge.source, edge.target} <= boxes]
    if len(edges) == len(sheet.edges) and all(not box.training for box in sheet.boxes()):
        return sheet
    while idle := _idle(sheet, boxes, edges):
        boxes -= idle
        edges = [edge for edge in edges if idle.isdisjoint((edge.source, edge.target))]
    return replace(sheet, items=tuple(_kept(sheet.items, boxes)), edges=tuple(_told(sheet, edges)))


def _idle(sheet: Sheet, boxes: Collection[str], edges: Sequence[Edge]) -> set[str]:
    """The boxes left of which all that they took, or all who took what they gave, is gone."""
    before = {edge.source for edge in sheet.edges}, {edge.target for edge in sheet.edges}
    gives, takes = {edge.source for edge in edges}, {edge.target for edge in edges}
    return {id for id in boxes if id in before[0] - gives or id in before[1] - takes}


def _kept(items: Sequence[Item], boxes: Collection[str]) -> Iterator[Item]:
    for item in items:
        if isinstance(item, Box):
            if item.id in boxes:
                yield item
        elif inner := tuple(_kept(item.items, boxes)):
            yield replace(item, items=inner)


def _told(sheet: Sheet, edges: Sequence[Edge]) -> Iterator[Edge]:
    """The edges that are left; the shape of a value that stood beside a lost edge stands beside the next one of it."""
    labels = {(edge.source, edge.outputs): edge.label for edge in sheet.edges if edge.label}
    names = {(edge.source, edge.outputs): edge.name for edge in sheet.edges if edge.name}
    alone = {id for id in {edge.target for edge in edges} if sum(edge.target == id for edge in edges) == 1}
    for edge in edges:
        value = edge.source, edge.outputs
        order = {"operands": (), "operand": ""} if edge.target in alone else {}
        yield replace(edge, label=labels.pop(value, ""), name=names.pop(value, ""), **order)
