"""A drawing that does not say of what shape values are."""

from __future__ import annotations

from msgspec.structs import replace

from archspec.pictures.drawing.model import Box, Drawing, Item, Sheet


def without_shapes(drawing: Drawing) -> Drawing:
    """The same with no shape beside a wire or at an end; tables keep theirs."""
    main, *insets = map(_without, drawing.sheets)
    return replace(drawing, main=main, insets=tuple(insets))


def _without(sheet: Sheet) -> Sheet:
    edges = tuple(replace(edge, label="") for edge in sheet.edges)
    return replace(sheet, items=tuple(map(_bare, sheet.items)), edges=edges)


def _bare(item: Item) -> Item:
    """An end with its name alone, or `input` where it has none."""
    if not isinstance(item, Box):
        return replace(item, items=tuple(map(_bare, item.items)))
    return replace(item, lines=item.lines[:1]) if item.role in ("input", "output") else item
