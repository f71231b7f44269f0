"""Where values of one size meet again, boxes stand by resolution: a U has level skips, a pyramid laterals."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.graph.model import Graph
from archspec.pictures.drawing import Sheet, View, compose
from archspec.pictures.layout.graphviz import Direction, Placed, Problem
from archspec.pictures.layout.lay_out import laid_out
from archspec.pictures.layout.routing.crossings import crossings
from tests.pictures.faults import confused, covered, crossed, frames, overlap, stretches, struck
from tests.property.graphs import written
from tests.samples import FORMS, form, sample

from .test_unfolding import read

DIRECTIONS: tuple[Direction, ...] = ("TB", "LR")
MOST = {("hrnet", "HRNet"): 2, ("wavenet", "WaveNet"): 5}
"""Crossings, at most; in all other sheets there are none."""

Laid = tuple[Sheet, Problem, Placed]


def laid(architecture: archspec.Architecture, kind: str, direction: Direction) -> list[Laid]:
    return laid_graph(architecture.graph, kind, direction)


def laid_graph(graph: Graph, kind: str, direction: Direction) -> list[Laid]:
    sheets = compose(graph, View(kind, training=False)).sheets  # type: ignore[arg-type]
    return [(sheet, *each) for sheet, each in zip(sheets, laid_out(sheets, direction))]


def skips(sheet: Sheet) -> list[int]:
    """The wires, by number, by which a join takes a value from the way down."""
    return [
        number
        for number, edge in enumerate(sheet.edges)
        if edge.source.startswith(("enc", "down")) and edge.target.startswith(("join", "up"))
    ]


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("kind", ["figure", "overview"])
@pytest.mark.parametrize(("name", "many"), [("unet", 4), ("small", 3)])
def test_level_skips_have_no_turn(name: str, many: int, kind: str, direction: Direction) -> None:
    architecture = form("unet") if name == "unet" else sample("unet")
    sheet, _, placed = laid(architecture, kind, direction)[0]
    found = skips(sheet)
    assert len(found) == many
    for number in found:
        (_, y), (_, other) = placed.routes[number].points
        assert y == other


@settings(max_examples=12, deadline=None)
@given(st.integers(2, 4), st.integers(1, 3), st.integers(1, 2), st.sampled_from(DIRECTIONS))
def test_every_u_has_level_skips(depth: int, before: int, after: int, direction: Direction) -> None:
    graph: dict[str, object] = {}
    for level in range(depth):
        for number in range(before):
            graph[f"enc{level}_{number}"] = {"conv": 8 + level + number, "kernel_size": 3, "padding": 1}
        graph[f"pool{level}"] = {"max_pool": 2}
    graph["bottom"] = {"conv": 32, "kernel_size": 3, "padding": 1}
    for level in reversed(range(depth)):
        graph[f"up{level}"] = {"conv_transpose": 8, "kernel_size": 2, "stride": 2}
        graph[f"join{level}"] = {"concat": [f"enc{level}_{before - 1}", f"up{level}"]}
        for number in range(after):
            graph[f"dec{level}_{number}"] = {"conv": 9 + number + level, "kernel_size": 3, "padding": 1}
    text = written(name="u", input=[3, 64, 64], graph=graph)
    sheet, problem, placed = laid_graph(read(text), "figure", direction)[0]
    found = skips(sheet)
    assert len(found) == depth
    assert all(len(placed.routes[number].points) == 2 for number in found)
    assert crossings(problem.wires, placed.routes) == 0
    check_clear(problem, placed)


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("name", ["fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn"])
def test_a_pyramid_has_a_row_for_each_level(name: str, direction: Direction) -> None:
    """Its laterals are level, its top-down path goes straight down, and its outputs stand below each other."""
    sheets = laid(archspec.read(name), "figure", direction)
    sheet, problem, placed = next(each for each in sheets if each[0].title == "FeaturePyramid")
    joins = {box.id for box in sheet.boxes() if box.sign}
    for edge, route in zip(sheet.edges, placed.routes):
        if edge.target in joins:
            assert len(route.points) == 2
    assert len({round(placed.boxes[id].middle[0]) for id in joins}) == 1
    inputs = [box.id for box in sheet.boxes() if box.role == "input"]
    heights = [placed.boxes[id].middle[1] for id in inputs]
    assert heights == sorted(heights, reverse=True)
    assert crossings(problem.wires, placed.routes) == 0


@pytest.mark.parametrize("name", ["hrnet", "siamese", "experts", "nested", "transformer"])
def test_what_only_branches_is_laid_out_in_ranks(name: str) -> None:
    assert not any(placed.whole for _, _, placed in laid(form(name), "figure", "TB"))


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(("kind", "direction"), [("figure", "TB"), ("figure", "LR"), ("overview", "TB")])
def test_nothing_lies_over_another_in_any_form(name: str, kind: str, direction: Direction) -> None:
    for sheet, problem, placed in laid(form(name), kind, direction):
        check_clear(problem, placed)
        assert crossings(problem.wires, placed.routes) <= MOST.get((name, sheet.title), 0), sheet.title


def check_clear(problem: Problem, placed: Placed) -> None:
    for fault in (crossed, covered, struck, confused, strays):
        assert not list(fault(problem, placed)), fault.__name__


def strays(problem: Problem, placed: Placed) -> list[tuple[str, str, str]]:
    """Wires that pass over a frame in which they neither begin nor end."""
    found = []
    for wire, route in zip(problem.wires, placed.routes):
        ends = [placed.boxes[id].middle for id in (wire.source, wire.target)]
        for id, rect in frames(placed):
            inside = any(rect.x < x < rect.x + rect.width and rect.y < y < rect.y + rect.height for x, y in ends)
            if not inside and any(overlap(each, rect, 1.2) for each in stretches(route)):
                found.append((wire.source, wire.target, id))
    return found


@pytest.mark.parametrize("name", FORMS)
def test_equal_graphs_have_equal_pictures(name: str) -> None:
    first, second = (form(name).draw().bytes("svg") for _ in range(2))
    assert first == second


def test_boxes_of_an_autoencoder_that_give_one_size_are_level() -> None:
    sheet, _, placed = laid(form("autoencoder"), "figure", "TB")[0]
    levels: dict[object, set[int]] = {}
    for edge in (edge for edge in sheet.edges if not edge.target.startswith("output")):
        levels.setdefault(edge.extent, set()).add(round(placed.boxes[edge.source].middle[1]))
    assert all(len(heights) == 1 for heights in levels.values())
    assert [one < other for one, other in pairwise(min(each) for each in levels.values())] == [True] * 3
