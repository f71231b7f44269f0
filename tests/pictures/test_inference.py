"""A figure shows what runs in inference, and all of it; what is for training alone comes with `training`, dashed."""

from __future__ import annotations

import pytest

import archspec
from archspec.api import zoo
from archspec.graph.model import Block, Graph
from archspec.pictures.drawing import Drawing, View, compose
from archspec.pictures.drawing.inference_only import OMITTED

KINDS = ("figure", "overview", "detail")


@pytest.mark.parametrize("name", zoo.documents())
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_training_is_drawn(name: str, kind: str) -> None:
    graph = archspec.read(name).graph
    whole, drawn = (compose(graph, View(kind, training=each)) for each in (True, False))  # type: ignore[arg-type]
    assert not any(box.training for box in drawn.boxes())
    assert not any(edge.training for sheet in drawn.sheets for edge in sheet.edges)
    assert (OMITTED in drawn.lines) == (parts(whole) != parts(drawn))


def parts(drawing: Drawing) -> tuple[int, int]:
    return sum(1 for _ in drawing.boxes()), sum(len(sheet.edges) for sheet in drawing.sheets)


@pytest.mark.parametrize("name", zoo.documents())
def test_all_that_runs_in_inference_is_drawn(name: str) -> None:
    graph = archspec.read(name).graph
    drawing = compose(graph, View(training=False))
    shown = {address for box in drawing.boxes() for row in box.members for address in row}
    assert {node.address for node in graph.walk() if not isinstance(node, Block)} - shown <= in_training(graph)
    keys = {sheet.key for sheet in drawing.insets}
    assert keys == {box.inside for box in drawing.boxes() if box.inside}


def in_training(graph: Graph) -> set[str]:
    """The ops that are, or are inside of what is, for training alone."""
    heads = tuple(f"{address}." for address, node in graph.nodes.items() if node.training)
    return {address for address, node in graph.nodes.items() if node.training or address.startswith(heads)}


@pytest.mark.parametrize("name", zoo.documents())
def test_every_wire_joins_boxes_and_every_box_has_its_wires(name: str) -> None:
    for sheet in compose(archspec.read(name).graph, View(training=False)).sheets:
        boxes = [box.id for box in sheet.boxes()]
        ends = {id for edge in sheet.edges for id in (edge.source, edge.target)}
        assert ends == set(boxes) and len(boxes) == len(ends)


@pytest.mark.parametrize("name", zoo.documents())
def test_a_shape_that_stood_beside_what_is_not_drawn_stands_elsewhere(name: str) -> None:
    graph = archspec.read(name).graph
    whole, drawn = (compose(graph, View("detail", training=each)).main.edges for each in (True, False))
    told = {(edge.source, edge.outputs): edge.text for edge in whole if edge.text}
    left = {(edge.source, edge.outputs) for edge in drawn}
    assert {(edge.source, edge.outputs): edge.text for edge in drawn if edge.text} == {
        value: text for value, text in told.items() if value in left
    }


def test_what_is_for_training_comes_when_it_is_asked_for() -> None:
    text = archspec.read("googlenet").draw(training=True).svg()
    assert "aux1" in text and "training only" in text and OMITTED not in text


def test_an_atlas_has_every_node() -> None:
    assert "aux1.fc1" in archspec.read("googlenet").draw().bytes("html").decode()
