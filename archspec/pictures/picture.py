"""A drawing as a picture, laid out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from archspec.graph.model import Graph
from archspec.pictures.displayable import Shown, chosen
from archspec.pictures.drawing import Drawing
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.layout.graphviz_process import TIME_LIMIT, LayoutTimeoutError
from archspec.pictures.render.themes import Theme, paints

if TYPE_CHECKING:
    from archspec.pictures.render.marks import Page


class Picture(Shown):
    """A graph's drawing, and how it is to look.

    `coarser` give the same network's drawing with more folded, and are taken in turn where a layout takes longer than
    `time_limit` seconds. Without a `theme` SVG and HTML are light or dark as their reader prefers, and other
    formats are light. Where the drawing leaves something out, `whole` gives the picture of all, for an
    atlas, which has every node.
    """

    def __init__(
        self,
        graph: Graph,
        drawing: Drawing,
        direction: Direction = "TB",
        theme: Theme | None = None,
        time_limit: float = TIME_LIMIT,
        coarser: Sequence[Callable[[], Drawing]] = (),
        whole: Callable[[], Picture] | None = None,
    ) -> None:
        super().__init__()
        chosen(theme or "light", "theme", get_args(Theme))
        chosen(direction, "direction", get_args(Direction))
        self.graph, self.drawing, self.direction, self.theme = graph, drawing, direction, theme
        self._time_limit, self._coarser, self._whole = time_limit, coarser, whole

    def __repr__(self) -> str:
        return f"<Picture of {self.drawing.title}: {sum(1 for _ in self.drawing.boxes())} boxes>"

    @property
    def name(self) -> str:
        return self.drawing.name

    @property
    def notes(self) -> tuple[str, ...]:
        from archspec.pictures.writers.missing_glyphs import undrawn

        coarser = self._laid_out[0].notes if {"svg", "png", "pdf", "html"} & self._made.keys() else ()
        return (*coarser, *undrawn(self.page, self._made)) if {"png", "pdf"} & self._made.keys() else coarser

    @property
    def page(self) -> Page:
        """The picture with every place decided; raises `RenderError` where it cannot be laid out in time."""
        return self._laid_out[1]

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        return {
            "svg": self._svg,
            "png": self._png,
            "pdf": self._pdf,
            "html": self._html,
            "dot": self._dot,
            "mermaid": self._mermaid,
        }

    @cached_property
    def _laid_out(self) -> tuple[Drawing, Page]:
        """The drawing that could be laid out in time, and its page."""
        from archspec.pictures.render.page import page

        ways: list[Callable[[], Drawing]] = [lambda: self.drawing, *self._coarser]
        late: LayoutTimeoutError | None = None
        for way in ways:
            drawing = way()
            try:
                return drawing, page(drawing, self.direction, self._time_limit)
            except LayoutTimeoutError as error:
                late = error
        assert late is not None
        raise late

    @property
    def _shown(self) -> Theme:
        """The theme of what has but one."""
        return self.theme or "light"

    def _svg(self) -> bytes:
        from archspec.pictures.writers.svg import svg

        return svg(self.page, self.theme).encode()

    def _png(self) -> bytes:
        from archspec.pictures.writers.png import png
        from archspec.pictures.writers.svg import svg

        return png(svg(self.page, self._shown))

    def _pdf(self) -> bytes:
        from archspec.pictures.writers.pdf import pdf

        return pdf(self.page, self._shown)

    def _html(self) -> bytes:
        from archspec.pictures.atlas import atlas

        if self._whole is not None:
            return self._whole().bytes("html")
        return atlas(self.graph, *self._laid_out, self.theme, self.direction, self._time_limit).encode()

    def _dot(self) -> bytes:
        from archspec.pictures.writers.dot import dot

        return dot(self.drawing, paints(self._shown), self.direction).encode()

    def _mermaid(self) -> bytes:
        from archspec.pictures.writers.mermaid import mermaid

        return mermaid(self.drawing, paints(self._shown), self.direction).encode()
