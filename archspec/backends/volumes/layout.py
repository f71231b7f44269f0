"""Columns → a scene: boxes side by side on one axis, with room for every text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.backends.drawing.legend import KINDS
from archspec.backends.drawing.model import Role
from archspec.backends.volumes.columns import Column
from archspec.backends.volumes.maps import Map
from archspec.backends.volumes.scene import (
    ASCENT,
    FONT_SIZES,
    LINE,
    SWATCH,
    Box,
    Flow,
    Point,
    Scene,
    Style,
    Text,
    Window,
    line_width,
)
from archspec.backends.volumes.sizes import UP, Scale, Solid, nominal
from archspec.backends.words import shown_shapes
from archspec.shapes import Carried, Dim, shape_text

MARGIN = 16.0
GAP = 30.0
"""The least room between two columns."""
STEP = 5.0
"""The room between the boxes of one column."""
APART = 10.0
"""The least room between two texts."""
SLABS = 6
"""The most boxes of a column; where one has more, each column is drawn as one box."""
WORDS = 82.0
"""The width at which the words between columns are broken."""
WIDEST = 150.0
"""The greatest width of a column's fronts; the channels of all are drawn narrower where one would be wider."""
ARC = 9.0
"""The room between two skips, one over the other."""
ROLES: Mapping[Role, str] = {"input": "input", **KINDS, "join": "join", "block": "block"}
"""The legend's words for what makes a map."""


Line: TypeAlias = tuple[Style, str]
ARROW: Line = ("size", "")
"""A line of no text, where an arrow stands."""


class Placed(Struct):
    """A column at its place: `left` is where its boxes begin, `right` where they end.

    `above` and `below` are the lines of its labels, `words` those of what leads to it. `lift` and `drop` are how far
    the labels stand off, beside a fan that spreads there.
    """

    column: Column
    solids: tuple[Solid, ...]
    above: tuple[Line, ...]
    below: tuple[Line, ...]
    words: tuple[str, ...]
    left: float = 0.0
    lift: float = 0.0
    drop: float = 0.0

    @property
    def right(self) -> float:
        return self.left + self.span

    @property
    def span(self) -> float:
        """The width of its boxes."""
        ends, x = [], 0.0
        for solid in self.solids:
            ends.append(x + solid.across)
            x += solid.width + STEP
        return max(ends)

    @property
    def fronts(self) -> float:
        """The width of the fronts of its boxes."""
        return sum(solid.width for solid in self.solids) + STEP * (len(self.solids) - 1)

    @property
    def before(self) -> float:
        """How far its texts stand out to the left."""
        return max(0.0, (_widest(self.above) - self.span) / 2, (_widest(self.below) - self.fronts) / 2)

    @property
    def after(self) -> float:
        """How far its texts stand out to the right."""
        return max(0.0, (_widest(self.above) - self.span) / 2, (_widest(self.below) + self.fronts) / 2 - self.span)

    @property
    def middle(self) -> float:
        return self.left + self.span / 2

    @property
    def reach(self) -> float:
        """How far it stands out over the axis."""
        return max((solid.height + solid.rise) / 2 + solid.behind * UP for solid in self.solids)

    @property
    def depth(self) -> float:
        """How far it goes down below the axis."""
        return max(solid.height + solid.rise for solid in self.solids) / 2

    @property
    def top(self) -> float:
        """How far its labels stand out over the axis."""
        return self.reach + 2 + self.lift + sum(LINE * FONT_SIZES[style] for style, _ in self.above)


def laid_out(title: str, about: str, columns: Sequence[Column], notes: Sequence[str]) -> Scene:
    """The scene of columns under a title and a line about the network; `notes` stand below."""
    scale = _scale(columns)
    placed = [_sized(column, scale) for column in _drawn(columns)]
    _spread(placed)
    for before, after in pairwise(placed):
        _clear(before, after)
    return _Layout(title, about, placed, notes).scene()


