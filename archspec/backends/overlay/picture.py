"""The picture of a comparison."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archspec.backends.graphviz.layout import Direction
from archspec.backends.overlay.compose import overlay
from archspec.backends.pictures.picture import Picture
from archspec.backends.themes import Theme
from archspec.comparison import Comparison


class Overlay(Picture):
    """Two networks over each other; of the formats of a picture it lacks the atlas, which is of one network."""

    def __init__(self, comparison: Comparison, direction: Direction = "TB", theme: Theme | None = None) -> None:
        super().__init__(comparison.new, overlay(comparison), direction, theme)

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {format: write for format, write in super().writers.items() if format != "html"}
