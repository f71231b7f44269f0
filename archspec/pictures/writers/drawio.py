"""A page → draw.io (diagrams.net): shapes with text, connectors that follow them, in one file of XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape

from archspec.pictures.render.marks import Page, Path, Point, Words
from archspec.pictures.render.themes import NONE, Theme, paints
from archspec.pictures.writers.things import Connector, Shape, Thing, bounds, things

OUTLINES: Mapping[str, str] = {
    "pooling": "shape=trapezoid;perimeter=trapezoidPerimeter;flipV=1;fixedSize=1;size=7;",
    "normalization": "rounded=1;arcSize=50;",
    "activation": "rounded=1;arcSize=50;",
    "regularization": "shape=hexagon;perimeter=hexagonPerimeter2;fixedSize=1;size=7;",
    "shape": "shape=parallelogram;perimeter=parallelogramPerimeter;fixedSize=1;size=6;",
    "other": "shape=note;size=6;",
    "linear": "shape=process;size=0.03;",
    "detection": "shape=mxgraph.basic.octagon2;dx=5;",
    **dict.fromkeys("+−×∥", "ellipse;"),
}
"""draw.io's own shapes for what boxes are; the others are rectangles with round corners."""
PLAIN = "rounded=1;absoluteArcSize=1;arcSize=5;"
TEXT = "text;html=1;align=center;verticalAlign=middle;resizable=0;points=[];spacing=0;fillColor=none;strokeColor=none;"


def drawio(page: Page, theme: Theme = "light", transparent: bool = False, font: str | None = None) -> str:
    """The page as a draw.io document; a wire's ends are held to their boxes, and a box's address is its tooltip."""
    writer = _Writer(paints(theme), font or "Arial")
    cells = "\n".join(writer.cells(list(things(page.marks))))
    ground = "none" if transparent else writer.colours["page"]
    size = f'pageWidth="{page.width:.0f}" pageHeight="{page.height:.0f}" background="{ground}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<mxfile host="archspec">\n<diagram name="{escape(page.title)}" id="page">\n'
        f'<mxGraphModel grid="0" page="1" math="0" {size}>\n<root>\n'
        f'<mxCell id="0"/>\n<mxCell id="1" parent="0"/>\n{cells}\n</root>\n</mxGraphModel>\n</diagram>\n</mxfile>\n'
    )


