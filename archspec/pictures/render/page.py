"""A drawing → a page: the sheets laid out, each with its table below it, packed side by side under the title."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from math import log

from msgspec import Struct

from archspec.language.identifiers import same_name
from archspec.pictures.drawing import Drawing, Sheet
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.columns.aspect import LONGEST, NARROW, narrow, shapes, shortened
from archspec.pictures.layout.graphviz import Direction, Placed
from archspec.pictures.layout.graphviz_process import TIME_LIMIT
from archspec.pictures.layout.lay_out import laid_out
from archspec.pictures.layout.measure import LEADING
from archspec.pictures.layout.packing import skyline, widths
from archspec.pictures.render.legend import legend_panel
from archspec.pictures.render.marks import Mark, Page, Point, Words, moved
from archspec.pictures.render.paper import Fit
from archspec.pictures.render.sheet import sheet_marks, title_words
from archspec.pictures.render.tables import measured, table_marks

MARGIN = 8.0
BETWEEN = 34.0
"""Between panels."""
CAPTION = 11.0
"""The size of what an author says below."""
IDEAL = 1.3
"""The ratio of width to height that a page is packed towards."""
CUT = 1.12
"""How much larger a page may be for each cut that the network's sheet is spared."""
STRANGE = 2.0
"""How much larger a page may be not to be too long."""
TRIED = 24
"""Of the shapes that a sheet may have on paper, so many narrow ones are tried."""
COLUMNS = 0.94
"""How much larger a page may be to have its insets in columns."""


class Panel(Struct, frozen=True):
    """A laid-out sheet with its title and table, from its own upper left corner; its marks are made when asked for."""

    width: float
    height: float
    made: Callable[[], Iterator[Mark]]


def page(drawing: Drawing, direction: Direction = "TB", time_limit: float = TIME_LIMIT, fit: Fit | None = None) -> Page:
    """The page of a drawing, of a shape that may `fit` paper; raises `LayoutTimeoutError` where it takes too long."""
    problems, placed = zip(*laid_out(drawing.sheets, direction, time_limit))
    head = _heading(drawing)
    first = placed[0], problems[0]
    found = narrow(*first, NARROW - 2 * MARGIN) if drawing.narrow else shapes(*first)
    if fit:
        found = chain(islice(narrow(*first, fit.room - 2 * MARGIN), TRIED), shapes(*first))
    mains = (_panel(drawing.main, each, False, direction) for each in found)
    inner = [shortened(each, given) for each, given in zip(placed[1:], problems[1:])]
    insets = [_panel(sheet, each, True, direction) for sheet, each in zip(drawing.insets, inner)]
    if fit:
        body = _fitted(list(mains), insets, head, drawing, direction, fit)
    else:
        body = _packed(list(mains), insets) if insets else _fitting(mains, head, drawing, direction)
    width = max(body.width, head.width)
    foot = legend_panel(drawing, width, direction)
    marks = [
        *(moved(mark, MARGIN, MARGIN) for mark in head.made()),
        *(moved(mark, MARGIN, MARGIN + head.height) for mark in body.made()),
        *(moved(mark, MARGIN, MARGIN + head.height + body.height) for mark in foot.marks),
    ]
    height = head.height + body.height + foot.height + 2 * MARGIN
    height += CAPTION / 2 if drawing.caption else 0.0
    for text in wrapped_text(drawing.caption or "", width, CAPTION):
        height += CAPTION * LEADING
        marks.append(title_words(text, MARGIN, height - MARGIN, CAPTION, False))
    return Page(width + 2 * MARGIN, height, drawing.title, _described(drawing), tuple(marks))


