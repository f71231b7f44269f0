"""Nodes, their modifiers and their names, as docs/language.md promises them."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.graph.model import Block
from tests.elaborate.reading import errors, read, shapes, wires


def test_a_mapping_names_and_a_list_numbers(tmp_path: Path) -> None:
    net = read("graph: {stem: [relu, {graph: {inner: relu}}], tail: relu}", tmp_path)
    assert list(net.graph.nodes) == ["stem", "stem.0", "stem.1", "stem.1.inner", "tail"]


def test_a_node_takes_the_node_before_it(tmp_path: Path) -> None:
    assert wires(read("graph: {a: relu, b: relu, c: relu}", tmp_path)) == {"a": ["input"], "b": ["a"], "c": ["b"]}


def test_from_takes_another_node(tmp_path: Path) -> None:
    net = read("graph: {a: relu, b: {relu: , from: input}, c: {add: [a, b]}, d: {relu: , from: previous}}", tmp_path)
    assert wires(net) == {"a": ["input"], "b": ["input"], "c": ["a", "b"], "d": ["c"]}


def test_input_is_that_of_the_graph_one_stands_in(tmp_path: Path) -> None:
    net = read("graph: {a: {conv: 8, kernel_size: 1}, b: {graph: {c: relu, d: {add: [c, input]}}}}", tmp_path)
    assert shapes(net)["b.d"] == (8, 32, 32)


def test_switched_off_a_node_stands_for_its_own_input(tmp_path: Path) -> None:
    text = "graph: {a: relu, b: {sigmoid: , from: input, when: false}, c: {add: [a, b]}, d: {tanh: , from: b}}"
    assert wires(read(text, tmp_path)) == {"a": ["input"], "c": ["a", "input"], "d": ["input"]}


def test_a_switched_off_join_stands_for_its_first_operand(tmp_path: Path) -> None:
    net = read("graph: {a: relu, b: tanh, c: {add: [a, b], when: false}, d: {add: [b, c]}}", tmp_path)
    assert wires(net)["d"] == ["b", "a"]


def test_switched_off_a_node_of_a_list_takes_no_number(tmp_path: Path) -> None:
    net = read("graph: [relu, {dropout: 0.5, when: false}, tanh]", tmp_path)
    assert [child.op.name for child in net.graph.root.children] == ["relu", "tanh"]  # type: ignore[union-attr]
    assert list(net.graph.nodes) == ["0", "1"]


def test_a_switched_off_training_node_leaves_the_path_alone(tmp_path: Path) -> None:
    text = "graph: {a: relu, b: tanh, aux: {linear: 5, from: a, training: true, when: false}, c: relu}"
    assert wires(read(text, tmp_path))["c"] == ["b"]


def test_repeat_counts_with_i(tmp_path: Path) -> None:
    net = read('graph: {"c{i + 1}": {conv: "4 * (i + 1)", kernel_size: 1, repeat: 3}}', tmp_path)
    assert shapes(net) == {"c1": (4, 32, 32), "c2": (8, 32, 32), "c3": (12, 32, 32)}
    assert wires(net) == {"c1": ["input"], "c2": ["c1"], "c3": ["c2"]}


@pytest.mark.parametrize("times", ["0", "n - 2"])
def test_repeated_not_at_all(times: str, tmp_path: Path) -> None:
    net = read(f"params: {{n: 2}}\ngraph: {{a: relu, 'b{{i}}': {{relu: , repeat: {times}}}, c: tanh}}", tmp_path)
    assert wires(net) == {"a": ["input"], "c": ["a"]}


EACH = [
    "{columns: [w, k], rows: [[4, 1], [8, 3]]}",
    "[{w: 4, k: 1}, {w: 8, k: 3}]",
    "{columns: [w, k], rows: table}",
    "{columns: [w, k], rows: [[4, 1], [n * 4, n + 1]]}",
]


@pytest.mark.parametrize("each", EACH)
def test_each_gives_a_copy_for_each_row(each: str, tmp_path: Path) -> None:
    net = read(
        f"params: {{n: 2, table: [[4, 1], [8, 3]]}}\ngraph:\n  - {{conv: w, kernel_size: k, each: {each}}}", tmp_path
    )
    assert shapes(net) == {"0": (4, 32, 32), "1": (8, 30, 30)}


def test_one_column_needs_no_inner_lists(tmp_path: Path) -> None:
    net = read("graph: [{conv: w + i, kernel_size: 1, each: {columns: [w], rows: [4, 8]}}]", tmp_path)
    assert shapes(net) == {"0": (4, 32, 32), "1": (9, 32, 32)}


def test_a_group_is_spliced_in_place(tmp_path: Path) -> None:
    net = read('graph: {a: relu, g: {nodes: {"b{i}": relu, "c{i}": tanh}, repeat: 2}, d: relu}', tmp_path)
    assert list(net.graph.nodes) == ["a", "b0", "c0", "b1", "c1", "d"]
    assert wires(net)["d"] == ["c1"]


def test_a_group_in_a_list_is_numbered_on(tmp_path: Path) -> None:
    assert list(read("graph: [relu, {nodes: [relu, tanh], repeat: 2}, relu]", tmp_path).graph.nodes) == list("012345")


def test_a_group_may_start_elsewhere(tmp_path: Path) -> None:
    net = read("graph: {a: relu, g: {nodes: {b: relu}, from: input}, c: {add: [a, b]}}", tmp_path)
    assert wires(net)["b"] == ["input"]


def test_a_nested_graph_is_a_module_of_its_own(tmp_path: Path) -> None:
    net = read("graph: {a: {graph: [relu], from: input}}", tmp_path)
    block = net.graph.nodes["a"]
    assert isinstance(block, Block) and block.kind is None and block.numbered


def test_branches_become_children_of_the_enclosing_graph(tmp_path: Path) -> None:
    net = read(
        """
