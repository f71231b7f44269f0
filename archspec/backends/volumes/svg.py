"""A scene → SVG: text is text, each map's id is its address, and it can be read without seeing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from archspec.backends.volumes.scene import Box, Flow, Point, Scene, Text, Window
from archspec.backends.volumes.style import Theme, style_sheet

TIP = 5.0
"""The length of an arrow's head."""


def svg(scene: Scene, theme: Theme | None) -> str:
    """The picture as SVG text; equal scenes give equal bytes."""
    roles = dict.fromkeys([*(box.role for box in scene.boxes), *(role for role, _ in scene.swatches)])
    width, height = _number(scene.width), _number(scene.height)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="volumes-title volumes-desc">',
        f'<title id="volumes-title">{escape(scene.title)}</title>',
        f'<desc id="volumes-desc">{escape(_description(scene))}</desc>',
        f"<style>{style_sheet(theme, roles)}</style>",
        f'<rect class="ground" width="{width}" height="{height}"/>',
        *map(_flow, (flow for flow in scene.flows if flow.sort == "fan")),
        *map(_box, scene.boxes),
        *map(_window, scene.windows),
        *map(_flow, (flow for flow in scene.flows if flow.sort != "fan")),
        *(_swatch(role, at) for role, at in scene.swatches),
        *map(_text, scene.texts),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _description(scene: Scene) -> str:
    """What the picture shows, in a sentence a map."""
    return "\n".join([scene.about, *(box.tooltip.replace("\n", ", ") for box in scene.boxes)])


def _box(box: Box) -> str:
    faces = "".join(f'<polygon class="{face}" points="{_points(corners)}"/>' for face, corners in box.faces.items())
    label = quoteattr(box.tooltip.replace("\n", ", "))
    return (
        f'<g id={quoteattr(box.address)} class="map {box.role}" tabindex="0" role="img" aria-label={label}>'
        f"<title>{escape(box.tooltip)}</title>{faces}</g>"
    )


def _window(window: Window) -> str:
    target = _pair(window.target)
    rays = " ".join(f"M{_pair(corner)}L{target}" for corner in window.corners)
    return f'<polygon class="window" points="{_points(window.corners)}"/><path class="ray" d="{rays}"/>'


def _flow(flow: Flow) -> str:
    if flow.sort == "fan":
        return f'<polygon class="fan" points="{_points(flow.points)}"/>'
    path = "M" + "L".join(map(_pair, flow.points))
    return f'<path class="flow" d="{path}"/><polygon class="tip" points="{_points(_tip(flow.points))}"/>'


def _tip(points: tuple[Point, ...]) -> Iterator[Point]:
    """The head of an arrow that ends to the right or downward."""
    (x, y), before = points[-1], points[-2]
    if before.x == x:
        yield from (Point(x, y), Point(x - TIP / 2, y - TIP), Point(x + TIP / 2, y - TIP))
    else:
        yield from (Point(x, y), Point(x - TIP, y - TIP / 2), Point(x - TIP, y + TIP / 2))


def _swatch(role: str, at: Point) -> str:
    return (
        f'<rect class="key {role} front" x="{_number(at.x)}" y="{_number(at.y)}" width="10" height="10" '
        'stroke="#555555" stroke-width=".6"/>'
    )


def _text(text: Text) -> str:
    words = " ".join([text.style, *["middle"] * (text.anchor == "middle"), *["legend"] * text.key])
    left, _, right, _ = text.extent
    place = f'x="{_number(text.x)}" y="{_number(text.y)}" textLength="{_number(right - left)}"'
    return f'<text class="{words}" {place} lengthAdjust="spacingAndGlyphs">{escape(text.text)}</text>'


def _points(points: Iterable[Point]) -> str:
    return " ".join(map(_pair, points))


def _pair(point: Point) -> str:
    return f"{_number(point.x)},{_number(point.y)}"


def _number(value: float) -> str:
    """A coordinate to a tenth, as short as it can be written."""
    return f"{round(value, 1):g}" if abs(value) < 100_000 else str(round(value))
