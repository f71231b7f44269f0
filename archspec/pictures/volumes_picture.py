"""The volumes of a graph as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from archspec.graph.model import Graph
from archspec.pictures.look import PLAIN, Look
from archspec.pictures.paged import Paged
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from archspec.pictures.render.marks import Page


class Volumes(Paged):
    """Feature maps as boxes; without a theme an SVG is light or dark as its reader prefers, and other formats light."""

    def __init__(self, graph: Graph, theme: Theme | None = None, look: Look = PLAIN) -> None:
        super().__init__(theme, look)
        self._graph = graph

    def __repr__(self) -> str:
        return f"<Volumes of {self._graph.title}>"

    @property
    def name(self) -> str:
        return self._graph.name

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {format: self.placed[format] for format in ("svg", "png", "pdf")}

    @cached_property
    def page(self) -> Page:
        """The picture with every place decided."""
        from archspec.pictures.volumes import scene
        from archspec.pictures.volumes.render import page

        return page(scene(self._graph))
