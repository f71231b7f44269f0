"""The view `volumes`: feature maps as boxes in a slight projection, as LeNet's and AlexNet's papers draw them.

The height of a box follows the spatial size and its width the channels; vectors are bars, kernels small squares on the
map that they pass over. Steps in time, frames and regions are stacks. Stages are folded until they are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.graph.labels import rounded_text, shapes_text
from archspec.graph.model import Graph
from archspec.language.identifiers import same_name
from archspec.pictures.render.themes import Theme
from archspec.pictures.volumes.columns import columns
from archspec.pictures.volumes.feature_maps import Map, maps
from archspec.pictures.volumes.layout import laid_out
from archspec.pictures.volumes.main_path import Path, longest_path
from archspec.pictures.volumes.render import page
from archspec.pictures.volumes.scene import Scene
from archspec.pictures.writers.svg import svg

__all__ = ["Theme", "scene", "volumes"]


def volumes(graph: Graph, theme: Theme | None = None) -> str:
    """The picture as SVG text, in one theme or in the one that the reader prefers; equal graphs give equal bytes.

    >>> import archspec
    >>> 'id="C1"' in volumes(archspec.read("lenet").graph)
    True
    """
    return svg(page(scene(graph)), theme)


def scene(graph: Graph) -> Scene:
    """The picture before it is written: what stands where."""
    path = longest_path(graph)
    found = maps(graph, path)
    return laid_out(graph.title, ", ".join(_about(graph, path)), columns(found), list(_notes(path, found)))


def _about(graph: Graph, path: Path) -> Iterator[str]:
    if graph.name != graph.document and not same_name(graph.name, graph.title):
        yield graph.name
    yield f"input {shapes_text((graph.root.input_shapes[path.start],))}"
    yield f"{rounded_text(graph.counts.params)} parameters"
    yield f"{rounded_text(graph.counts.macs)} MACs"


def _notes(path: Path, found: Sequence[Map]) -> Iterator[str]:
    yield "heights: square root of the sizes; widths: square root of the channels; bars: logarithm of the units"
    if any(len(each.sizes) == 3 for each in found):
        yield "stacks: logarithm of the steps in time"
    if any(each.steps not in (None, 1) for each in found):
        yield "stacks: of as many as × says, one is drawn"
    if path.beside:
        yield "what runs beside the longest path is not drawn"
    if any(step.training for step in path.steps):
        yield "auxiliary heads, which run in training only, are not drawn"
