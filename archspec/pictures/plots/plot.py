"""A plot of costs as a picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import get_args

from archspec.graph.model import Graph
from archspec.pictures.displayable import Shown, chosen
from archspec.pictures.plots.family import plot_family
from archspec.pictures.plots.figure import FORMATS
from archspec.pictures.plots.stages import plot_stages
from archspec.pictures.render.themes import Theme


class Plot(Shown):
    """One architecture by its stages, or several as a family."""

    def __init__(self, graphs: Sequence[Graph], family: bool, theme: Theme = "light") -> None:
        super().__init__()
        chosen(theme, "theme", get_args(Theme))
        self._graphs, self._family, self._theme = graphs, family, theme

    def __repr__(self) -> str:
        return f"<Plot of {', '.join(graph.name for graph in self._graphs)}>"

    @property
    def name(self) -> str:
        return self._graphs[0].name

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {format: partial(self._written, format) for format in FORMATS}

    def _written(self, format: str) -> bytes:
        if self._family:
            return plot_family(self._graphs, self._theme, format)
        return plot_stages(self._graphs[0], self._theme, format)
