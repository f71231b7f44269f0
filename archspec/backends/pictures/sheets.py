"""A sheet of the drawing → marks: laid out, its boxes shaped by what they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from math import hypot
from typing import TYPE_CHECKING, TypeAlias

from archspec.backends.drawing import Box, Edge, Group, Item, Piece, Sheet
from archspec.backends.drawing.colouring import STEPS
from archspec.backends.fonts import text_width
from archspec.backends.graphviz.layout import Direction, Fence, Placed, Point, Problem, Rect, Route, Size, Stretch, Wire
from archspec.backends.pictures.boxing import LEADING, MINOR, SHADOW, line_face, line_size, line_width, sizes
from archspec.backends.pictures.marks import Mark, Part, Path, Words, bent, circle, polygon, rounded
from archspec.backends.pictures.outlines import outline, strokes
from archspec.backends.pictures.strands import Strand, strands

if TYPE_CHECKING:
    from archspec.comparison import Status

LABEL = 10.2
APART = 18.0
"""Between the outputs of a box, at least."""
NEAR = 19.0
"""How far a label may reach out beside its box, where others may be."""
BAND = 60.0
"""The height of the bands in which wires are looked up."""
CLEAR = 8.0
"""Between the side of a box and wires that come to it."""
TIPS = 12.0
"""Between the tips of wires to one box, at least."""
THICK = 1.6
"""The width of the line around a block that is drawn closed."""
BAR = 9.0
"""How far from the sides of a box the bar of its amount stands."""
DOUBLE = 2.4
"""Between the two lines around what changed."""
WIDTHS: Mapping[Status, float] = {"unchanged": 0.6, "moved": 0.6, "changed": 1.2, "added": 1.9, "removed": 1.2}
"""Of lines, by what became of what they draw."""


Ports: TypeAlias = Mapping[str, Sequence[tuple[int, ...]]]
"""The outputs of boxes, as they leave each from left to right."""


def problem(sheet: Sheet, direction: Direction, ports: Ports | None = None) -> Problem:
    """What is to be laid out of a sheet, with outputs in their order where no other is given."""
    measured = sizes(sheet)
    body = _body(sheet)
    for id, room in _tips(sheet).items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    apart = _apart(sheet, direction, ports or sheet.ports())
    for id, (room, _) in apart.items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    wires = tuple(_wire(edge, number in body, apart) for number, edge in enumerate(sheet.edges))
    for id, room in _spanned(sheet, wires).items():
        width, height = measured[id]
        measured[id] = (max(width, room), height) if direction == "TB" else (width, max(height, room))
    beside = _beside(wires, measured) if direction == "TB" else {}
    return Problem(tuple(_item(item, measured, beside) for item in sheet.items), wires, direction)


def _spanned(sheet: Sheet, wires: Sequence[Wire]) -> dict[str, float]:
    """How wide each box must be that takes several outputs of the one above it, for all to come straight to it."""
    order = {box.id: number for number, box in enumerate(sheet.boxes())}
    round = {box.id for box in sheet.boxes() if box.sign is not None}
    above: dict[str, str] = {}
    places: dict[tuple[str, str], set[float]] = defaultdict(set)
    for wire in wires:
        above[wire.target] = max(above.get(wire.target, wire.source), wire.source, key=lambda id: order[id])
        places[wire.source, wire.target].add(wire.offset)
    spans = {target: places[source, target] for target, source in above.items() if target not in round}
    return {target: 2 * max(map(abs, own)) + 2 * CLEAR for target, own in spans.items() if len(own) > 1}


def _beside(wires: Sequence[Wire], measured: dict[str, tuple[float, float]]) -> dict[str, float]:
    """How far the label below each box reaches out at its side, where that is more than boxes are apart."""
    found: dict[str, float] = {}
    for wire in wires:
        room = wire.offset + wire.label_width + 2 - measured[wire.source][0] / 2 - NEAR
        found[wire.source] = max(found.get(wire.source, 0.0), room)
    return found


def _item(item: Item, measured: dict[str, tuple[float, float]], beside: dict[str, float]) -> Size | Fence:
    if isinstance(item, Box):
        return Size(item.id, *measured[item.id], item.sign is not None, beside.get(item.id, 0.0))
    lines = item.title.split("\n")
    title = max(text_width(line, MINOR) for line in lines)
    items = tuple(_item(each, measured, beside) for each in item.items)
    return Fence(item.id, title, MINOR * LEADING * len(lines), items)


def _body(sheet: Sheet) -> set[int]:
    """The edges, by number, of the longest way through a sheet, less those where three or more part or meet."""
    leaving: dict[str, list[int]] = defaultdict(list)
    arriving: dict[str, list[int]] = defaultdict(list)
    for number, edge in enumerate(sheet.edges):
        leaving[edge.source].append(number)
        arriving[edge.target].append(number)
    length: dict[str, int] = {}
    along: dict[str, int] = {}
    for box in sheet.boxes():
        ways = [number for number in arriving[box.id] if sheet.edges[number].source in length]
        best = max(ways, key=lambda number: length[sheet.edges[number].source], default=None)
        length[box.id] = 0 if best is None else length[sheet.edges[best].source] + (0 if box.training else 1)
        if best is not None:
            along[box.id] = best
    body: set[int] = set()
    at: str | None = max(length, key=lambda id: length[id], default=None)
    while at is not None and at in along:
        edge = sheet.edges[along[at]]
        if len(leaving[edge.source]) < 3 and len(arriving[edge.target]) < 3:
            body.add(along[at])
        at = edge.source
    return body


def _apart(sheet: Sheet, direction: Direction, ports: Ports) -> dict[str, tuple[float, dict[tuple[int, ...], float]]]:
    """How wide the outputs of each box that has several lie, and where each leaves it, from its middle.

    Each has room for its label beside it.
    """
    widths = {id: dict.fromkeys(own, APART) for id, own in ports.items() if len(own) > 1}
    for edge in sheet.edges:
        if edge.source in widths:
            own, (width, height) = widths[edge.source], label_size(edge)
            own[edge.outputs] = max(own[edge.outputs], width + 9 if direction == "TB" else height + 5)
    return {id: _spread(own, direction) for id, own in widths.items()}


def _tips(sheet: Sheet) -> dict[str, float]:
    """How wide the tips lie of the values that come to each box, less those that a sign joins."""
    values: dict[str, set[tuple[str, tuple[int, ...]]]] = defaultdict(set)
    for edge in sheet.edges:
        values[edge.target].add((edge.source, edge.outputs))
    return {box.id: TIPS * len(values[box.id]) + 6 for box in sheet.boxes() if box.sign is None and box.id in values}


def _spread(
    widths: Mapping[tuple[int, ...], float], direction: Direction
) -> tuple[float, dict[tuple[int, ...], float]]:
    """How wide outputs of these widths lie side by side, and where each leaves, from the middle of all.

    Each has its label right of it; in a picture from left to right, above it.
    """
    whole = sum(widths.values()) + 4
    ends = list(accumulate(widths.values(), initial=0.0))
    places = (end + 8 for end in ends[:-1]) if direction == "TB" else (end - 2 for end in ends[1:])
    return whole, {outputs: place - whole / 2 for outputs, place in zip(widths, places)}


def _wire(edge: Edge, body: bool, apart: dict[str, tuple[float, dict[tuple[int, ...], float]]]) -> Wire:
    offset = apart[edge.source][1][edge.outputs] if edge.source in apart else 0.0
    width, height = label_size(edge)
    return Wire(edge.source, edge.target, width + 5 if width else 0.0, height, body, edge.training, offset)


def label_size(edge: Edge) -> tuple[float, float]:
    """The width and height of what stands beside an edge."""
    lines = edge.text.split("\n") if edge.text else []
    return max((text_width(line, LABEL) for line in lines), default=0.0), LABEL * LEADING * len(lines)


def sheet_marks(sheet: Sheet, placed: Placed) -> Iterator[Mark]:
    """Frames, then edges, then boxes."""
    groups = list(_grouped(sheet.items, 0))
    strips = title_strips([group for _, group in groups], placed) if groups else {}
    for level, group in groups:
        parts = zip(placed.frame(group.id), strips[group.id])
        yield Part("frame", tuple(_frame(group, parts, level, placed.rows)), group.id, group.tooltip)
    boxes = {box.id: box for box in sheet.boxes()}
    for edge, route, strand in zip(sheet.edges, placed.routes, strands(sheet.edges, placed.routes)):
        yield _edge(edge, route, strand)
    for box in boxes.values():
        yield box_part(box, placed.boxes[box.id])


def _grouped(items: Sequence[Item], level: int) -> Iterator[tuple[int, Group]]:
    for item in items:
        if isinstance(item, Group):
            yield level, item
            yield from _grouped(item.items, level + 1)


def title_strips(groups: Sequence[Group], placed: Placed) -> dict[str, list[Rect]]:
    """Where the title of each frame stands, in each of its parts: at its upper left, or right of what passes there."""
    bands: dict[int, list[Rect]] = defaultdict(list)
    for each in (*_passing(placed.routes), *placed.boxes.values()):
        for band in range(int(each.y // BAND), int((each.y + each.height) // BAND) + 1):
            bands[band].append(each)
    found: dict[str, list[Rect]] = defaultdict(list)
    for group in groups:
        for part in placed.frame(group.id):
            at, lines = part.place, _title(group, part)
            width, height = max(text_width(line, MINOR) for line in lines), MINOR * LEADING * len(lines)
            rows = [_free(Rect(at.x + 8, y, width, height), bands) for y in (at.y + 4, at.y + height + 8)]
            fits = (each for each in rows if each.x + width < at.x + at.width - 2)
            found[group.id].append(next(fits, Rect(at.x + 8, at.y + 4, width, height)))
    return found


def titles_struck(sheet: Sheet, placed: Placed) -> int:
    """How many titles of frames stand where something passes, since there is no other place."""
    groups = list(sheet.groups())
    strips = title_strips(groups, placed) if groups else {}
    passing = [*_passing(placed.routes), *placed.boxes.values()] if groups else []
    return sum(any(_meet(strip, each) for each in passing) for own in strips.values() for strip in own)


def _meet(one: Rect, other: Rect) -> bool:
    return (
        one.y < other.y + other.height
        and other.y < one.y + one.height
        and other.x < one.x + one.width
        and one.x < other.x + other.width
    )


def _passing(routes: Sequence[Route]) -> Iterator[Rect]:
    """What wires take, with room beside them for text."""
    for route in routes:
        for (x, y), (other_x, other_y) in pairwise(route.points):
            yield Rect(min(x, other_x) - 4, min(y, other_y) - 1, abs(other_x - x) + 8, abs(other_y - y) + 2)


def _free(at: Rect, bands: Mapping[int, Sequence[Rect]]) -> Rect:
    """The first place from one on, to the right, that nothing passes."""
    near = {*bands.get(int(at.y // BAND), ()), *bands.get(int((at.y + at.height) // BAND), ())}
    x = at.x
    for each in sorted(near):
        if _meet(Rect(x, at.y, at.width, at.height), each):
            x = each.x + each.width
    return Rect(x, at.y, at.width, at.height)


def _title(group: Group, part: Stretch) -> list[str]:
    """The lines of a frame's title, one where the frame comes from another column."""
    lines = group.title.split("\n")
    return [f"{lines[0]} …"] if part.comes else lines