def _drawn(columns: Sequence[Column]) -> Sequence[Column]:
    """The columns with the boxes that are drawn of them: all, or where one has too many, the last of each."""
    whole = all(len(each.maps) <= SLABS for each in columns)
    kept = [(each, each.maps if whole else each.maps[-1:]) for each in columns]
    return [replace(each, maps=tuple(_levels(maps)), first=each.first or each.maps[0]) for each, maps in kept]


def _levels(maps: Sequence[Map]) -> Iterator[Map]:
    for each in maps:
        yield from each.drawn


def _scale(columns: Sequence[Column]) -> Scale:
    """The scale on which the largest map is as high as it may be and no column wider."""
    scale = Scale(max((nominal(size) for each in columns for one in each.maps for size in one.sizes), default=1))
    widest = max(_sized(each, scale).fronts for each in _drawn(columns))
    return replace(scale, wide=scale.wide * min(1.0, WIDEST / widest))


def _sized(column: Column, scale: Scale) -> Placed:
    inside: list[Line] = [("words", line) for words in column.inside for line in _wrapped(words)]
    return Placed(
        column=column,
        solids=tuple(scale.solid(one.item, not one.sizes, one.steps) for one in column.maps),
        above=tuple(_above(column)),
        below=(*(("size", text) for text in _amounts(column)), *inside),
        words=tuple(line for words in column.words for line in _wrapped(words)),
    )


def _above(column: Column) -> Iterator[Line]:
    """What stands over a column: what comes into it, with room for an arrow, its name, its sizes and its steps."""
    if column.feeds:
        yield from (("words", feed) for feed in column.feeds)
        yield ARROW
    yield from (("name", line) for line in _name_lines(column.name))
    first, last = column.maps[0].sizes, column.last.sizes
    if last:
        levels = first != last and all(len(each.sizes) == len(last) for each in column.maps)
        yield "size", f"{shape_text(first)}–{shape_text(last)}" if levels else shape_text(last)
    if column.last.steps not in (None, 1):
        yield "size", f"×{shape_text((column.last.steps,))}"


def _name_lines(name: str) -> list[str]:
    """A name; one from the first to the last of long ones in two lines."""
    if not name or line_width(name, "name") <= WORDS:
        return [name] if name else []
    first, dash, last = name.partition("–")
    return [first + dash, last] if dash else [first]


def _wrapped(words: str) -> list[str]:
    """Words in lines of at most their width, but for a word that is wider itself; broken at commas where that does.

    Numbers that follow each other stay together.
    """
    lines = _filled(re.sub(r", (?!\d+,|\d+$)", ",\n", words).split("\n"))
    return lines if all(line_width(line, "words") <= WORDS for line in lines) else _filled(words.split(" "))


def _filled(parts: Sequence[str]) -> list[str]:
    """Parts in lines, as many to a line as fit."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines else part
        if lines and line_width(longer, "words") <= WORDS:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines


def _amounts(column: Column) -> Iterator[str]:
    """The channels of a column's maps: `256`, or from the first to the last; of detections, what each field holds."""
    if isinstance(column.last.shape, Carried) and column.last.shape.fields:
        yield from shown_shapes([column.last.shape], of_blocks=False).split("\n")
        return
    first, last = (shape_text(tuple(each.item[:1])) or "1" for each in (column.first or column.maps[0], column.last))
    yield first if first == last else f"{first}–{last}"


def _spread(placed: Sequence[Placed]) -> None:
    """Columns from left to right, as near as their texts allow."""
    placed[0].left = MARGIN + placed[0].before
    taken = MARGIN
    for before, after in pairwise(placed):
        half = _widest([("words", line) for line in after.words]) / 2
        gap = max(GAP, before.after + after.before + APART, 2 * (taken + APART + half - before.right))
        after.left = before.right + gap
        taken = before.right + gap / 2 + half


