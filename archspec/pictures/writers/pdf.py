"""A page → PDF, written by reportlab with the fonts that come with archspec embedded, as journals ask."""

from __future__ import annotations

from importlib.util import find_spec
from io import BytesIO
from typing import Any

from archspec.pictures.displayable import RenderError
from archspec.pictures.fonts import FACES, Face, font_file
from archspec.pictures.layout.text_width import pieces_width
from archspec.pictures.render.marks import Mark, Page, Part, Path, Words
from archspec.pictures.render.themes import NONE, Theme, paints


def pdf(page: Page, theme: Theme = "light", transparent: bool = False) -> bytes:
    """The page as a PDF of its own size; raises `RenderError` where reportlab is not installed."""
    if find_spec("reportlab") is None:
        raise RenderError("a PDF is written by reportlab: pip install reportlab; SVG and PNG need nothing more")
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas

    for face in FACES:
        if f"Arimo-{face}" not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(f"Arimo-{face}", str(font_file(face))))
    stream = BytesIO()
    canvas = Canvas(stream, pagesize=(page.width, page.height), invariant=1, pageCompression=1)
    canvas.setTitle(page.title)
    canvas.setSubject(page.description)
    canvas.setCreator("archspec")
    writer = _Writer(canvas, page.height, paints(theme))
    if not transparent:
        canvas.setFillColor(writer.colours["page"])
        canvas.rect(0, 0, page.width, page.height, stroke=0, fill=1)
    for mark in page.marks:
        writer.write(mark)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


class _Writer:
    """Draws marks; a PDF's heights grow upwards."""

    def __init__(self, canvas: Any, height: float, colours: dict[str, str]) -> None:
        self._canvas, self._height, self.colours = canvas, height, colours

    def write(self, mark: Mark) -> None:
        """Draw a mark."""
        if isinstance(mark, Part):
            for each in mark.marks:
                self.write(each)
        elif isinstance(mark, Path):
            self._path(mark)
        else:
            self._words(mark)

    def _path(self, mark: Path) -> None:
        if mark.stroke and self.colours.get(mark.stroke) == NONE:
            return
        path = self._canvas.beginPath()
        for letter, points in mark.steps:
            numbers = [number for x, y in points for number in (x, self._height - y)]
            {"M": path.moveTo, "L": path.lineTo, "C": path.curveTo, "Z": path.close}[letter](*numbers)
        if mark.fill:
            self._canvas.setFillColor(self.colours.get(mark.fill, mark.fill))
        if mark.stroke:
            self._canvas.setStrokeColor(self.colours.get(mark.stroke, mark.stroke))
            self._canvas.setLineWidth(mark.width)
            self._canvas.setDash(list(mark.dash) or [])
        self._canvas.drawPath(path, stroke=bool(mark.stroke), fill=bool(mark.fill))

    def _words(self, words: Words) -> None:
        x = words.x - {"start": 0.0, "middle": words.width / 2, "end": words.width}[words.anchor]
        face: Face = "Bold" if words.bold else "Regular"
        self._canvas.setFillColor(self.colours.get(words.paint, words.paint))
        for piece in words.pieces:
            self._canvas.setFont(f"Arimo-{'Italic' if piece.symbol else face}", words.size)
            self._canvas.drawString(x, self._height - words.y, piece.text)
            x += pieces_width((piece,), words.size, face)
