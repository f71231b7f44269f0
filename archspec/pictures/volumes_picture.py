"""The volumes of a graph as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.graph.model import Graph
from archspec.pictures.displayable import Shown
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from archspec.pictures.render.marks import Page


class Volumes(Shown):
    """Feature maps as boxes; without a theme an SVG is light or dark as its reader prefers, and other formats light."""

    def __init__(self, graph: Graph, theme: Theme | None = None) -> None:
        super().__init__()
        self._graph, self._theme = graph, theme

    def __repr__(self) -> str:
        return f"<Volumes of {self._graph.title}>"

    @property
    def name(self) -> str:
        return self._graph.name

    @property
    def notes(self) -> tuple[str, ...]:
        from archspec.pictures.writers.missing_glyphs import undrawn

        return tuple(undrawn(self.page, self._made)) if {"png", "pdf"} & self._made.keys() else ()

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {"svg": self._svg, "png": self._png, "pdf": self._pdf}

    @cached_property
    def page(self) -> Page:
        """The picture with every place decided."""
        from archspec.pictures.volumes import scene
        from archspec.pictures.volumes.render import page

        return page(scene(self._graph))

    def _svg(self) -> bytes:
        from archspec.pictures.writers.svg import svg

        return svg(self.page, self._theme).encode()

    def _png(self) -> bytes:
        from archspec.pictures.writers.png import png
        from archspec.pictures.writers.svg import svg

        return png(svg(self.page, self._theme or "light"))

    def _pdf(self) -> bytes:
        from archspec.pictures.writers.pdf import pdf

        return pdf(self.page, self._theme or "light")