graph:
  stem: relu
  join:
    concat:
      left: {conv: 4, kernel_size: 1}
      right:
        - {conv: 8, kernel_size: 1}
        - relu
""",
        tmp_path,
    )
    assert list(net.graph.nodes) == ["stem", "left", "right", "right.0", "right.1", "join"]
    assert wires(net) == {"stem": ["input"], "left": ["stem"], "right": ["stem"], "join": ["left", "right"]}
    assert shapes(net)["join"] == (12, 32, 32)


def test_branches_may_start_elsewhere_and_be_switched_off(tmp_path: Path) -> None:
    text = "graph: {a: relu, j: {add: {l: {tanh: , when: false}, r: relu}, from: input}}"
    assert wires(read(text, tmp_path))["j"] == ["input", "r"]


def test_one_of_several_values(tmp_path: Path) -> None:
    net = read(
        """
graph:
  stem: {conv: 8, kernel_size: 1}
  parts: {split: [2, 6]}
  a: {relu: , from: "parts[1]"}
  b: {relu: , from: "parts[0]"}
""",
        tmp_path,
    )
    assert shapes(net)["a"] == (6, 32, 32)
    assert shapes(net)["b"] == (2, 32, 32)


def test_an_expected_shape(tmp_path: Path) -> None:
    read("graph: {a: {conv: 8, kernel_size: 1, expect: [8, null, 32]}}", tmp_path)
    assert errors("graph: {a: {relu: , expect: [8, null, 32]}}", tmp_path) == [
        ("expect", "the shape is not the expected one")
    ]


def test_an_unexpected_shape_does_not_hide_what_comes_after(tmp_path: Path) -> None:
    text = "graph: {a: {relu: , expect: [8, 32, 32]}, b: {conv: 8, kernel_size: 40}}"
    assert [code for code, _ in errors(text, tmp_path)] == ["expect", "window"]


def test_use_takes_the_op_or_block_that_an_expression_names(tmp_path: Path) -> None:
    text = "params: {act: relu, deep: false}\ngraph: [{use: act}, {use: \"'tanh' if deep else 'silu'\"}]"
    net = read(text, tmp_path, act="gelu")
    assert [child.op.name for child in net.graph.root.children] == ["gelu", "silu"]  # type: ignore[union-attr]


def test_the_names_of_torch_modules_are_all_refused() -> None:
    nn = pytest.importorskip("torch").nn
    from archspec.elaborate.node_names import MODULE_ATTRIBUTES

    public = {name for name in dir(nn.Module()) if not name.startswith("_")}
    assert public <= MODULE_ATTRIBUTES


def test_a_fault_is_told_once_for_all_copies(tmp_path: Path) -> None:
    assert len(errors("graph: [{conv: 8, kernel_size: 3, expect: [8, 32, 32], repeat: 5}]", tmp_path)) == 1


SEQUENCE = "archspec: 1\nname: net\ninput: [T, 8]\n"


def test_the_first_of_named_outputs_is_taken_where_none_is_named(tmp_path: Path) -> None:
    net = read(SEQUENCE + "graph: {a: {lstm: 4}, b: {gru: 6}, c: {last_step: }}", tmp_path)
    assert [str(dim) for dim in net.graph.nodes["b"].shapes[0]] == ["T", "6"]
    assert shapes(net)["c"] == (6,)


def test_named_outputs_are_taken_by_name_and_by_number(tmp_path: Path) -> None:
    text = "graph: {a: {lstm: 4, num_layers: 3}, h: {tanh: , from: a.h_n}, c: {tanh: , from: 'a[2]'}, s: {add: [h, c]}}"
    net = read(SEQUENCE + text, tmp_path)
    assert shapes(net)["s"] == (3, 4)
    assert [ref.output for name in "hc" for ref in net.graph.nodes[name].inputs] == [1, 2]


def test_a_shared_node_has_the_same_named_outputs(tmp_path: Path) -> None:
    net = read(SEQUENCE + "graph: {a: {gru: 8}, b: {share: a}, c: relu, d: {last_step: , from: b.h_n}}", tmp_path)
    assert wires(net) == {"a": ["input"], "b": ["a"], "c": ["b"], "d": ["b"]}


def test_an_unknown_named_output_is_told_with_the_known_ones(tmp_path: Path) -> None:
    found = errors(SEQUENCE + "graph: {a: {gru: 8}, b: {relu: , from: a.c_n}}", tmp_path)
    assert found == [("unknown-output", "`a` has no output `c_n`")]


def test_an_op_with_an_optional_input_takes_it_with_from(tmp_path: Path) -> None:
    text = "input: {x: [5, 8], h: [1, 4]}\ngraph: {a: {gru: 4, from: [x, h]}}"
    assert wires(read(f"archspec: 1\nname: net\n{text}", tmp_path)) == {"a": ["x", "h"]}
    assert errors(f"archspec: 1\nname: net\n{text.replace('[1, 4]', '[2, 4]')}", tmp_path) == [
        ("state", "`gru` cannot start from 2×4")
    ]
