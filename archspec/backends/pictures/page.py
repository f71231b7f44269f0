"""A drawing → a page: the sheets laid out, each with its table below it, packed side by side under the title."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log

from archspec.backends.drawing import Drawing, Sheet
from archspec.backends.graphviz.engine import TIME_LIMIT
from archspec.backends.graphviz.layout import Direction, Placed, Problem, lay_out
from archspec.backends.pictures.legend import legend_panel
from archspec.backends.pictures.marks import Mark, Page, Words, moved
from archspec.backends.pictures.routing import routed
from archspec.backends.pictures.sheets import problem, sheet_marks, title_words
from archspec.backends.pictures.tables import measured, table_marks
from archspec.backends.pictures.wrapping import wrapped
from archspec.language.identifiers import same_name

MARGIN = 8.0
BETWEEN = 34.0
"""Between panels."""
LONGEST = 3.0
"""No picture is longer than so many times its width, or wider than so many times its height, where it can be cut."""
IDEAL = 1.3
"""The ratio of width to height that a page is packed towards."""
CUT = 1.12
"""How much larger a page may be for each cut that the network's sheet is spared."""
MOST_COLUMNS = 6


@dataclass(frozen=True)
class Panel:
    """A laid-out sheet with its title and table, from its own upper left corner; its marks are made when asked for."""

    width: float
    height: float
    made: Callable[[], Iterator[Mark]]


def page(drawing: Drawing, direction: Direction = "TB", time_limit: float = TIME_LIMIT) -> Page:
    """The page of a drawing; raises `LayoutTimeoutError` where it cannot be laid out in time."""
    problems = [problem(sheet, direction) for sheet in drawing.sheets]
    placed = [routed(each, found) for each, found in zip(problems, lay_out(problems, time_limit))]
    head = _heading(drawing)
    mains = [_panel(drawing.main, each, False) for each in _ways(placed[0], problems[0])]
    insets = [_panel(sheet, each, True) for sheet, each in zip(drawing.insets, placed[1:])]
    body = _packed(mains, insets) if insets else _fitting(mains, head, drawing)
    width = max(body.width, head.width)
    foot = legend_panel(drawing, width)
    marks = [
        *(moved(mark, MARGIN, MARGIN) for mark in head.made()),
        *(moved(mark, MARGIN, MARGIN + head.height) for mark in body.made()),
        *(moved(mark, MARGIN, MARGIN + head.height + body.height) for mark in foot.marks),
    ]
    height = head.height + body.height + foot.height + 2 * MARGIN
    return Page(width + 2 * MARGIN, height, drawing.title, _described(drawing), tuple(marks))


def _described(drawing: Drawing) -> str:
    """A picture in words, for those who do not see it."""
    boxes = [str(line) for box in drawing.main.boxes() for line in box.lines if line.rank == "main"]
    return ". ".join([*drawing.lines, *drawing.verdicts, *drawing.notes, "; ".join(boxes[:60])])


def _ways(placed: Placed, given: Problem) -> Iterator[Placed]:
    """The network's sheet in one column, in two, and so on."""
    yield placed
    for columns in range(2, MOST_COLUMNS + 1):
        cut = wrapped(placed, given.wires, columns, rows=given.direction == "LR")
        if cut is not placed:
            yield cut


def _fitting(mains: Sequence[Panel], head: Panel, drawing: Drawing) -> Panel:
    """The first way that is not too long, with what stands above and below it."""

    def ratio(panel: Panel) -> float:
        width = max(panel.width, head.width)
        height = head.height + panel.height + legend_panel(drawing, width).height
        return (width + 2 * MARGIN) / (height + 2 * MARGIN)

    fitting = (each for each in mains if 1 / LONGEST <= ratio(each) <= LONGEST)
    return next(fitting, min(mains, key=lambda each: abs(log(ratio(each)))))


def _packed(mains: Sequence[Panel], insets: Sequence[Panel]) -> Panel:
    """The network at the left, the insets right of it in columns; of all ways the one that wastes least."""

    def cost(way: tuple[int, Panel]) -> float:
        cuts, panel = way
        unlike = 1 + 0.5 * abs(log(panel.width / panel.height / IDEAL))
        return panel.width * panel.height * unlike * CUT**cuts

    ways = [
        (cuts, _beside(main, insets, height))
        for cuts, main in enumerate(mains)
        for height in sorted(_heights(main, insets))
    ]
    return min(ways, key=cost)[1]


def _heights(main: Panel, insets: Sequence[Panel]) -> set[float]:
    """Heights that a column of insets may have."""
    tallest = max(each.height for each in insets)
    whole = sum(each.height for each in insets) + BETWEEN * (len(insets) - 1)
    return {max(tallest, height) for height in (main.height, tallest, whole, *(whole / n + BETWEEN for n in (2, 3, 4)))}


def _beside(main: Panel, insets: Sequence[Panel], height: float) -> Panel:
    """The insets in columns of at most this height, right of the network."""
    places: list[tuple[Panel, float, float]] = [(main, 0.0, 0.0)]
    x, y, across, lowest = main.width + BETWEEN + 8, 0.0, 0.0, main.height
    for inset in insets:
        if y and y + inset.height > height + 1:
            x, y, across = x + across + BETWEEN, 0.0, 0.0
        places.append((inset, x, y))
        across, lowest = max(across, inset.width), max(lowest, y + inset.height)
        y += inset.height + BETWEEN
    return Panel(x + across, lowest, lambda: chain.from_iterable(_at(*place) for place in places))


def _at(panel: Panel, x: float, y: float) -> Iterator[Mark]:
    return (moved(mark, x, y) for mark in panel.made())


def _heading(drawing: Drawing) -> Panel:
    title = title_words(drawing.title, 0, 14, 17, True)
    lines = [title]
    if not same_name(drawing.name, drawing.title):
        lines.append(title_words(drawing.name, title.width + 9, 14, 11, False, "muted"))
    y = 30.0
    for text in (*drawing.lines, *drawing.verdicts, *drawing.notes):
        lines.append(title_words(text, 0, y, 10.2, False, "muted"))
        y += 13
    return Panel(max(each.x + each.width for each in lines), y, lambda: iter(lines))


def _panel(sheet: Sheet, placed: Placed, titled: bool) -> Panel:
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
        yield from (moved(mark, (width - placed.width) / 2, top) for mark in sheet_marks(sheet, placed))
        if table:
            yield from table_marks(table, (width - table.width) / 2, bottom + 12)

    return Panel(width, bottom + (12 + table.height if table else 0.0), made)
