from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

import archspec
from archspec.graph.model import Graph
from archspec.graph.size_rules import size_rules, trial_sizes
from archspec.ops.shapes import symbol
from archspec.runtime.build import build
from archspec.runtime.symbolic_size_trials import verify_sizes
from archspec.runtime.verify import verify

HALVED = """
  a: {conv: 4, kernel_size: 3, padding: 1}
  p: {max_pool: 2}
  u: {upsample: 2}
  j: {concat: [u, a]}
"""


def graph_of(tmp_path: Path, graph: str, input: str = "[1, H, W]") -> Graph:
    path = tmp_path / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: {input}\ngraph:{graph}")
    return archspec.read(path).graph


def test_legal_sizes_of_every_remainder_are_tried(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "\n  c: {conv: 4, kernel_size: 3, stride: 2}\n  p: {max_pool: 3}\n")
    sizes = trial_sizes(graph, size_rules(graph))
    assert {each["H"] % 6 for each in sizes} == {each["W"] % 6 for each in sizes} == set(range(6))
    assert min(each["H"] for each in sizes) == 7 and any(each["H"] % 6 != each["W"] % 6 for each in sizes)
    graph = graph_of(tmp_path, HALVED)
    assert {size % 2 for each in trial_sizes(graph, size_rules(graph)) for size in each.values()} == {0}


def test_what_several_symbols_share_is_kept(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path, "\n  t: {transpose: , dim0: 2, dim1: 3}\n  j: {concat: [t, input]}\n  p: {max_pool: 3}\n"
    )
    sizes = trial_sizes(graph, size_rules(graph))
    assert all(each["H"] == each["W"] for each in sizes)
    assert {each["H"] % 3 for each in sizes} == {0, 1, 2}
    assert verify(graph, build(graph)) == verify_sizes(graph, build(graph)) == []


@pytest.mark.parametrize("name", ["cnn_lstm", "captioning"])
def test_torch_agrees_at_all_sizes(name: str) -> None:
    graph = archspec.read(name).graph
    assert verify_sizes(graph, build(graph, device="meta")) == []


def test_a_formula_that_is_wrong_at_some_sizes_is_found(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, "\n  p: {max_pool: 2}\n  r: relu\n")
    pool, relu = graph.root.children
    wrong = ((1, symbol("H") // 2, (symbol("W") + 1) // 2),)
    children = (replace(pool, shapes=wrong), relu)
    changed = replace(graph, root=replace(graph.root, children=children))
    module = build(graph)
    assert verify(changed, module, {"H": 64, "W": 64}) == []
    assert {each.address for each in verify_sizes(changed, module)} == {"p"}
    assert {each.what.partition(" at ")[0] for each in verify_sizes(changed, module)} == {"output shapes"}


def test_an_illegal_size_would_be_found(tmp_path: Path) -> None:
    """Were the join's condition lost, torch's refusal would be told."""
    graph = graph_of(tmp_path, HALVED)
    *before, join = graph.root.children
    free = replace(join, input_shapes=(join.input_shapes[1],) * 2)
    changed = replace(graph, root=replace(graph.root, children=(*before, free)))
    assert "Sizes of tensors must match" in {str(each.torch)[:27] for each in verify_sizes(changed, build(graph))}
