"""Panels lie on a page without touching, and no page is long where it need not be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import archspec
from archspec.api import zoo
from archspec.graph.model import Graph
from archspec.pictures.drawing import View, compose
from archspec.pictures.layout.components import gathered
from archspec.pictures.layout.graphviz import lay_out
from archspec.pictures.layout.packing import skyline, widths
from archspec.pictures.layout.problem import problem
from archspec.pictures.layout.routing.router import routed
from archspec.pictures.render.legend import legend_panel
from archspec.pictures.render.marks import Mark, Part, Words

extents = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=12)


@given(extents=extents, between=st.integers(0, 30))
def test_rectangles_do_not_touch(extents: list[tuple[float, float]], between: float) -> None:
    for width in widths(extents, between, 1.3):
        corners = skyline(extents, width, between)
        placed = [(x, y, x + across + between, y + down + between) for (x, y), (across, down) in zip(corners, extents)]
        assert corners[0] == (0, 0)
        assert all(x >= 0 and y >= 0 and x + across <= width + 0.01 for (x, y), (across, _) in zip(corners, extents))
        for one, other in combinations(placed, 2):
            across = min(one[2], other[2]) - max(one[0], other[0])
            assert across <= 0.01 or min(one[3], other[3]) - max(one[1], other[1]) <= 0.01


def test_room_under_the_first_is_used() -> None:
    assert skyline([(60, 100), (30, 250), (60, 60), (50, 60)], 100, 10)[2:] == [(0, 110), (0, 180)]


@pytest.fixture
def unjoined(tmp_path: Path) -> Graph:
    """A dozen networks side by side, each with an input and an output of its own."""
    sizes = range(12)
    (tmp_path / "apart.yaml").write_text(
        yaml.safe_dump(
            {
                "archspec": 1,
                "name": "apart",
                "input": {f"image{size}": [3, 32 + size, 32] for size in sizes},
                "graph": {f"net{size}": {"conv": 8 + size, "kernel_size": 3, "from": f"image{size}"} for size in sizes},
                "output": {f"out{size}": f"net{size}" for size in sizes},
            }
        ),
        "utf-8",
    )
    return archspec.read(tmp_path / "apart.yaml").graph


@pytest.mark.parametrize("direction", ["TB", "LR"])
def test_networks_that_nothing_joins_are_placed_in_rows(unjoined: Graph, direction: str) -> None:
    given = problem(compose(unjoined, View()).main, direction)  # type: ignore[arg-type]
    (placed,) = lay_out([given])
    before = routed(given, placed)
    after = gathered(given, before)
    if direction == "LR":
        assert after is before  # these lie below each other as they are
        return
    assert before.width > 3 * before.height and after.width < 3 * after.height
    rects = [*after.boxes.values(), *(route.label for route in after.routes if route.label)]
    assert all(rect.x >= 0 and rect.x + rect.width <= after.width for rect in rects)
    for one, other in combinations(after.boxes.values(), 2):
        across = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
        assert across < 1 or min(one.y + one.height, other.y + other.height) - max(one.y, other.y) < 1
    for wire, route in zip(given.wires, after.routes):
        source, target = after.boxes[wire.source], after.boxes[wire.target]
        assert source.x < route.points[0][0] < source.x + source.width
        assert target.x < route.points[-1][0] < target.x + target.width


def words(marks: tuple[Mark, ...]) -> Iterator[Words]:
    for mark in marks:
        if isinstance(mark, Part):
            yield from words(mark.marks)
        elif isinstance(mark, Words):
            yield mark


@pytest.mark.parametrize("name", zoo.documents())
@pytest.mark.parametrize(("kind", "colour"), [("figure", "kind"), ("overview", "memory"), ("overview", "macs")])
def test_no_text_leaves_the_page(name: str, kind: str, colour: str) -> None:
    picture = archspec.read(name).draw(kind, colour=colour)  # type: ignore[arg-type]
    page, drawing = picture.page, picture.drawing
    for each in words(page.marks):
        left = each.x - {"start": 0.0, "middle": each.width / 2, "end": each.width}[each.anchor]
        assert left >= 0 and left + each.width <= page.width, each.pieces
        assert each.size * 0.7 <= each.y <= page.height, each.pieces
    foot = words(legend_panel(drawing, page.width - 16).marks)
    amounts = sorted((each.y, each.x - each.width / 2, each.width) for each in foot if each.anchor == "middle")
    assert bool(amounts) == (colour != "kind")
    for (y, x, width), (other_y, other_x, _) in pairwise(amounts):
        assert y != other_y or x + width < other_x
