"""Ways at right angles → the connectors that PowerPoint has: straight, or bent up to four times.

A bent connector runs across first; one that runs down first is turned by a quarter. A way down, over and down again:

>>> form = connector_form(((10, 0), (10, 20), (50, 20), (50, 80)))
>>> form.attributes, form.at
(' rot="5400000" flipV="1"', Rect(x=-10.0, y=20.0, width=80, height=40))
>>> form.element
'<a:prstGeom prst="bentConnector3"><a:avLst><a:gd name="adj1" fmla="val 25000"/></a:avLst></a:prstGeom>'
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.render.marks import Point

FLAT = 0.05
"""What is narrower is a line."""


class Form(Struct, frozen=True):
    """How a connector is placed: before it is turned and mirrored, as `attributes` say; `element` is empty for any way.

    Lengths are in points.
    """

    at: Rect
    attributes: str = ""
    element: str = ""


def connector_form(way: Sequence[Point]) -> Form:
    """The connector of a way; none of PowerPoint's own where it turns oftener, or goes back on itself."""
    (x, y), *_, (end_x, end_y) = way
    across, down = end_x - x, end_y - y
    if len(way) == 2 or (max(len(way) - 2, 0) <= 4 and min(abs(across), abs(down)) > FLAT):
        return _preset(way, across, down)
    xs, ys = zip(*way)
    return Form(Rect(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)))


def _preset(way: Sequence[Point], across: float, down: float) -> Form:
    (x, y), (next_x, _) = way[:2]
    left, top = min(x, x + across), min(y, y + down)
    if len(way) == 2:
        flips = f"{' flipH=' + _one if across < 0 else ''}{' flipV=' + _one if down < 0 else ''}"
        return Form(Rect(left, top, abs(across), abs(down)), flips, _element("straightConnector1", ()))
    upright = abs(next_x - x) < FLAT
    if upright:
        width, height = abs(down), abs(across)
        middle = left + abs(across) / 2, top + abs(down) / 2
        at = Rect(middle[0] - width / 2, middle[1] - height / 2, width, height)
        flips = f' rot="5400000"{" flipH=" + _one if down < 0 else ""}{" flipV=" + _one if across > 0 else ""}'
    else:
        at = Rect(left, top, abs(across), abs(down))
        flips = f"{' flipH=' + _one if across < 0 else ''}{' flipV=' + _one if down < 0 else ''}"
    return Form(at, flips, _element(f"bentConnector{len(way) - 1}", list(_bends(way, across, down, upright))))


_one = '"1"'


def _bends(way: Sequence[Point], across: float, down: float, upright: bool) -> Iterator[int]:
    """Where a way turns, in parts of its width and height by turns, each of 100,000."""
    for number, point in enumerate(way[1:-2]):
        along = upright == bool(number % 2)
        part = (point[0] - way[0][0]) / across if along else (point[1] - way[0][1]) / down
        yield round(part * 100_000)


def _element(name: str, bends: Sequence[int]) -> str:
    given = "".join(f'<a:gd name="adj{number + 1}" fmla="val {bend}"/>' for number, bend in enumerate(bends))
    return f'<a:prstGeom prst="{name}"><a:avLst>{given}</a:avLst></a:prstGeom>'
