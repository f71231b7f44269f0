"""A page → a slide of PowerPoint: shapes with text, and connectors that are glued to them.

python-pptx makes the presentation around it. What it has no words for, outlines of any form and the places at which
connectors hold, is DrawingML (ECMA-376, part 1, section 20).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.util import find_spec
from io import BytesIO
from math import dist
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from archspec.pictures.displayable import RenderError
from archspec.pictures.layout.graphviz import Rect
from archspec.pictures.render.marks import Page, Path, Point, Words
from archspec.pictures.render.themes import NONE, Theme, paints
from archspec.pictures.writers.connector_forms import Form, connector_form
from archspec.pictures.writers.things import Connector, Shape, Thing, bounds, things

POINT = 12700
"""A point in English metric units."""
LARGEST = 4000.0
"""The side of a slide in points, at most: PowerPoint has none longer than 56 inches."""
SMALLEST = 72.0
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
PRESENTATION = "http://schemas.openxmlformats.org/presentationml/2006/main"
SPACES = f'xmlns:a="{DRAWING}" xmlns:p="{PRESENTATION}"'
SIGNS = "+−×∥"
NEAR = 0.5
"""Places closer than this are one."""


def pptx(page: Page, theme: Theme = "light", transparent: bool = False, font: str | None = None) -> bytes:
    """The page as a presentation of one slide of its size; raises `RenderError` where python-pptx is not installed."""
    if find_spec("pptx") is None:
        raise RenderError("slides are written by python-pptx: pip install python-pptx; TikZ and draw.io need nothing")
    from pptx import Presentation
    from pptx.oxml import parse_xml
    from pptx.util import Emu

    scale = min(1.0, LARGEST / max(page.width, page.height))
    writer = _Writer(paints(theme), font or "Arial", POINT * scale)
    presentation = Presentation()
    presentation.slide_width = Emu(max(writer.emu(page.width), int(SMALLEST * POINT)))
    presentation.slide_height = Emu(max(writer.emu(page.height), int(SMALLEST * POINT)))
    presentation.core_properties.title = page.title
    slide = presentation.slides.add_slide(presentation.slide_layouts[6])
    if not transparent:
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = _rgb(writer.colours["page"])
    tree = slide.shapes._spTree  # python-pptx adds its own shapes there, and has no other way to add any
    for each in writer.shapes(list(things(page.marks))):
        tree.append(parse_xml(each))
    stream = BytesIO()
    presentation.save(stream)
    return _dateless(stream.getvalue())


def _rgb(colour: str) -> object:
    from pptx.dml.color import RGBColor

    return RGBColor(*bytes.fromhex(colour[1:]))  # type: ignore[no-untyped-call]


def _dateless(archive: bytes) -> bytes:
    """The same archive as at any time: the same picture gives the same bytes."""
    stream = BytesIO()
    with ZipFile(BytesIO(archive)) as given, ZipFile(stream, "w", ZIP_DEFLATED) as made:
        for entry in given.infolist():
            made.writestr(ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), given.read(entry), ZIP_DEFLATED)
    return stream.getvalue()


class _Writer:
    """Writes things as DrawingML; lengths are whole units of `unit` to a point."""

    def __init__(self, colours: Mapping[str, str], font: str, unit: float) -> None:
        self.colours, self._font, self._unit, self._number = colours, font, unit, 1
        self._known: dict[str, tuple[int, Shape, list[Point]]] = {}

    def emu(self, length: float) -> int:
        """A length in English metric units."""
        return round(length * self._unit)

    def shapes(self, given: Sequence[Thing]) -> Iterator[str]:
        """An element for each thing, in order; connectors hold to shapes by the numbers of these."""
        for each in given:
            if isinstance(each, Shape):
                self._known[each.id] = (self._new(), each, _sides(each.at))
        for each in given:
            for id, point in _ends(each) if isinstance(each, Connector) else ():
                places = self._known[id][2]
                places += [point] if _site(places, point) is None else []
        for each in given:
            yield from self._one(each)

    def _one(self, thing: Thing) -> Iterator[str]:
        if isinstance(thing, Shape):
            yield self._shape(thing)
        elif isinstance(thing, Connector):
            yield self._connector(thing)
            yield from map(self._words, thing.labels)
        elif isinstance(thing, Words):
            yield self._words(thing)
        elif not (thing.stroke and self.colours.get(thing.stroke) == NONE):
            at = bounds(thing)
            look = self._geometry(at, (thing,), ()) + self._look(thing)
            yield self._element(self._new(), "line", "", self._place(at) + look, "")

    def _new(self) -> int:
        self._number += 1
        return self._number

    def _shape(self, shape: Shape) -> str:
        """A box: its outline, the places at which connectors hold, and its lines of text."""
        number, _, held = self._known[shape.id]
        paths = [shape.outline] if shape.outline else []
        behind, inner = ([each for each in shape.strokes if bool(each.fill) == fill] for fill in (True, False))
        form = self._geometry(shape.at, (*behind, *paths, *inner), held)
        look = self._look(shape.outline) if shape.outline else "<a:noFill/><a:ln><a:noFill/></a:ln>"
        text = self._lines(shape.lines) if shape.role not in SIGNS else ""
        name = shape.id or shape.role
        return self._element(number, name, shape.title, self._place(shape.at) + form + look, text)

    def _element(self, number: int, name: str, title: str, properties: str, text: str) -> str:
        body = '<a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"><a:noAutofit/></a:bodyPr>'
        words = f"<p:txBody>{body}<a:lstStyle/>{text or '<a:p/>'}</p:txBody>"
        about = f'id="{number}" name="{_attribute(name)}" descr="{_attribute(title)}"'
        head = f"<p:nvSpPr><p:cNvPr {about}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
        return f"<p:sp {SPACES}>{head}<p:spPr>{properties}</p:spPr>{words}</p:sp>"

    def _place(self, at: Rect, form: Form | None = None) -> str:
        turned = form.attributes if form else ""
        size = f'<a:ext cx="{self.emu(at.width)}" cy="{self.emu(at.height)}"/>'
        return f'<a:xfrm{turned}><a:off x="{self.emu(at.x)}" y="{self.emu(at.y)}"/>{size}</a:xfrm>'

    def _geometry(self, at: Rect, paths: Sequence[Path], held: Sequence[Point]) -> str:
        """Outlines within a place, and where connectors hold."""
        sites = (f'<a:cxn ang="0"><a:pos x="x{number}" y="y{number}"/></a:cxn>' for number in range(len(held)))
        guides = (
            f'<a:gd name="{axis}{number}" fmla="*/ {side} {self.emu(part)} {self.emu(whole)}"/>'
            for number, point in enumerate(held)
            for axis, side, part, whole in (
                ("x", "w", point[0] - at.x, at.width),
                ("y", "h", point[1] - at.y, at.height),
            )
        )
        size = f'w="{self.emu(at.width)}" h="{self.emu(at.height)}"'
        drawn = (self._path(path, at, size) for path in paths)
        rectangle = '<a:rect l="0" t="0" r="r" b="b"/>'
        return (
            f"<a:custGeom><a:avLst/><a:gdLst>{''.join(guides)}</a:gdLst><a:ahLst/><a:cxnLst>{''.join(sites)}</a:cxnLst>{rectangle}"
            f"<a:pathLst>{''.join(drawn)}</a:pathLst></a:custGeom>"
        )

    def _path(self, path: Path, at: Rect, size: str) -> str:
        fill = "" if path.fill else ' fill="none"'
        steps = []
        for letter, points in path.steps:
            places = "".join(f"<a:pt {self._at(point, at)}/>" for point in points)
            tag = {"M": "moveTo", "L": "lnTo", "C": "cubicBezTo", "Z": "close"}[letter]
            steps.append(f"<a:{tag}>{places}</a:{tag}>")
        return f"<a:path {size}{fill}>{''.join(steps)}</a:path>"

    def _at(self, point: Point, at: Rect) -> str:
        return f'x="{self.emu(point[0] - at.x)}" y="{self.emu(point[1] - at.y)}"'

    def _connector(self, wire: Connector) -> str:
        """A connector, which PowerPoint leads anew where a box is moved."""
        form = connector_form(wire.way)
        lead = self._geometry(form.at, (Path((("M", wire.way[:1]), *(("L", (p,)) for p in wire.way[1:]))),), ())
        shape = form.element or lead
        ends = (
            f'<a:{tag} id="{self._known[id][0]}" idx="{_site(self._known[id][2], point)}"/>'
            for tag, (id, point) in zip(("stCxn", "endCxn"), _ends(wire))
        )
        name = _attribute(f"{wire.source} → {wire.target}")
        head = f'<p:cNvPr id="{self._new()}" name="{name}"/><p:cNvCxnSpPr>{"".join(ends)}</p:cNvCxnSpPr><p:nvPr/>'
        look = self._line(wire.line, '<a:tailEnd type="triangle" w="med" len="med"/>')
        properties = f"{self._place(form.at, form)}{shape}{look}"
        return f"<p:cxnSp {SPACES}><p:nvCxnSpPr>{head}</p:nvCxnSpPr><p:spPr>{properties}</p:spPr></p:cxnSp>"

    def _look(self, path: Path) -> str:
        fill = self._solid(path.fill) if path.fill else "<a:noFill/>"
        return fill + (self._line(path) if path.stroke else "<a:ln><a:noFill/></a:ln>")

    def _solid(self, name: str) -> str:
        return f'<a:solidFill><a:srgbClr val="{self.colours.get(name, name)[1:]}"/></a:solidFill>'

    def _line(self, path: Path, end: str = "") -> str:
        short = path.dash and path.dash[0] < 2
        dash = f'<a:prstDash val="{"sysDot" if short else "dash"}"/>' if path.dash else ""
        return f'<a:ln w="{self.emu(path.width)}">{self._solid(path.stroke or "line")}{dash}<a:round/>{end}</a:ln>'

    def _lines(self, lines: Sequence[Words], align: str = "ctr") -> str:
        return "".join(f'<a:p><a:pPr algn="{align}"/>{self._runs(each)}</a:p>' for each in lines)

    def _runs(self, words: Words) -> str:
        size, bold = max(100, round(words.size * self._unit / POINT * 100)), " b='1'" if words.bold else ""
        look = f'{self._solid(words.paint)}<a:latin typeface="{_attribute(self._font)}"/>'
        runs = ((" i='1'" if piece.symbol else "", escape(piece.text)) for piece in words.pieces)
        return "".join(
            f'<a:r><a:rPr lang="en-US" sz="{size}"{bold}{slant} dirty="0">{look}</a:rPr><a:t>{text}</a:t></a:r>'
            for slant, text in runs
        )

    def _words(self, words: Words) -> str:
        """A line of text by itself."""
        left = words.x - {"start": 0.0, "middle": words.width / 2, "end": words.width}[words.anchor]
        at = Rect(left, words.y - words.size * 0.94, words.width, words.size * 1.2)
        form = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:noFill/><a:ln><a:noFill/></a:ln>'
        align = {"start": "l", "middle": "ctr", "end": "r"}[words.anchor]
        return self._element(self._new(), "text", "", self._place(at) + form, self._lines((words,), align))


def _sides(at: Rect) -> list[Point]:
    """The middles of a box's sides, in the order in which programs number them: top, left, bottom, right."""
    (x, y), right, low = at.middle, at.x + at.width, at.y + at.height
    return [(x, at.y), (at.x, y), (x, low), (right, y)]


def _ends(wire: Connector) -> tuple[tuple[str, Point], tuple[str, Point]]:
    return (wire.source, wire.way[0]), (wire.target, wire.way[-1])


def _site(places: Sequence[Point], point: Point) -> int | None:
    """The number of the place of a box where a connector holds."""
    return next((number for number, each in enumerate(places) if dist(each, point) < NEAR), None)


def _attribute(text: str) -> str:
    return escape(text).replace("\n", "&#10;")
