"""The shapes that a sheet may have: as laid out, or in columns, or in rows where it runs from left to right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, product

from archspec.pictures.layout.columns.wrap import ways
from archspec.pictures.layout.components import gathered
from archspec.pictures.layout.graphviz import Placed, Problem
from archspec.pictures.layout.measure import MINOR

LONGEST = 3.0
"""No picture is longer than so many times its width, or wider than so many times its height, where it can be cut."""
MOST_COLUMNS = 12
AROUND = 110.0
"""The height of what stands above and below a network's sheet: its heading and the legend."""
NARROW = 252 * MINOR / 7
"""How wide a page may be whose text is 7 pt high where it is as wide as a paper's column, of 252 pt."""
FEW, ANY = 2, 1000
"""How many wires may pass a cut: so few that one sees at once where each goes on, or more."""
ROW = 1.25
"""How many times as large its text is to be for a sheet to have one row more."""
LONG_INSET, LONGER_INSET = 700.0, 1400.0
"""What is longer than this, and much longer than wide, is cut in an inset too; where still longer, by any wires."""


def shapes(placed: Placed, given: Problem) -> Iterator[Placed]:
    """The network's sheet as it is, in two columns, and so on.

    Where it is still long, more wires than one may pass a cut, and then frames may be cut as well.
    """
    yield placed
    rows, columns, fits = given.direction == "LR", range(2, MOST_COLUMNS + 1), not _long(placed, AROUND)
    for deep, most in product((False, True), (1, ANY)):
        for cut in ways(placed, given.wires, columns, rows, deep, most):
            yield cut
            if fits and _long(cut, AROUND):
                return
            fits = fits or not _long(cut, AROUND)
        if fits:
            return


def narrow(placed: Placed, given: Problem, room: float) -> Iterator[Placed]:
    """The shapes in which a sheet may be read in a paper's column, the best first: those that few wires cut so narrow.

    Where there are none such, each row more is to make the text much larger.
    """
    rows, columns = given.direction == "LR", range(2, MOST_COLUMNS + 1)
    easy = chain.from_iterable(ways(placed, given.wires, columns, rows, most=most) for most in (1, FEW))
    yield from (each for each in chain([placed], easy) if each.width <= room)
    cut = [placed, *ways(placed, given.wires, columns, rows, most=ANY)]
    yield from (each for _, each in sorted(enumerate(cut), key=lambda way: way[1].width * ROW ** way[0]))
    yield from shapes(placed, given)


def shortened(placed: Placed, given: Problem) -> Placed:
    """An inset's sheet, in rows where it is very wide and can be cut."""
    placed = gathered(given, placed)
    if given.direction == "TB" or placed.width < max(LONG_INSET, LONGEST * placed.height):
        return placed
    columns, most = range(2, MOST_COLUMNS + 1), (1, ANY) if placed.width > LONGER_INSET else (1,)
    found = list(chain.from_iterable(ways(placed, given.wires, columns, True, most=each) for each in most))
    return next((each for each in found if not _long(each)), (found or [placed])[-1])


def _long(placed: Placed, around: float = 0.0) -> bool:
    return not 1 / LONGEST <= placed.width / (placed.height + around) <= LONGEST
