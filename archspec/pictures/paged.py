"""A picture of which there is a page: its formats that show the page as it is."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.pictures.displayable import Shown
from archspec.pictures.look import Look
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from archspec.pictures.render.marks import Page

OWN_FONTS = frozenset({"pdf", "tikz"})
"""Formats in which no font can be asked for: a PDF has archspec's, LaTeX its document's."""


class Paged(Shown):
    """A picture that is a page; without a theme an SVG is light or dark as its reader prefers, other formats light."""

    def __init__(self, theme: Theme | None, look: Look) -> None:
        super().__init__()
        self.theme, self.look = theme, look

    @property
    @abstractmethod
    def page(self) -> Page:
        """The picture with every place decided, at its own size."""

    @cached_property
    def sheet(self) -> Page:
        """The page on its paper."""
        from archspec.pictures.render.paper import on_paper

        return on_paper(self.page, self.look)

    @property
    def notes(self) -> tuple[str, ...]:
        from archspec.pictures.render.paper import told
        from archspec.pictures.writers.missing_glyphs import undrawn

        font = self.look.font
        own = [each.upper() for each in self._made if each in OWN_FONTS and font]
        fonts = (f"the {each} is not in {font}: it has a font of its own" for each in own)
        characters = undrawn(self.page, self._made) if {"png", "pdf"} & self._made.keys() else ()
        small = told(self.sheet, self.look) if self._made.keys() & self.placed.keys() else ()
        return (*small, *fonts, *characters)

    @property
    def placed(self) -> dict[str, Callable[[], bytes]]:
        """How each format is written that shows the page."""
        return {
            "svg": self._svg,
            "png": self._png,
            "pdf": self._pdf,
            "tikz": self._tikz,
            "drawio": self._drawio,
            "pptx": self._pptx,
        }

    @property
    def shown(self) -> Theme:
        """The theme of what has but one."""
        return self.theme or "light"

    def _svg(self) -> bytes:
        from archspec.pictures.writers.svg import svg

        return svg(self.sheet, self.theme, self.look.transparent, self.look.font).encode()

    def _png(self) -> bytes:
        from archspec.pictures.writers.png import SCALE, png
        from archspec.pictures.writers.svg import svg

        text = svg(self.sheet, self.shown, self.look.transparent, self.look.font)
        return png(text, SCALE, self.look.dpi, self.look.font)

    def _pdf(self) -> bytes:
        from archspec.pictures.writers.pdf import pdf

        return pdf(self.sheet, self.shown, self.look.transparent)

    def _tikz(self) -> bytes:
        from archspec.pictures.writers.tikz import tikz

        return tikz(self.sheet, self.shown, self.look.transparent).encode()

    def _drawio(self) -> bytes:
        from archspec.pictures.writers.drawio import drawio

        return drawio(self.sheet, self.shown, self.look.transparent, self.look.font).encode()

    def _pptx(self) -> bytes:
        from archspec.pictures.writers.pptx import pptx

        return pptx(self.sheet, self.shown, self.look.transparent, self.look.font)
