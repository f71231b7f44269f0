"""How large each thing is that has text in it."""

from __future__ import annotations

from archspec.ops.kinds import KINDS
from archspec.pictures.drawing import Box, Line, Sheet
from archspec.pictures.fonts import Face
from archspec.pictures.layout.text_width import pieces_width

MAIN, MINOR = 11.0, 10.2
"""Sizes of text, in points."""

LEADING = 1.2
"""From one line to the next, in sizes of the text."""

SIDE, TOP = 6.0, 3.5
"""Room between a box and its text."""

SMALLEST = 58.0
OWN_WIDTH = frozenset({"input", "output", *(kind for kind, traits in KINDS.items() if traits.goes_along)})
ROUND = 19.0
"""The width of a join's circle."""
SHADOW = 3.0
"""How far the second of several alike boxes looks out behind the first."""


def line_size(line: Line) -> float:
    """The size of a line's text."""
    return MAIN if line.rank == "main" else MINOR


def line_face(line: Line, box: Box) -> Face:
    """The face of a line's text: what a closed block is stands in bold."""
    return "Bold" if line.rank == "main" and box.closed else "Regular"


def line_width(line: Line, box: Box) -> float:
    """The width of a line of text."""
    return pieces_width(line.text, line_size(line), line_face(line, box))


def box_size(box: Box) -> tuple[float, float]:
    """The width and height of a box by itself."""
    if box.sign is not None:
        return ROUND, ROUND
    width = max(line_width(line, box) for line in box.lines) + 2 * SIDE
    height = sum(line_size(line) for line in box.lines) * LEADING + 2 * TOP
    if box.stacked:
        height += SHADOW
    if box.role in ("input", "output"):
        return width - SIDE, height - TOP
    if box.role in ("pooling", "normalization", "other") or box.frozen:
        width += 2 * SIDE if box.frozen else SIDE
    return max(width, SMALLEST), height


def sizes(sheet: Sheet) -> dict[str, tuple[float, float]]:
    """The size of each box of a sheet; boxes of about one width are of one.

    Where boxes in no frames give several values, these need the room: widths must be closer to be one.
    """
    several = any(len(ports) > 1 for ports in sheet.ports().values()) and not any(sheet.groups())
    like = 1.25 if several else 2.4
    own = {box.id: box_size(box) for box in sheet.boxes()}
    plain = {box.id: own[box.id] for box in sheet.boxes() if box.sign is None and box.role not in OWN_WIDTH}
    widest = max((width for width, _ in plain.values()), default=0.0)
    return own | {id: (widest, height) for id, (width, height) in plain.items() if widest <= like * width}
