"""The view `volumes`: feature maps as boxes in a slight projection, as LeNet's and AlexNet's papers draw them.

The height of a box follows the spatial size and its width the channels; vectors are bars, kernels small squares on the
map that they pass over. Steps in time, frames and regions are stacks. Stages are folded until they are few.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from archspec.analysis.stages import layers
from archspec.graph.labels import node_words, rounded_text, shapes_text
from archspec.graph.model import Block, Graph
from archspec.language.identifiers import same_name
from archspec.pictures.render.themes import Theme
from archspec.pictures.volumes.columns import Column, columns, is_short
from archspec.pictures.volumes.feature_maps import Map, maps
from archspec.pictures.volumes.layout import laid_out, roles_of, stacked
from archspec.pictures.volumes.main_path import Path, longest_path, towers
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
    """The picture before it is written: what stands where. The towers of further inputs stand over the longest path."""
    path, others = longest_path(graph), towers(graph)
    names = graph.root.input_names
    found = maps(graph, path, {tower.start: f"{names[tower.start]}, above" for tower in others})
    sides = [maps(graph, tower) for tower in others]
    alone = all(map(is_short, (found, *sides)))
    folded, *above = [columns(each, alone) for each in (found, *sides)]
    heads = [(graph.title, ", ".join(_about(graph, path, others))), *[("", "")] * len(others)]
    scenes = [_tower(graph, *each) for each in zip(others, above, heads)]
    roles = set().union(*map(roles_of, (folded, *above)))
    notes = list(_notes(path, found, path.beside and not _is_shown(path, others)))
    return stacked([*scenes, laid_out(*heads[len(others)], folded, notes, roles)])


def _tower(graph: Graph, tower: Path, folded: Sequence[Column], head: tuple[str, str]) -> Scene:
    """What one further input goes through by itself, up to where it comes to the others."""
    assert tower.into is not None
    name, into = graph.root.input_names[tower.start], tower.into
    same = _addresses(tower) <= _addresses(longest_path(graph))
    note = f"{name} goes on below, in {into.name if isinstance(into, Block) else node_words(into)}"
    found = laid_out(*head, folded, [f"{note}; its weights are those below" if same else note], set())
    boxes = (replace(box, address=f"{name}/{box.address}") for box in found.boxes)  # a twin has its sister's addresses
    return replace(found, boxes=tuple(boxes))


def _addresses(path: Path) -> set[str]:
    return {node.address for number in path.on if layers(node := path.steps[number].node)}


def _is_shown(path: Path, others: Sequence[Path]) -> bool:
    """Whether all layers beside the path stand in towers."""
    shown = _addresses(path).union(*map(_addresses, others))
    return all(each.node.address in shown or each.training or not layers(each.node) for each in path.steps)


def _about(graph: Graph, path: Path, others: Sequence[Path]) -> Iterator[str]:
    if graph.name != graph.document and not same_name(graph.name, graph.title):
        yield graph.name
    starts = sorted(each.start for each in (path, *others))
    shapes = {number: shapes_text((graph.root.input_shapes[number],)) for number in starts}
    names = graph.root.input_names
    yield "input " + (
        ", ".join(f"{names[at]} {shape}" for at, shape in shapes.items()) if others else shapes[path.start]
    )
    yield f"{rounded_text(graph.counts.params)} parameters"
    yield f"{rounded_text(graph.counts.macs)} MACs"


def _notes(path: Path, found: Sequence[Map], beside: bool) -> Iterator[str]:
    yield "heights: square root of the sizes; widths: square root of the channels; bars: logarithm of the units"
    if any(len(each.sizes) == 3 for each in found):
        yield "stacks: logarithm of the steps in time"
    if any(each.steps not in (None, 1) for each in found):
        yield "stacks: of as many as × says, one is drawn"
    if beside:
        yield "what runs beside the longest path is not drawn"
    if any(step.training for step in path.steps):
        yield "auxiliary heads, which run in training only, are not drawn"
