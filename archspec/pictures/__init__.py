"""Pictures: an elaborated graph → a drawing → a layout → SVG, PNG, PDF, HTML, DOT or Mermaid."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from archspec.analysis.verdicts import Verdict
from archspec.graph.model import Graph
from archspec.language.draw_section import DrawWishes
from archspec.pictures.drawing import FIGURE, Colour, Drawing, Kind, View, compose
from archspec.pictures.drawing.compose import NO_WISHES
from archspec.pictures.drawing.inference_only import OMITTED
from archspec.pictures.layout.graphviz import Direction
from archspec.pictures.layout.graphviz_process import TIME_LIMIT, LayoutTimeoutError
from archspec.pictures.look import PLAIN, Look
from archspec.pictures.picture import Picture
from archspec.pictures.render.themes import Theme

__all__ = ["Colour", "Direction", "Kind", "LayoutTimeoutError", "Look", "Picture", "Theme", "View", "draw"]

COARSER: tuple[Kind, ...] = ("figure", "overview")
"""What is drawn in place of a picture that cannot be laid out in time."""


def draw(
    graph: Graph,
    view: View = FIGURE,
    *,
    verdicts: Sequence[Verdict] = (),
    direction: Direction = "TB",
    theme: Theme | None = None,
    look: Look = PLAIN,
    wishes: DrawWishes = NO_WISHES,
    time_limit: float = TIME_LIMIT,
) -> Picture:
    """The picture of a graph under a view, with how its documented figures fare. Equal graphs give equal bytes.

    >>> import archspec
    >>> draw(archspec.read("resnet50").graph)
    <Picture of ResNet-50: 18 boxes>
    """

    def folded(kind: Kind) -> Drawing:
        note = f"the {_asked(view)} was not laid out in {time_limit:g} s, so this is the {kind}"
        drawing = compose(graph, replace(view, kind=kind, depth=None, open=()), verdicts, wishes)
        return replace(drawing, notes=(*drawing.notes, note))

    drawing = compose(graph, view, verdicts, wishes)
    whole = partial(
        draw, graph, replace(view, training=True), verdicts=verdicts, direction=direction, theme=theme, look=look
    )
    coarser = [kind for kind in COARSER if view != replace(view, kind=kind, depth=None, open=())]
    return Picture(
        graph,
        drawing,
        direction,
        theme,
        time_limit,
        tuple(partial(folded, kind) for kind in coarser),
        partial(whole, time_limit=time_limit, wishes=wishes) if OMITTED in drawing.lines else None,
        look,
    )


def _asked(view: View) -> str:
    return view.kind if view.depth is None and not view.open else "picture with blocks open"
