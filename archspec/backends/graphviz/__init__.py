"""Pictures: an elaborated graph → a drawing → DOT → a file. Graphviz lays out; it decides nothing."""

from __future__ import annotations

from typing import Literal

from archspec.backends.graphviz.compose import compose, readable_depth
from archspec.backends.graphviz.drawing import Drawing
from archspec.backends.graphviz.picture import Picture
from archspec.backends.graphviz.render import RenderError
from archspec.graph import Graph

__all__ = ["Drawing", "Picture", "RenderError", "compose", "draw"]


def draw(graph: Graph, depth: int | Literal["auto"] | None = "auto") -> Picture:
    """The picture of a graph.

    Blocks stand open down to `depth` and closed below: 1 closes all, `None` opens all, and `"auto"` opens as many
    levels as stay readable, but no block of one layer with its norm and activation. Equal graphs give equal DOT.

    >>> import archspec
    >>> draw(archspec.read("resnet50").graph)
    <Picture of ResNet: 25 boxes>
    """
    from archspec.backends.graphviz.dot import dot

    drawing = compose(graph, readable_depth(graph), units=True) if depth == "auto" else compose(graph, depth)
    return Picture(drawing, dot(drawing))
