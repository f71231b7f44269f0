"""A drawing as a picture, laid out when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, get_args

from archspec.graph.model import Graph
from archspec.pictures.displayable import chosen
from archspec.pictures.drawing import Drawing
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.layout.graphviz_process import TIME_LIMIT, LayoutTimeoutError
from archspec.pictures.look import PLAIN, Look
from archspec.pictures.paged import Paged
from archspec.pictures.render.themes import Theme, paints

if TYPE_CHECKING:
    from archspec.pictures.render.marks import Page


class Picture(Paged):
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
        look: Look = PLAIN,
    ) -> None:
        super().__init__(theme, look)
        chosen(theme or "light", "theme", get_args(Theme))
        chosen(direction, "direction", get_args(Direction))
        self.graph, self.drawing, self.direction = graph, drawing, direction
        self._time_limit, self._coarser, self._whole = time_limit, coarser, whole

    def __repr__(self) -> str:
        return f"<Picture of {self.drawing.title}: {sum(1 for _ in self.drawing.boxes())} boxes>"

    @property
    def name(self) -> str:
        return self.drawing.name

    @property
    def notes(self) -> tuple[str, ...]:
        coarser = self._laid_out[0].notes if {*self.placed, "html"} & self._made.keys() else ()
        return (*coarser, *self.drawing.unseen, *super().notes)

    @property
    def page(self) -> Page:
        """The picture with every place decided; raises `RenderError` where it cannot be laid out in time."""
        return self._laid_out[1]

    @property
    def writers(self) -> Mapping[str, Callable[[], bytes]]:
        placed = self.placed
        first = {each: placed.pop(each) for each in ("svg", "png", "pdf")}
        return {**first, "html": self._html, "dot": self._dot, "mermaid": self._mermaid, **placed}

    @cached_property
    def _laid_out(self) -> tuple[Drawing, Page]:
        """The drawing that could be laid out in time, and its page."""
        from archspec.pictures.render.page import page
        from archspec.pictures.render.paper import Fit

        fit = Fit(self.look.paper, self.look.min_pt) if self.look.paper else None
        ways: list[Callable[[], Drawing]] = [lambda: self.drawing, *self._coarser]
        late: LayoutTimeoutError | None = None
        for way in ways:
            drawing = way()
            try:
                return drawing, page(drawing, self.direction, self._time_limit, fit)
            except LayoutTimeoutError as error:
                late = error
        assert late is not None
        raise late

    def _html(self) -> bytes:
        from archspec.pictures.atlas import atlas

        if self._whole is not None:
            return self._whole().bytes("html")
        return atlas(self.graph, *self._laid_out, self.theme, self.direction, self._time_limit).encode()

    def _dot(self) -> bytes:
        from archspec.pictures.writers.dot import dot

        return dot(self.drawing, paints(self.shown), self.direction).encode()

    def _mermaid(self) -> bytes:
        from archspec.pictures.writers.mermaid import mermaid

        return mermaid(self.drawing, paints(self.shown), self.direction).encode()
