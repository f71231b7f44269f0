"""The picture of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archspec.analysis.comparison import Comparison
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.overlay.compose import overlay
from archspec.pictures.picture import Picture
from archspec.pictures.render.themes import Theme


class Overlay(Picture):
    """Two networks over each other; of the formats of a picture it lacks the atlas, which is of one network."""

    def __init__(self, comparison: Comparison, direction: Direction = "TB", theme: Theme | None = None) -> None:
        super().__init__(comparison.new, overlay(comparison), direction, theme)

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {format: write for format, write in super().writers.items() if format != "html"}
