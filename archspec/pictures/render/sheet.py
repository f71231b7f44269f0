"""A sheet of the drawing → marks: laid out, its boxes shaped by what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import hypot
from typing import TYPE_CHECKING

from archspec.pictures.drawing import Box, Edge, Group, Item, Piece, Sheet
from archspec.pictures.drawing.cost_colours import STEPS
from archspec.pictures.fonts import text_width
from archspec.pictures.layout.frame_titles import Title, titles
from archspec.pictures.layout.graphviz import Direction, Placed, Point, Rect, Route, Stretch
from archspec.pictures.layout.measure import LEADING, MINOR, SHADOW, line_face, line_size, line_width
from archspec.pictures.layout.problem import LABEL
from archspec.pictures.render.marks import Mark, Part, Path, Words, bent, circle, polygon, rounded
from archspec.pictures.render.operand_order import operand_marks
from archspec.pictures.render.outlines import outline, strokes
from archspec.pictures.render.overlaps import Strand, strands

if TYPE_CHECKING:
    from archspec.analysis.comparison import Status

THIN = 0.8
"""The width of a line along which only a size goes."""
THICK = 1.6
"""The width of the line around a block that is drawn closed."""
EMPHASIS = 2.4
"""The width of the line around what matters most."""
BAR = 9.0
"""How far from the sides of a box the bar of its amount stands."""
DOUBLE = 2.4
"""Between the two lines around what changed."""
WIDTHS: Mapping[Status, float] = {"unchanged": 0.6, "moved": 0.6, "changed": 1.2, "added": 1.9, "removed": 1.2}
"""Of lines, by what became of what they draw."""


def sheet_marks(sheet: Sheet, placed: Placed, direction: Direction) -> Iterator[Mark]:
    """Frames, then edges, then boxes."""
    groups = list(_grouped(sheet.items, 0))
    said = titles([group for _, group in groups], placed) if groups else {}
    for level, group in groups:
        parts = zip(placed.frame(group.id), said[group.id])
        yield Part("frame", tuple(_frame(group, parts, level, placed.rows)), group.id, group.tooltip)
    boxes = {box.id: box for box in sheet.boxes()}
    for edge, route, strand in zip(sheet.edges, placed.routes, strands(sheet.edges, placed.routes)):
        yield _edge(edge, route, strand)
    for box in boxes.values():
        yield box_part(box, placed.boxes[box.id])
    yield from operand_marks(sheet, placed, direction)


def _grouped(items: Sequence[Item], level: int) -> Iterator[tuple[int, Group]]:
    for item in items:
        if isinstance(item, Group):
            yield level, item
            yield from _grouped(item.items, level + 1)


def _frame(group: Group, parts: Iterable[tuple[Stretch, Title]], level: int, rows: bool) -> Iterator[Mark]:
    """The parts of a frame, open where it goes on in another column or row, with its title."""
    fill, dash = f"frame-{level % 2}", (4.0, 3.0) if group.training else ()
    for part, title in parts:
        at = part.place
        if group.stacked:
            behind = rounded(at.x + SHADOW, at.y + SHADOW, at.width, at.height, 5)
            yield Path(behind, fill, "frame-line", 0.8, dash)
        if part.comes or part.goes:
            corners = _corners(at, rows)
            yield Path(polygon(*corners), fill, None)
            for way in _closed(corners, part):
                yield Path(bent(way), None, "frame-line", 0.8, dash)
        else:
            yield Path(rounded(at.x, at.y, at.width, at.height, 5), fill, "frame-line", 0.8, dash)
        for number, text in enumerate(title.lines):
            y = title.place.y + MINOR * (0.94 + LEADING * number)
            yield Words(title.place.x, y, (Piece(text),), MINOR, text_width(text, MINOR), "start", paint="muted")


def _corners(at: Rect, rows: bool) -> tuple[Point, Point, Point, Point]:
    """The corners of a frame around it: the two where it begins lie between those where it ends."""
    right, low = at.x + at.width, at.y + at.height
    corner, far = (at.x, at.y), (right, low)
    return ((right, at.y), corner, (at.x, low), far) if rows else ((at.x, low), corner, (right, at.y), far)


def _closed(corners: tuple[Point, Point, Point, Point], part: Stretch) -> Iterator[tuple[Point, ...]]:
    """The borders of a part of a frame, less those through which it comes and goes on."""
    end, start, other_start, other_end = corners
    if part.comes and part.goes:
        yield from ((start, end), (other_start, other_end))
    else:
        yield (start, end, other_end, other_start) if part.comes else (end, start, other_start, other_end)


def _edge(edge: Edge, route: Route, strand: Strand) -> Part:
    dash = dashes(edge)
    paint, width = (f"line-{edge.status}", WIDTHS[edge.status]) if edge.status else ("line", line_thickness(edge))
    *way, end = strand.points
    base, tip = _tip(way[-1], end)
    marks: list[Mark] = [Path(bent((*way, base if strand.tipped else end)), None, paint, width, dash)]
    if strand.tipped:
        marks.append(Path(polygon(*tip), paint, None))
    if route.label is not None:
        marks += _label(edge.text.split("\n"), route.label)
    return Part("edge", tuple(marks), joins=(edge.source, edge.target), way=route.points)


def dashes(edge: Edge) -> tuple[float, ...]:
    """How the line of an edge is broken: in training alone, in some blocks, or where only a size is used."""
    if edge.training or edge.status == "removed":
        return (4.0, 3.0)
    return (1.5, 2.0) if edge.optional else (1.0, 2.0) if edge.sized else ()


def line_thickness(edge: Edge) -> float:
    """How thick the line of an edge is: thin where only a size goes along it, for it is not what a network is about."""
    return THIN if edge.sized else 1.0


def _label(lines: Sequence[str], at: Rect) -> Iterator[Words]:
    """The text beside an edge, line by line; where it is more than one, all begin at one place."""
    middle, y = at.middle
    anchor, x = ("middle", middle) if len(lines) == 1 else ("start", at.x + 2.5)
    for number, text in enumerate(lines):
        down = LABEL * LEADING * (number - (len(lines) - 1) / 2)
        yield Words(x, y + down + LABEL * 0.36, (Piece(text),), LABEL, text_width(text, LABEL), anchor, paint="muted")


def _tip(back: Point, end: Point, length: float = 6.0, half: float = 2.6) -> tuple[Point, tuple[Point, ...]]:
    """Where an edge ends that has an arrow's tip, and the tip's corners."""
    far = hypot(end[0] - back[0], end[1] - back[1]) or 1.0
    x, y = (end[0] - back[0]) / far, (end[1] - back[1]) / far
    base = end[0] - length * x, end[1] - length * y
    return base, (end, (base[0] - half * y, base[1] + half * x), (base[0] + half * y, base[1] - half * x))


def box_part(box: Box, at: Rect) -> Part:
    """A box with its text."""
    marks = tuple(shape_marks(box, at))
    at = _front(box, at)
    kind = "end" if box.role in ("input", "output") else "node"
    return Part(kind, (*marks, *_text(box, at)), box.id, box.tooltip, box.inside, box.sign or box.role)


def shape_marks(box: Box, at: Rect) -> Iterator[Mark]:
    """A box without its text."""
    if box.role in ("input", "output"):
        return
    fill, stroke = box.tint or f"fill-{box.paint}", f"line-{box.paint}"
    if box.shade is not None:
        fill, stroke = f"shade-{box.shade}", "line-other"
    dash = (4.0, 3.0) if box.training or box.status == "removed" else (1.5, 2.0) if box.members and box.optional else ()
    if box.sign is not None:
        yield from _sign(box.sign, at, fill, stroke, dash)
        return
    width = WIDTHS[box.status] if box.status else THICK if box.closed else 1.0
    if box.emphasised:
        stroke, width = "emphasis", EMPHASIS
    at = _front(box, at)
    if box.stacked:
        behind = Rect(at.x + SHADOW, at.y + SHADOW, at.width, at.height)
        yield Path(outline(box.role, behind), fill, stroke, width, dash)
    yield Path(outline(box.role, at), fill, stroke, width, dash)
    if box.shade:
        yield amount_bar(box.shade, at)
    inner = _within(at, DOUBLE) if box.status == "changed" else at
    if box.status == "changed":
        yield Path(outline(box.role, inner), None, stroke, 0.8)
    for start, end in strokes(box.role, inner):
        yield Path((("M", (start,)), ("L", (end,))), None, stroke, 1.0, dash)
    if box.frozen:
        yield from _frozen(at)


def _front(box: Box, at: Rect) -> Rect:
    """The place of a box, less the room below it for the second of several alike ones."""
    return Rect(at.x, at.y, at.width, at.height - SHADOW) if box.stacked and box.sign is None else at


def _within(at: Rect, inset: float) -> Rect:
    return Rect(at.x + inset, at.y + inset, at.width - 2 * inset, at.height - 2 * inset)


def amount_bar(shade: int, at: Rect, inset: float = BAR) -> Path:
    """A bar at the foot of a box, as long as its amount is on the scale: it says in print what the shade says."""
    start, y = at.x + inset, at.y + at.height - 2.4
    end = start + (at.width - 2 * inset) * shade / STEPS
    return Path((("M", ((start, y),)), ("L", ((end, y),))), None, "ink", 2.0)


def _sign(sign: str, at: Rect, fill: str, stroke: str, dash: tuple[float, ...]) -> Iterator[Mark]:
    """A join: its sign, drawn, in a circle."""
    x, y = at.middle
    radius = at.width / 2
    yield Path(circle(x, y, radius), fill, stroke, 1.1, dash)
    reach = radius * 0.55
    strokes: dict[str, tuple[tuple[Point, Point], ...]] = {
        "+": (((x - reach, y), (x + reach, y)), ((x, y - reach), (x, y + reach))),
        "−": (((x - reach, y), (x + reach, y)),),
        "×": (
            ((x - reach * 0.7, y - reach * 0.7), (x + reach * 0.7, y + reach * 0.7)),
            ((x - reach * 0.7, y + reach * 0.7), (x + reach * 0.7, y - reach * 0.7)),
        ),
        "∥": (((x - 2.2, y - reach), (x - 2.2, y + reach)), ((x + 2.2, y - reach), (x + 2.2, y + reach))),
    }
    for start, end in strokes[sign]:
        yield Path((("M", (start,)), ("L", (end,))), None, stroke, 1.3)


def _frozen(at: Rect) -> Iterator[Mark]:
    """A snowflake in the corner of what does not train."""
    x, y, arm = at.x + at.width - 6.0, at.y + 6.0, 3.4
    for across, down in ((arm, 0.0), (arm / 2, arm * 0.866), (-arm / 2, arm * 0.866)):
        yield Path((("M", ((x - across, y - down),)), ("L", ((x + across, y + down),))), None, "ink", 0.9)


def _text(box: Box, at: Rect) -> Iterator[Words]:
    """The lines of a box, one under the other around its middle; a join's sign says all."""
    if box.sign is not None:
        return
    x, middle = at.middle
    height = sum(line_size(line) * LEADING for line in box.lines)
    y = middle - height / 2
    for line in box.lines:
        size = line_size(line)
        bold = line_face(line, box) == "Bold"
        paint = (
            "faded"
            if box.status == "unchanged"
            else "ink"
            if line.rank == "main"
            else "muted-box"
            if box.role not in ("input", "output")
            else "muted"
        )
        yield Words(x, y + size * 0.94, line.text, size, line_width(line, box), bold=bold, paint=paint)
        y += size * LEADING


def title_words(text: str, x: float, y: float, size: float, bold: bool, paint: str = "ink") -> Words:
    """A line that starts at a place."""
    face = "Bold" if bold else "Regular"
    return Words(x, y, (Piece(text),), size, text_width(text, size, face), "start", bold, paint)  # type: ignore[arg-type]
