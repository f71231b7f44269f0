"""A scene → a page of marks, which the writers of all pictures write: each map's id is its address."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.pictures.drawing import Piece
from archspec.pictures.drawing.model import Role
from archspec.pictures.render.marks import Mark, Page, Part, Path, Words, polygon
from archspec.pictures.volumes.hatches import hatch
from archspec.pictures.volumes.scene import BOLD, FONT_SIZES, SWATCH, Box, Flow, Point, Scene, Text, Window, line_width

TIP = 6.0
"""The length of an arrow's head."""


def page(scene: Scene) -> Page:
    """The scene as a page, from back to front."""
    marks = [
        *(mark for flow in scene.flows if flow.sort == "fan" for mark in _fan(flow)),
        *map(_box, scene.boxes),
        *(mark for window in scene.windows for mark in _window(window)),
        *(Part("edge", tuple(_line(flow))) for flow in scene.flows if flow.sort != "fan"),
        *(mark for role, at in scene.swatches for mark in _swatch(role, at)),
        *map(_words, scene.texts),
    ]
    return Page(scene.width, scene.height, scene.title, _description(scene), tuple(marks))


def _description(scene: Scene) -> str:
    """What the picture shows, in a line a map."""
    return "\n".join([scene.about, *(box.tooltip.replace("\n", ", ") for box in scene.boxes)])


def _box(box: Box) -> Part:
    """A map: those behind it first, then itself."""
    copies = (path for number in range(box.solid.behind, -1, -1) for path in _faces(box, number))
    hatched = hatch(box.role, *box.at, box.solid.width, box.solid.height)
    return Part("node", (*copies, *hatched), box.address, box.tooltip)


def _faces(box: Box, number: int) -> Iterator[Path]:
    fills = {"front": f"fill-{box.role}", "top": f"top-{box.role}", "side": f"side-{box.role}"}
    for face, corners in box.copy(number).items():
        yield Path(polygon(*corners), fills[face], f"line-{box.role}", 0.8)


def _window(window: Window) -> Iterator[Mark]:
    rays = [step for corner in window.corners for step in (("M", (corner,)), ("L", (window.target,)))]
    yield Path(polygon(*window.corners), "panel", "ink", 0.9)
    yield Path(tuple(rays), None, "ink", 0.5)


def _fan(flow: Flow) -> Iterator[Mark]:
    """What spreads from a map to a vector: the ground between them, and the lines that bound it."""
    above, upper, lower, below = flow.points
    yield Path(polygon(*flow.points), "fan", None)
    for start, end in ((above, upper), (below, lower)):
        yield Path((("M", (start,)), ("L", (end,))), None, "frame-line", 0.6)


def _line(flow: Flow) -> Iterator[Mark]:
    *way, end = flow.points
    down = way[-1].x == end.x
    base = Point(end.x, end.y - TIP) if down else Point(end.x - TIP, end.y)
    half = TIP * 0.43
    sides = [Point(base.x + side * half * down, base.y + side * half * (not down)) for side in (-1, 1)]
    first, *others = (*way, base)
    yield Path((("M", (first,)), *(("L", (point,)) for point in others)), None, "line", 1.0)
    yield Path(polygon(end, *sides), "line", None)


def _swatch(role: Role, at: Point) -> Iterator[Mark]:
    (x, y), (width, height) = at, SWATCH
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height))
    yield Path(polygon(*corners), f"fill-{role}", f"line-{role}", 0.8)
    yield from hatch(role, x, y, width, height)


def _words(text: Text) -> Words:
    size, width = FONT_SIZES[text.style], line_width(text.text, text.style)
    paint = "muted" if text.style == "note" else "ink"
    return Words(text.x, text.y, (Piece(text.text),), size, width, text.anchor, text.style in BOLD, paint)
