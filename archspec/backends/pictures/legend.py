"""The legend of a drawing → marks, in rows at the foot of the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.backends.drawing import Box, Drawing, Piece, Scale
from archspec.backends.drawing.legend import Entry, legend
from archspec.backends.graphviz.layout import Rect
from archspec.backends.pictures.lettering import pieces_width
from archspec.backends.pictures.marks import Mark, Path, Words, moved, polygon
from archspec.backends.pictures.sheets import shape_marks, title_words
from archspec.backends.words import rounded_text

SIZE = 10.2
ROW = 17.0
ABOVE = 14.0
"""Room over the legend."""
SWATCH = Rect(0.0, 3.0, 22.0, 12.0)
DISC = Rect(5.0, 3.0, 12.0, 12.0)
STACK = Rect(0.0, 2.0, 19.0, 14.0)


@dataclass(frozen=True)
class Foot:
    """The legend from its own upper left corner."""

    height: float
    marks: tuple[Mark, ...]


def legend_panel(drawing: Drawing, width: float) -> Foot:
    """The legend of a drawing in rows of at most a width."""
    marks: list[Mark] = []
    x, y = 0.0, ABOVE
    if drawing.scale:
        marks += (moved(mark, 0.0, y) for mark in _scale(drawing.scale))
        y += 2 * ROW
    for entry in legend(drawing, kinds=drawing.scale is None):
        words = title_words(entry.words, SWATCH.width + 6, 12.3, SIZE, False, "muted")
        across = SWATCH.width + 6 + words.width + 16
        if x and x + across - 16 > width:
            x, y = 0.0, y + ROW
        marks += [moved(mark, x, y) for mark in (*_swatch(entry), words)]
        x += across
    return Foot(y + ROW if x else y, tuple(marks))


def _scale(scale: Scale) -> Iterator[Mark]:
    """The shades in a row, with the amounts that they stand for."""
    step = 52.0
    for number, amount in enumerate(scale.amounts):
        x = step * number
        yield Path(polygon((x, 3), (x + step, 3), (x + step, 15), (x, 15)), f"shade-{number}", "line-other", 0.6)
        text = (Piece(rounded_text(amount)),)
        yield Words(x + step / 2, 25, text, SIZE, pieces_width(text, SIZE), paint="muted")
    yield title_words(scale.unit, step * len(scale.amounts) + 8, 12.3, SIZE, False, "muted")


def _swatch(entry: Entry) -> Iterator[Mark]:
    sign = entry.sign if entry.role == "join" else None
    yield from shape_marks(
        Box(
            id="",
            role=entry.role,
            lines=(),
            tooltip="",
            members=((), ("",)) if entry.sign == "optional" else (),
            stacked=entry.sign == "alike",
            sign=sign,
            training=entry.sign == "training",
            frozen=entry.sign == "frozen",
            status=entry.status,
        ),
        DISC if sign else STACK if entry.sign == "alike" else SWATCH,
    )
