"""The volumes of a graph as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.backends.shown import Shown
from archspec.backends.themes import Theme
from archspec.graph import Graph

if TYPE_CHECKING:
    from archspec.backends.pictures.marks import Page


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
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {"svg": self._svg, "png": self._png, "pdf": self._pdf}

    @cached_property
    def page(self) -> Page:
        """The picture with every place decided."""
        from archspec.backends.volumes import scene
        from archspec.backends.volumes.page import page

        return page(scene(self._graph))

    def _svg(self) -> bytes:
        from archspec.backends.pictures.svg import svg

        return svg(self.page, self._theme).encode()

    def _png(self) -> bytes:
        from archspec.backends.pictures.svg import svg
        from archspec.backends.raster import png

        return png(svg(self.page, self._theme or "light"))

    def _pdf(self) -> bytes:
        from archspec.backends.pictures.pdf import pdf

        return pdf(self.page, self._theme or "light")
