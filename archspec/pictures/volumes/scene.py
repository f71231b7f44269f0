"""The picture before it is written: boxes, lines and texts, each at its place."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from archspec.pictures.drawing.model import Role
from archspec.pictures.fonts import text_width
from archspec.pictures.volumes.scales import BACK, UP, Solid

Style = Literal["title", "name", "size", "words", "note"]
FONT_SIZES: dict[Style, float] = {"title": 16, "name": 11, "size": 11, "words": 10, "note": 9.5}
BOLD: frozenset[Style] = frozenset({"title", "name"})
LINE = 1.25
"""The height of a line of text, in font sizes."""
ASCENT = 0.8
"""How far a text rises above its baseline, in font sizes."""

SWATCH = 18.0, 10.0
"""The width and height of a kind in the legend."""


def line_width(text: str, style: Style) -> float:
    """The width of a line of text."""
    return text_width(text, FONT_SIZES[style], "Bold" if style in BOLD else "Regular")


class Point(NamedTuple):
    """A place; y grows downward."""

    x: float
    y: float


class Text(Struct, frozen=True):
    """A line of text; `x` is where `anchor` says, `y` the baseline."""

    text: str
    x: float
    y: float
    style: Style
    anchor: Literal["start", "middle"] = "middle"

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """What it covers at most: left, top, right, bottom."""
        size = FONT_SIZES[self.style]
        width = line_width(self.text, self.style)
        left = self.x if self.anchor == "start" else self.x - width / 2
        return left, self.y - ASCENT * size, left + width, self.y + (LINE - ASCENT) * size


Faces: TypeAlias = dict[Literal["front", "top", "side"], tuple[Point, ...]]


class Box(Struct, frozen=True):
    """A map: `at` is the upper left corner of its front."""

    address: str
    role: Role
    at: Point
    solid: Solid
    tooltip: str

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """What it covers: left, top, right, bottom."""
        x, y = self.at
        solid = self.solid
        return x, y - solid.above, x + solid.across, y + solid.height

    @property
    def faces(self) -> Faces:
        """The corners of the three faces that are seen."""
        return self.copy(0)

    def copy(self, number: int) -> Faces:
        """The faces of the box itself, which is number 0, or of one behind it."""
        x, y, solid = self.at.x + number * BACK, self.at.y - number * UP, self.solid
        right, below, far, up = x + solid.width, y + solid.height, solid.lean, solid.rise
        return {
            "front": (Point(x, y), Point(right, y), Point(right, below), Point(x, below)),
            "top": (Point(x, y), Point(x + far, y - up), Point(right + far, y - up), Point(right, y)),
            "side": (Point(right, y), Point(right + far, y - up), Point(right + far, below - up), Point(right, below)),
        }


class Window(Struct, frozen=True):
    """A kernel on the side of a map, and the place of the next map that it gives."""

    corners: tuple[Point, ...]
    target: Point


class Flow(Struct, frozen=True):
    """Values on their way: an `arrow`, the `fan` of a dense connection, or a `skip` over what lies between."""

    sort: Literal["arrow", "fan", "skip"]
    points: tuple[Point, ...]


class Scene(Struct, frozen=True):
    """A whole picture; `roles` are the kinds of maps that occur, in order."""

    title: str
    about: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    windows: tuple[Window, ...]
    flows: tuple[Flow, ...]
    texts: tuple[Text, ...]
    swatches: tuple[tuple[Role, Point], ...]

    def above(self, other: Scene) -> Scene:
        """Both, the other one below this."""
        lower = other.moved(self.height)
        return Scene(
            self.title, self.about, max(self.width, lower.width), lower.height,
            self.boxes + lower.boxes, self.windows + lower.windows, self.flows + lower.flows,
            self.texts + lower.texts, self.swatches + lower.swatches,
        )  # fmt: skip

    def moved(self, down: float) -> Scene:
        """The same, so far below."""

        def at(point: Point) -> Point:
            return Point(point.x, point.y + down)

        return replace(
            self,
            height=self.height + down,
            boxes=tuple(replace(box, at=at(box.at)) for box in self.boxes),
            windows=tuple(Window(tuple(map(at, each.corners)), at(each.target)) for each in self.windows),
            flows=tuple(Flow(each.sort, tuple(map(at, each.points))) for each in self.flows),
            texts=tuple(replace(text, y=text.y + down) for text in self.texts),
            swatches=tuple((role, at(point)) for role, point in self.swatches),
        )