def _frame(group: Group, parts: Iterable[tuple[Stretch, Rect]], level: int, rows: bool) -> Iterator[Mark]:
    """The parts of a frame, open where it goes on in another column or row, with its title."""
    fill, dash = f"frame-{level % 2}", (4.0, 3.0) if group.training else ()
    for part, strip in parts:
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
        for number, text in enumerate(_title(group, part)):
            y = strip.y + MINOR * (0.94 + LEADING * number)
            yield Words(strip.x, y, (Piece(text),), MINOR, text_width(text, MINOR), "start", paint="muted")


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
    dash = (4.0, 3.0) if edge.training or edge.status == "removed" else ()
    paint, width = (f"line-{edge.status}", WIDTHS[edge.status]) if edge.status else ("line", 1.0)
    *way, end = strand.points
    base, tip = _tip(way[-1], end)
    marks: list[Mark] = [Path(bent((*way, base if strand.tipped else end)), None, paint, width, dash)]
    if strand.tipped:
        marks.append(Path(polygon(*tip), paint, None))
    if route.label is not None:
        marks += _label(edge.text.split("\n"), route.label)
    return Part("edge", tuple(marks))


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
    return Part(kind, (*marks, *_text(box, at)), box.id, box.tooltip, box.inside)


def shape_marks(box: Box, at: Rect) -> Iterator[Mark]:
    """A box without its text."""
    if box.role in ("input", "output"):
        return
    fill, stroke = f"fill-{box.paint}", f"line-{box.paint}"
    if box.shade is not None:
        fill, stroke = f"shade-{box.shade}", "line-other"
    dash = (4.0, 3.0) if box.training or box.status == "removed" else (1.5, 2.0) if box.members and box.optional else ()
    if box.sign is not None:
        yield from _sign(box.sign, at, fill, stroke, dash)
        return
    width = WIDTHS[box.status] if box.status else THICK if box.closed else 1.0
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
