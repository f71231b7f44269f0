"""The volumes of a graph as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archspec.backends.shown import Shown
from archspec.backends.volumes.style import Theme
from archspec.graph import Graph


class Volumes(Shown):
    """Feature maps as boxes; without a theme an SVG is light or dark as its reader prefers, and a PNG light."""

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
        return {"svg": lambda: self._drawn(self._theme).encode(), "png": self._png}

    def _drawn(self, theme: Theme | None) -> str:
        from archspec.backends.volumes import volumes

        return volumes(self._graph, theme)

    def _png(self) -> bytes:
        from archspec.backends.raster import png

        return png(self._drawn(self._theme or "light"))
