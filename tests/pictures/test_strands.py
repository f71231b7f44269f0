"""Wires of one value, or to one join, are drawn once where they run over each other, and whole."""

from __future__ import annotations

from itertools import pairwise

import pytest

import archspec
from archspec.pictures.drawing import Edge, View, compose
from archspec.pictures.layout.graphviz import Point, Route
from archspec.pictures.layout.lay_out import laid_out
from archspec.pictures.render.marks import BEND
from archspec.pictures.render.overlaps import Strand, strands


def dots(points: tuple[Point, ...], apart: float = 0.5) -> list[Point]:
    """Places along a way at right angles, close to each other."""
    found = []
    for (x, y), (other_x, other_y) in pairwise(points):
        steps = max(1, round((abs(other_x - x) + abs(other_y - y)) / apart))
        found += [(x + (other_x - x) * at / steps, y + (other_y - y) * at / steps) for at in range(steps + 1)]
    return found


def drawn(edges: list[Edge], *ways: tuple[Point, ...]) -> list[Strand]:
    return strands(edges, [Route(points) for points in ways])


def test_branches_are_drawn_from_where_they_part() -> None:
    down, aside = ((0.0, 0.0), (0.0, 100.0)), ((0.0, 0.0), (0.0, 30.0), (60.0, 30.0), (60.0, 100.0))
    assert drawn([Edge("a", "b"), Edge("a", "c")], down, aside) == [
        Strand(down),
        Strand(((0.0, 30.0 - BEND), (0.0, 30.0), (60.0, 30.0), (60.0, 100.0))),
    ]


def test_a_dashed_wire_is_never_drawn_along_a_whole_one() -> None:
    one, other = ((0.0, 0.0), (0.0, 30.0), (60.0, 30.0), (60.0, 100.0)), ((0.0, 0.0), (0.0, 100.0))
    dashed, whole = drawn([Edge("a", "b", training=True), Edge("a", "c")], one, other)
    assert whole.points == other
    assert dashed.points[0] == (0.0, 30.0 - BEND)


def test_wires_that_meet_have_one_tip() -> None:
    one, other = ((0.0, 0.0), (0.0, 50.0), (50.0, 50.0), (50.0, 90.0)), ((50.0, 0.0), (50.0, 90.0))
    first, second = drawn([Edge("a", "c"), Edge("b", "c")], one, other)
    assert (first.points, first.tipped) == (one, True)
    assert (second.points, second.tipped) == (((50.0, 0.0), (50.0, 50.0 + BEND)), False)


@pytest.mark.parametrize(("name", "kind"), [("googlenet", "figure"), ("resnet18", "detail"), ("faster_rcnn", "figure")])
def test_every_stretch_is_drawn_once(name: str, kind: str) -> None:
    sheets = compose(archspec.read(name).graph, View(kind)).sheets  # type: ignore[arg-type]
    for sheet, (_, placed) in zip(sheets, laid_out(sheets), strict=True):
        routes = placed.routes
        found = strands(sheet.edges, routes)
        wanted = {(round(x), round(y)) for route in routes for x, y in dots(route.points, 1.0)}
        shown = {(round(x), round(y)) for each in found for x, y in dots(each.points)}
        assert not {
            (x, y) for x, y in wanted if not any((x + a, y + b) in shown for a in (-1, 0, 1) for b in (-1, 0, 1))
        }
        for edge in sheet.edges:
            tips = [each.tipped for each, other in zip(found, sheet.edges) if other.target == edge.target]
            assert any(tips), edge.target
