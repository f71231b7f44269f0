"""What an author says of a picture is seen in it, and changes nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.language.diagnostics import SpecError

NET = """archspec: 1
name: ours
input: [3, 64, 64]
graph:
  stem: {conv: 32, kernel_size: 3, padding: 1}
  act: relu
  down: {max_pool: 2}
  body:
    graph:
      a: {conv: 64, kernel_size: 3, padding: 1}
      pool: {avg_pool: 3, stride: 1, padding: 1}
      b: {conv: 64, kernel_size: 3, padding: 1, from: pool}
      sum: {add: [a, b]}
  flat: flatten
  fc: {linear: 10}
"""
SECTION = """draw:
  title: Our network
  labels: {stem: the stem, body: a stage}
  colours: {linear: '#FFD166', stem: '#9BF6FF'}
  brackets: {features: [stem, down]}
  hide: [body.pool]
  open: [body]
  emphasis: ['body.*']
  caption: One line of words.
"""
Net = Callable[[str], Any]


@pytest.fixture
def net(tmp_path: Path) -> Net:
    def written(section: str) -> Any:
        path = tmp_path / "ours.yaml"
        path.write_text(NET + section)
        return archspec.read(str(path))

    return written


def test_what_a_page_says_is_seen_and_no_count_changes(net: Net) -> None:
    bare, said = net(""), net(SECTION)
    assert (bare.params, bare.macs, bare.source()) == (said.params, said.macs, said.source())
    drawing = said.draw().drawing
    boxes = {box.id: box for box in drawing.boxes()}
    assert (drawing.title, drawing.caption) == ("Our network", "One line of words.")
    assert [str(line) for line in boxes["stem"].lines] == ["the stem", "3×3 conv, 32", "ReLU"]
    assert (boxes["stem"].tint, boxes["fc"].tint, boxes["down"].tint) == ("#9BF6FF", "#FFD166", None)
    assert drawing.tints == {"linear": "#FFD166"}
    frames = {group.title: [each.id for each in group.items] for group in drawing.main.groups()}
    assert frames == {"features": ["stem", "down"], "a stage": ["body.a", "body.b", "body.sum"]}
    assert [id for id, box in boxes.items() if box.emphasised] == ["body.a", "body.b", "body.sum"]
    edges = {(edge.source, edge.target) for edge in drawing.main.edges}
    assert "body.pool" not in boxes and ("body.a", "body.b") in edges
    svg = said.draw(theme="light").svg()
    assert "One line of words." in svg and "#9BF6FF" in svg and "#D55E00" in svg


def test_the_same_in_python_goes_before_the_page(net: Net) -> None:
    drawing = net(SECTION).draw(caption="Other words.", colours={"down": "#000000"}).drawing
    boxes = {box.id: box for box in drawing.boxes()}
    assert (drawing.caption, boxes["down"].tint, boxes["stem"].tint) == ("Other words.", "#000000", None)
    with pytest.raises(SpecError, match="`colours` of a picture cannot be"):
        net(SECTION).draw(colours={"down": "red"})


def test_what_has_no_box_of_its_own_is_told(net: Net) -> None:
    picture = net("draw: {hide: [act]}\n").draw()
    picture.svg()
    assert picture.notes == ("`act` has no box of its own here, and is not hidden",)


@pytest.mark.parametrize(
    "key", ["labels: {stm: x}", "colours: {stm: '#000000'}", "hide: [stm]", "brackets: {x: [stm]}"]
)
def test_an_unknown_address_is_told_where_it_stands(net: Net, key: str) -> None:
    with pytest.raises(SpecError) as raised:
        net(f"draw:\n  {key}\n").draw()
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == ("unknown-address", "did you mean `stem`?")
    assert diagnostic.span is not None and diagnostic.span.line == NET.count("\n") + 2


@pytest.mark.parametrize("key", ["colours: {stem: red}", "hide: stem", "labels: [stem]", "colors: {}"])
def test_a_wrong_section_is_an_error_of_the_page(net: Net, key: str) -> None:
    with pytest.raises(SpecError) as raised:
        net(f"draw:\n  {key}\n")
    assert {each.span.line for each in raised.value.diagnostics if each.span} == {NET.count("\n") + 2}