def _clear(before: Placed, after: Placed) -> None:
    """Move labels off the lines of the fan between two columns."""
    if after.column.maps[0].sizes:
        return
    last, first = before.solids[-1], after.solids[0]
    start = before.left + before.fronts + last.lean
    upper, lower = (last.height + last.rise) / 2, (last.height - last.rise) / 2
    ends = (first.height - first.rise) / 2, (first.height + first.rise) / 2
    for each, side in ((before, 1), (after, -1)):
        over = each.middle + side * _widest(each.above) / 2
        under = each.left + each.fronts / 2 + side * _widest(each.below) / 2
        if start < over < after.left:
            share = (over - start) / (after.left - start)
            each.lift = max(each.lift, upper + (ends[0] - upper) * share - each.reach)
        if start < under < after.left:
            share = (under - start) / (after.left - start)
            each.drop = max(each.drop, lower + (ends[1] - lower) * share - each.depth)


def _widest(lines: Sequence[Line]) -> float:
    return max((line_width(text, style) for style, text in lines), default=0.0)


class _Layout(Struct):
    title: str
    about: str
    placed: Sequence[Placed]
    notes: Sequence[str]
    texts: list[Text] = field(default_factory=list)
    arrows: list[Flow] = field(default_factory=list)
    arched: float = 0.0
    """How far down the arcs reach."""
    axis: float = 0.0

    def scene(self) -> Scene:
        arcs = list(self._arcs())
        self.arched = MARGIN + 2.8 * FONT_SIZES["title"] + ARC * len(arcs) + 8 * bool(arcs)
        self.axis = self.arched + max(each.top for each in self.placed) + 6
        boxes = [self._boxes(each) for each in self.placed]
        for each in self.placed:
            self._label(each)
        between = list(zip(self.placed, self.placed[1:], boxes, boxes[1:]))
        windows = [window for pair in between for window in _window(*pair, self.axis)]
        flows = [flow for pair in between if not list(_window(*pair, self.axis)) for flow in self._flow(*pair)]
        flows += self.arrows
        flows += [self._arc(level, *arc) for level, arc in enumerate(arcs)]
        bottom = self._words(max(text.extent[3] for text in self.texts) + 10)
        swatches, bottom = self._legend(bottom + 20)
        self._heading()
        width = max(text.extent[2] for text in self.texts)
        width = max(width, *(each.right for each in self.placed)) + MARGIN
        flat = tuple(box for column in boxes for box in column)
        return Scene(
            self.title, self.about, width, bottom + MARGIN, flat, tuple(windows), tuple(flows), tuple(self.texts),
            swatches,
        )  # fmt: skip

    def _boxes(self, placed: Placed) -> list[Box]:
        boxes, x = [], placed.left
        for each, solid in zip(placed.column.maps[-len(placed.solids) :], placed.solids):
            at = Point(x, self.axis - (solid.height - solid.rise) / 2)
            boxes.append(Box(each.address, each.role, at, solid, each.tooltip))
            x += solid.width + STEP
        return boxes

    def _label(self, placed: Placed) -> None:
        """The name and size above a column, the channels and what it is made of below."""
        y = self.axis - placed.reach - placed.lift - 2
        for line in reversed(placed.above):
            style, text = line
            y -= LINE * FONT_SIZES[style]
            if line == ARROW:
                low = y + LINE * FONT_SIZES[style]
                self.arrows.append(Flow("arrow", (Point(placed.middle, y + 1), Point(placed.middle, low))))
            else:
                self._line(text, placed.middle, y, style)
        y = self.axis + placed.depth + placed.drop + 4
        for style, text in placed.below:
            y = self._line(text, placed.left + placed.fronts / 2, y, style)

    def _words(self, top: float) -> float:
        """What leads from column to column, under the room between them; gives where the lowest line ends."""
        ends = [top]
        for before, after in pairwise(self.placed):
            y = top
            for line in after.words:
                y = self._line(line, (before.right + after.left) / 2, y, "words")
            ends.append(y)
        return max(ends)

    def _line(self, text: str, x: float, top: float, style: Style) -> float:
        """A line of text whose upper edge is at `top`; gives its lower edge."""
        self.texts.append(Text(text, x, top + ASCENT * FONT_SIZES[style], style))
        return top + LINE * FONT_SIZES[style]

    def _flow(self, before: Placed, after: Placed, left: Sequence[Box], right: Sequence[Box]) -> Iterator[Flow]:
        """The arrow to a column, or the fan to a vector."""
        if after.column.maps[0].sizes:
            yield Flow("arrow", (Point(before.right + 5, self.axis), Point(after.left - 4, self.axis)))
            return
        start, end = left[-1].faces["side"], right[0].faces["front"]
        yield Flow("fan", (start[1], end[0], end[3], start[2]))

    def _arcs(self) -> Iterator[tuple[int, int]]:
        """The skips between columns, the shorter first: they lie under the longer."""
        found = [(source, number) for number, each in enumerate(self.placed) for source in each.column.skips]
        yield from sorted(found, key=lambda arc: (arc[1] - arc[0], arc))

    def _arc(self, level: int, source: int, target: int) -> Flow:
        y = self.arched - ARC * level - 6
        ends = []
        for number, shift in ((source, 3), (target, -3)):
            each = self.placed[number]
            ends.append(Point(each.middle + shift, self.axis - each.top - 4))
        return Flow("skip", (ends[0], Point(ends[0].x, y), Point(ends[1].x, y), ends[1]))

    def _heading(self) -> None:
        y = MARGIN + FONT_SIZES["title"] * 0.8
        self.texts.append(Text(self.title, MARGIN, y, "title", "start"))
        self.texts.append(Text(self.about, MARGIN, y + LINE * FONT_SIZES["title"], "note", "start"))

    def _legend(self, y: float) -> tuple[tuple[tuple[Role, Point], ...], float]:
        """The colours that occur, and the notes; gives where they end."""
        roles = {one.role for each in self.placed for one in each.column.maps}
        swatches, x = [], MARGIN
        for role, words in ROLES.items():
            if role in roles:
                swatches.append((role, Point(x, y - SWATCH[1] + 1.5)))
                text = Text(words, x + SWATCH[0] + 5, y, "note", "start")
                self.texts.append(text)
                x = text.extent[2] + 14
        for note in self.notes:
            y += LINE * FONT_SIZES["note"] + 2
            self.texts.append(Text(note, MARGIN, y, "note", "start"))
        return tuple(swatches), y


