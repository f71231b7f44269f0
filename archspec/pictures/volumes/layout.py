"""Columns → a scene: boxes side by side on one axis, with room for every text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from itertools import pairwise
from math import sqrt

from msgspec import Struct, field

from archspec.ops.shapes import Dim
from archspec.pictures.drawing.legend import kind_words
from archspec.pictures.drawing.model import Role
from archspec.pictures.volumes.columns import Column
from archspec.pictures.volumes.labels import ARROW
from archspec.pictures.volumes.placement import MARGIN, STEP, Placed, placed
from archspec.pictures.volumes.scales import nominal
from archspec.pictures.volumes.scene import (
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
)

ARC = 9.0
"""The room between two skips, one over the other."""
ROLES: Mapping[Role, str] = {"input": "input", **kind_words(), "join": "join", "block": "block"}
"""The legend's words for what makes a map."""


def laid_out(
    title: str, about: str, columns: Sequence[Column], notes: Sequence[str], roles: Set[Role] | None = None
) -> Scene:
    """The scene of columns under a title and a line about the network; `notes` stand below.

    So does what the colours of the `roles` mean, which are those of the columns where no others are given.
    """
    return _Layout(title, about, placed(columns), notes, roles_of(columns) if roles is None else roles).scene()


def roles_of(columns: Sequence[Column]) -> set[Role]:
    """What makes the maps of columns."""
    return {one.role for each in columns for one in each.maps}


def stacked(scenes: Sequence[Scene]) -> Scene:
    """Scenes one below the other, as one."""
    first, *others = scenes
    for other in others:
        first = first.above(other)
    return first


class _Layout(Struct):
    title: str
    about: str
    placed: Sequence[Placed]
    notes: Sequence[str]
    roles: Set[Role]
    texts: list[Text] = field(default_factory=list)
    arrows: list[Flow] = field(default_factory=list)
    arched: float = 0.0
    """How far down the arcs reach."""
    axis: float = 0.0

    def scene(self) -> Scene:
        arcs = list(self._arcs())
        self.arched = MARGIN + 2.8 * FONT_SIZES["title"] * bool(self.title) + ARC * len(arcs) + 8 * bool(arcs)
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
        if not self.title:
            return
        y = MARGIN + FONT_SIZES["title"] * 0.8
        self.texts.append(Text(self.title, MARGIN, y, "title", "start"))
        self.texts.append(Text(self.about, MARGIN, y + LINE * FONT_SIZES["title"], "note", "start"))

    def _legend(self, y: float) -> tuple[tuple[tuple[Role, Point], ...], float]:
        """The colours that occur, and the notes; gives where they end."""
        swatches, x = [], MARGIN
        for role, words in ROLES.items():
            if role in self.roles:
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
