"""The legend of a drawing → marks, in rows at the foot of the page."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from archspec.graph.labels import rounded_text
from archspec.pictures.drawing import Box, Drawing, Edge, Piece, Scale
from archspec.pictures.drawing.legend import SIGNS, LegendEntry, legend
from archspec.pictures.layout.graphviz import Direction, Rect
from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.render.marks import Mark, Path, Words, moved, polygon
from archspec.pictures.render.sheet import THIN, amount_bar, dashes, shape_marks, title_words

SIZE = 10.2
ROW = 17.0
ABOVE = 14.0
"""Room over the legend."""
STEP = 52.0
"""The width of each shade of a scale, at most."""
SWATCH = Rect(0.0, 3.0, 22.0, 12.0)
DISC = Rect(5.0, 3.0, 12.0, 12.0)
STACK = Rect(0.0, 2.0, 19.0, 14.0)


class Foot(Struct, frozen=True):
    """The legend from its own upper left corner."""

    height: float
    marks: tuple[Mark, ...]


def legend_panel(drawing: Drawing, width: float, direction: Direction = "TB") -> Foot:
    """The legend of a drawing in rows of at most a width; nothing where it has none."""
    if not drawing.explained:
        return Foot(0.0, ())
    marks: list[Mark] = []
    x, y = 0.0, ABOVE
    if drawing.scale:
        scale = _scale(drawing.scale, width)
        marks += (moved(mark, 0.0, y) for mark in scale.marks)
        y += scale.height
    way = "left to right" if direction == "TB" else "top to bottom"
    for entry in legend(drawing, drawing.scale is None, way):
        words = title_words(entry.words, SWATCH.width + 6, 12.3, SIZE, False, "muted")
        across = SWATCH.width + 6 + words.width + 16
        if x and x + across - 16 > width:
            x, y = 0.0, y + ROW
        marks += [moved(mark, x, y) for mark in (*swatch(entry, drawing.tints.get(entry.role)), words)]
        x += across
    return Foot(y + ROW if x else y, tuple(marks))


def _scale(scale: Scale, width: float) -> Foot:
    """The shades in a row of at most a width, with the amounts that they stand for, or every second where it is short.

    What they are stands beside them, or above where there is no room.
    """
    unit = title_words(scale.unit, 0, 12.3, SIZE, False, "muted")
    texts = [(Piece(rounded_text(amount)),) for amount in scale.amounts]
    widest = max(pieces_width(text, SIZE) for text in texts) + 6
    beside = (width - unit.width - 8) / len(texts) >= widest
    step = min(STEP, (width - (unit.width + 8 if beside else 0)) / len(texts))
    top = 0.0 if beside else ROW
    marks: list[Mark] = [moved(unit, step * len(texts) + 8 if beside else 0.0, 0.0)]
    for number, text in enumerate(texts):
        shade = polygon(*((step * (number + x), top + y) for x, y in ((0, 3), (1, 3), (1, 15), (0, 15))))
        marks.append(Path(shade, f"shade-{number}", "line-other", 0.6))
        marks += [amount_bar(number, Rect(step * number, top + 3, step, 12), 2.0)] if number else []
        if step >= widest or number % 2 == 0:
            marks.append(Words(step * (number + 0.5), top + 25, text, SIZE, pieces_width(text, SIZE), paint="muted"))
    return Foot(top + 2 * ROW, tuple(marks))


def swatch(entry: LegendEntry, tint: str | None = None) -> Iterator[Mark]:
    """What stands for an entry: its box or sign without words."""
    if entry.sign == "order":
        yield title_words("1  2", 3.0, 12.3, SIZE, False)
        return
    if entry.sign == "size":
        line = (("M", ((0.0, 9.0),)), ("L", ((SWATCH.width, 9.0),)))
        yield Path(line, None, "line", THIN, dashes(Edge("", "", sized=True)))
        return
    sign = entry.sign if entry.sign in SIGNS else None
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
            tint=tint,
        ),
        DISC if sign else STACK if entry.sign == "alike" else SWATCH,
    )