def wrapped_text(text: str, width: float, size: float) -> list[str]:
    """A text in lines of at most a width, as far as its words allow."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _described(drawing: Drawing) -> str:
    """A picture in words, for those who do not see it."""
    boxes = [str(line) for box in drawing.main.boxes() for line in box.lines if line.rank == "main"]
    return ". ".join([*drawing.lines, *drawing.verdicts, *drawing.notes, "; ".join(boxes[:60])])


def _fitting(mains: Iterable[Panel], head: Panel, drawing: Drawing, direction: Direction) -> Panel:
    """The first way that is not too long, with what stands above and below it."""

    def ratio(panel: Panel) -> float:
        width = max(panel.width, head.width)
        height = head.height + panel.height + legend_panel(drawing, width, direction).height
        return (width + 2 * MARGIN) / (height + 2 * MARGIN)

    seen: list[Panel] = []
    for each in mains:
        if 1 / LONGEST <= ratio(each) <= LONGEST:
            return each
        seen.append(each)
    return min(seen, key=lambda each: abs(log(ratio(each))))


def _packed(mains: Sequence[Panel], insets: Sequence[Panel]) -> Panel:
    """The network at the upper left, the insets beside and below it; of all ways the one that wastes least."""
    packed: list[tuple[float, Panel]] = []
    for cuts, main in enumerate(mains):
        columns = [_beside(main, insets, height) for height in sorted(_heights(main, insets))]
        packed += [(_cost(each) * CUT**cuts * COLUMNS, each) for each in columns]
        panels = [main, *insets]
        extents = [(each.width, each.height) for each in panels]
        for width in widths(extents, BETWEEN, IDEAL):
            around = _together(panels, skyline(extents, width, BETWEEN))
            packed.append((_cost(around) * CUT**cuts, around))
    return min(packed, key=lambda way: way[0])[1]


def _fitted(
    mains: Sequence[Panel], insets: Sequence[Panel], head: Panel, drawing: Drawing, direction: Direction, fit: Fit
) -> Panel:
    """The network and its insets as paper holds them best: with text large enough, and no higher than needed."""

    def cost(panel: Panel) -> tuple[float, float]:
        width = max(panel.width, head.width)
        height = head.height + panel.height + legend_panel(drawing, width, direction).height
        return fit.cost(width + 2 * MARGIN, height + 2 * MARGIN)

    packed: list[Panel] = []
    for main in mains:
        panels = [main, *insets]
        extents = [(each.width, each.height) for each in panels]
        least = max(each.width for each in panels)
        across = {*widths(extents, BETWEEN, IDEAL), max(least, fit.room - 2 * MARGIN)}
        packed += (_together(panels, skyline(extents, width, BETWEEN)) for width in sorted(across))
        packed += (_beside(main, insets, height) for height in sorted(_heights(main, insets))) if insets else ()
    return min(packed, key=cost)


def _cost(panel: Panel) -> float:
    """The area of a page, and what is said against its shape."""
    ratio = panel.width / panel.height
    strange = STRANGE if not 1 / LONGEST <= ratio <= LONGEST else 1.0
    return panel.width * panel.height * (1 + 0.5 * abs(log(ratio / IDEAL))) * strange


def _heights(main: Panel, insets: Sequence[Panel]) -> set[float]:
    """Heights that a column of insets may have."""
    tallest = max(each.height for each in insets)
    whole = sum(each.height for each in insets) + BETWEEN * (len(insets) - 1)
    return {max(tallest, height) for height in (main.height, tallest, whole, *(whole / n + BETWEEN for n in (2, 3, 4)))}


def _beside(main: Panel, insets: Sequence[Panel], height: float) -> Panel:
    """The insets in columns of at most this height, right of the network."""
    corners = [(0.0, 0.0)]
    x, y, across = main.width + BETWEEN + 8, 0.0, 0.0
    for inset in insets:
        if y and y + inset.height > height + 1:
            x, y, across = x + across + BETWEEN, 0.0, 0.0
        corners.append((x, y))
        across = max(across, inset.width)
        y += inset.height + BETWEEN
    return _together([main, *insets], corners)


def _together(panels: Sequence[Panel], corners: Sequence[Point]) -> Panel:
    """Panels at their places as one."""
    placed = list(zip(panels, corners))
    return Panel(
        max(x + each.width for each, (x, _) in placed),
        max(y + each.height for each, (_, y) in placed),
        lambda: chain.from_iterable(_at(each, *corner) for each, corner in placed),
    )


def _at(panel: Panel, x: float, y: float) -> Iterator[Mark]:
    return (moved(mark, x, y) for mark in panel.made())


def _heading(drawing: Drawing) -> Panel:
    if not drawing.titled:
        return Panel(0.0, 0.0, lambda: iter(()))
    title = title_words(drawing.title, 0, 14, 17, True)
    lines = [title]
    if not same_name(drawing.name, drawing.title):
        lines.append(title_words(drawing.name, title.width + 9, 14, 11, False, "muted"))
    y = 30.0
    for text in (*drawing.lines, *drawing.verdicts, *drawing.notes):
        lines.append(title_words(text, 0, y, 10.2, False, "muted"))
        y += 13
    return Panel(max(each.x + each.width for each in lines), y, lambda: iter(lines))


def _panel(sheet: Sheet, placed: Placed, titled: bool, direction: Direction) -> Panel:
    """A sheet under its title and above its table."""
    heads: list[Words] = []
    if titled:
        words = title_words(sheet.title, 0, 12, 12.5, True)
        heads.append(words)
        if len(sheet.instances) > 1:
            heads.append(title_words(f"×{len(sheet.instances)}", words.width + 6, 12, 11, False, "muted"))
    table = measured(sheet.table) if sheet.table else None
    width = max([placed.width, *(head.x + head.width for head in heads), *([table.width] if table else [])])
    top = 24.0 if titled else 0.0
    bottom = top + placed.height

    def made() -> Iterator[Mark]:
        yield from heads
        yield from (moved(mark, (width - placed.width) / 2, top) for mark in sheet_marks(sheet, placed, direction))
        if table:
            yield from table_marks(table, (width - table.width) / 2, bottom + 12)

    return Panel(width, bottom + (12 + table.height if table else 0.0), made)