def _window(before: Placed, after: Placed, left: Sequence[Box], right: Sequence[Box], axis: float) -> Iterator[Window]:
    """The kernel of a convolution or pooling on the side of the map it passes over, or that is pooled for it."""
    first, seen = after.column.maps[0], before.column.last
    kernel = first.kernel
    if kernel is None or not seen.sizes or len(kernel) != len(seen.sizes) or first.channels != seen.item[0]:
        return
    side, solid = left[-1].faces["side"], left[-1].solid
    tall, deep = (_share(size, whole) for size, whole in zip((kernel * 2)[-2:], (seen.sizes * 2)[-2:]))
    # From the middle of the side, along its two edges: down, and back into the picture.
    middle = Point((side[0].x + side[1].x) / 2, (side[0].y + side[2].y) / 2)
    down, along = solid.height * tall / 2, Point(solid.lean * deep / 2, -solid.rise * deep / 2)
    corners = tuple(
        Point(middle.x + back * along.x, middle.y + back * along.y + low * down)
        for back, low in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    )
    yield Window(corners, Point(right[0].at.x, axis))


def _share(kernel: int, size: Dim) -> float:
    """How much of a map's length its kernel takes, on the scale of the map."""
    return min(sqrt(kernel / max(nominal(size), 1)), 1.0)