class _Writer:
    def __init__(self, colours: Mapping[str, str], font: str) -> None:
        self.colours, self._font, self._number = colours, font, 1
        self._cells: dict[str, tuple[str, Shape]] = {}

    def cells(self, given: Sequence[Thing]) -> Iterator[str]:
        """A cell for each thing, connectors with those of their ends known."""
        for each in given:
            if isinstance(each, Shape):
                self._cells[each.id] = (f"shape-{len(self._cells)}", each)
        for each in given:
            if isinstance(each, Shape):
                yield self._shape(each)
            elif isinstance(each, Connector):
                yield from self._connector(each)
            elif isinstance(each, Words):
                yield self._words(each)
            else:
                yield from self._path(each)

    def _new(self) -> str:
        self._number += 1
        return f"cell-{self._number}"

    def _paint(self, name: str | None) -> str:
        return self.colours.get(name, name) if name else NONE

    def _shape(self, shape: Shape) -> str:
        """A box; what a join does is the sign in it, what an editor shows on pointing at it is its address and more."""
        style = TEXT if shape.outline is None else self._outlined(shape, shape.outline)
        text = self._lines(shape.lines) if shape.lines else f"<b>{shape.role}</b>"
        id, _ = self._cells[shape.id]
        tip = f"{shape.id}\n{shape.title}" if shape.id else shape.title
        cell = f'<mxCell style="{escape(style)}" vertex="1" parent="1">{_geometry(shape)}</mxCell>'
        return f'<object id="{id}" label="{escape(text)}" tooltip="{_attribute(tip)}">{cell}</object>'

    def _outlined(self, shape: Shape, outline: Path) -> str:
        look = f"fillColor={self._paint(outline.fill)};strokeColor={self._paint(outline.stroke)};"
        return f"html=1;spacing=0;{OUTLINES.get(shape.role, PLAIN)}{look}{_line(outline)}"

    def _lines(self, lines: Sequence[Words]) -> str:
        return "<br>".join(map(self._line_of, lines))

    def _line_of(self, words: Words) -> str:
        pieces = (f"<i>{escape(each.text)}</i>" if each.symbol else escape(each.text) for each in words.pieces)
        text = f"<b>{''.join(pieces)}</b>" if words.bold else "".join(pieces)
        font = f"font-size:{words.size:g}px;font-family:{self._font};color:{self._paint(words.paint)}"
        return f'<span style="{font}">{text}</span>'

    def _connector(self, wire: Connector) -> Iterator[str]:
        id = self._new()
        (source, start), (target, end) = self._cells[wire.source], self._cells[wire.target]
        style = (
            f"edgeStyle=none;rounded=1;html=1;endArrow=block;endSize=4;strokeColor={self._paint(wire.line.stroke)};"
            f"{_line(wire.line)}{_held('exit', start, wire.way[0])}{_held('entry', end, wire.way[-1])}"
        )
        points = "".join(f'<mxPoint x="{x:.2f}" y="{y:.2f}"/>' for x, y in wire.way[1:-1])
        way = f'<mxGeometry relative="1" as="geometry"><Array as="points">{points}</Array></mxGeometry>'
        joined = f'edge="1" parent="1" source="{source}" target="{target}"'
        yield f'<mxCell id="{id}" style="{style}" {joined}>{way}</mxCell>'
        if wire.labels:
            yield self._label(id, wire)

    def _label(self, id: str, wire: Connector) -> str:
        """What stands beside a wire, held to where the wire begins."""
        left = min(each.x - (each.width / 2 if each.anchor == "middle" else 0) for each in wire.labels)
        wide = max(each.width for each in wire.labels)
        middle = (wire.labels[0].y + wire.labels[-1].y) / 2 - wire.labels[0].size * 0.36
        x, y = left + wide / 2 - wire.way[0][0], middle - wire.way[0][1]
        place = (
            f'<mxGeometry x="-1" relative="1" as="geometry"><mxPoint x="{x:.2f}" y="{y:.2f}" as="offset"/></mxGeometry>'
        )
        text = escape(self._lines(wire.labels))
        style = "edgeLabel;html=1;align=center;verticalAlign=middle;labelBackgroundColor=none;"
        look = f'value="{text}" style="{style}" vertex="1" connectable="0"'
        return f'<mxCell id="{self._new()}" {look} parent="{id}">{place}</mxCell>'

    def _words(self, words: Words) -> str:
        left = words.x - {"start": 0.0, "middle": words.width / 2, "end": words.width}[words.anchor]
        place = (
            f'x="{left:.2f}" y="{words.y - words.size:.2f}" width="{words.width:.2f}" height="{words.size * 1.2:.2f}"'
        )
        style = TEXT.replace("align=center", "align=left") + "whiteSpace=nowrap;"
        return (
            f'<mxCell id="{self._new()}" value="{escape(self._line_of(words))}" style="{style}" vertex="1" parent="1">'
            f'<mxGeometry {place} as="geometry"/></mxCell>'
        )

    def _path(self, path: Path) -> Iterator[str]:
        """A line that is no wire, or a ground: a frame, a rule of a table, a colour of the legend."""
        if path.stroke and self._paint(path.stroke) == NONE:
            return
        at, id = bounds(path), self._new()
        if path.fill:
            look = f"fillColor={self._paint(path.fill)};strokeColor={self._paint(path.stroke)};{_line(path)}"
            place = f'x="{at.x:.2f}" y="{at.y:.2f}" width="{at.width:.2f}" height="{at.height:.2f}"'
            style = f"{PLAIN}connectable=0;{look}"
            form = f'<mxGeometry {place} as="geometry"/>'
            yield f'<mxCell id="{id}" style="{style}" vertex="1" parent="1">{form}</mxCell>'
            return
        start, *way, end = (points[-1] for _, points in path.steps if points)
        ends = "".join(
            f'<mxPoint x="{x:.2f}" y="{y:.2f}" as="{each}Point"/>'
            for each, (x, y) in (("source", start), ("target", end))
        )
        points = "".join(f'<mxPoint x="{x:.2f}" y="{y:.2f}"/>' for x, y in way)
        style = f"edgeStyle=none;endArrow=none;strokeColor={self._paint(path.stroke)};{_line(path)}"
        yield (
            f'<mxCell id="{id}" style="{style}" edge="1" parent="1"><mxGeometry relative="1" as="geometry">'
            f'{ends}<Array as="points">{points}</Array></mxGeometry></mxCell>'
        )


def _line(path: Path) -> str:
    dash = f"dashed=1;dashPattern={' '.join(f'{each:g}' for each in path.dash)};" if path.dash else ""
    return f"strokeWidth={path.width:g};{dash}"


def _held(end: str, shape: Shape, point: Point) -> str:
    """Where on its box a wire begins or ends, in parts of the box."""
    x = (point[0] - shape.at.x) / shape.at.width
    y = (point[1] - shape.at.y) / shape.at.height
    return f"{end}X={x:.4f};{end}Y={y:.4f};{end}Perimeter=0;"


def _geometry(shape: Shape) -> str:
    at = shape.at
    return f'<mxGeometry x="{at.x:.2f}" y="{at.y:.2f}" width="{at.width:.2f}" height="{at.height:.2f}" as="geometry"/>'


def _attribute(text: str) -> str:
    return escape(text).replace("\n", "&#10;")
