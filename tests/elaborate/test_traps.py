"""Where a page that reads naturally could mean another network, it means the natural one, or says so."""

from __future__ import annotations

from pathlib import Path

import archspec
from archspec import Architecture
from tests.elaborate.reading import errors, read, wires


def told(architecture: Architecture) -> list[str]:
    return [warning.code for warning in architecture.warnings]


def widths(architecture: Architecture) -> list[int]:
    return [node.shapes[0][0] for node in architecture.graph.nodes.values() if not node.name.isidentifier()]


COPIES = "graph:\n  - {outer}: 2\n    nodes: [{{conv: {width}, kernel_size: 1, {inner}}}]\n"


def test_an_index_that_hides_another_is_told_and_can_be_named(tmp_path: Path) -> None:
    hidden = read(COPIES.format(outer="repeat", width='"8 * (i + 1)"', inner="repeat: 2"), tmp_path)
    assert told(hidden) == ["hidden-index"] and widths(hidden) == [8, 16, 8, 16]
    named = read(COPIES.format(outer="repeat", width='"8 * (i + 1)"', inner="repeat: {j: 2}"), tmp_path)
    assert told(named) == [] and widths(named) == [8, 8, 16, 16]
    both = read(COPIES.format(outer="repeat", width='"8 * (i + 1) + j"', inner="repeat: {j: 2}"), tmp_path)
    assert told(both) == [] and widths(both) == [8, 9, 16, 17]


def test_the_index_of_rows_can_be_named(tmp_path: Path) -> None:
    table = "each: {index: j, columns: [w], rows: [[4], [8]]}"
    for inner in (table, "each: {index: j, rows: [{w: 4}, {w: 8}]}"):
        page = COPIES.format(outer="repeat", width='"w + 16 * i + j"', inner=inner)
        assert told(read(page, tmp_path)) == [] and widths(read(page, tmp_path)) == [4, 9, 20, 25]
    page = COPIES.format(outer="repeat", width='"w + i"', inner=table.replace("index: j, ", ""))
    hidden = read(page, tmp_path)
    assert told(hidden) == ["hidden-index"] and "`each: {index: j, …}`" in str(hidden.warnings[0])
    template = 'graph: {"c{j}": {conv: w, kernel_size: 1, TABLE}}\n'.replace("TABLE", table)
    assert widths(read(f"graph: [{{nodes: [relu], {table}}}]\n", tmp_path)) == [3, 3]
    assert list(read(template, tmp_path).graph.nodes) == ["c0", "c1"]
    param = f"params: {{j: 2}}\ngraph: [{{conv: w, kernel_size: 1, {table}}}]\n"
    assert told(read(param, tmp_path)) == ["hidden-index"]


def test_a_faulty_index_of_rows_is_told(tmp_path: Path) -> None:
    for index in ("input", "1x", "[j]", "{j: 1}", "previous", "null"):
        page = "graph: [{conv: w, kernel_size: 1, each: {index: %s, columns: [w], rows: [[4]]}}]\n"
        ((code, message),) = errors(page.replace("%s", index), tmp_path)
        assert code == "name" and message.startswith("an index cannot be called ") and "None" not in message
    page = "graph: [{conv: 4, kernel_size: 1, each: {index: w, columns: [w], rows: [[4]]}}]\n"
    assert errors(page, tmp_path) == [("name", "a column cannot be called `w`")]


def test_an_index_that_nobody_reads_hides_nothing(tmp_path: Path) -> None:
    assert told(read(COPIES.format(outer="repeat", width="8", inner="repeat: 2"), tmp_path)) == []
    own_name = 'graph:\n  "s{i}": {graph: {"c{i}": {conv: 8, kernel_size: 1, repeat: 2}}, repeat: 2}\n'
    assert told(read(own_name, tmp_path)) == []
    deeper = (
        "graph:\n  - {repeat: 2, nodes: [{repeat: 2, nodes: [{conv: 8, kernel_size: 1}, {relu: , when: i == 1}]}]}\n"
    )
    assert told(read(deeper, tmp_path)) == ["hidden-index"]
    own = "graph:\n  - {repeat: 2, nodes: [{graph: [{conv: i + 1, kernel_size: 1, repeat: 2}], repeat: 2}]}\n"
    assert told(read(own, tmp_path)) == ["hidden-index"]


def test_an_index_hides_a_row_a_column_and_a_param(tmp_path: Path) -> None:
    table = "graph:\n  - each: [{w: 4}, {w: 8}]\n    nodes: [{conv: (w + 1) * (i + 1), kernel_size: 1, %s}]\n"
    assert told(read(table % "repeat: 2", tmp_path)) == ["hidden-index"]
    assert told(read(table % "repeat: {w: 2}", tmp_path)) == ["hidden-index"]
    assert told(read(table % "each: [{v: 1}, {v: 2}]", tmp_path)) == ["hidden-index"]
    assert told(read(table % "over: [input, input]", tmp_path))[:1] == ["hidden-index"]
    param = "params: {j: 2}\ngraph: [{conv: 4, kernel_size: 1, repeat: {j: 3}}]\n"
    assert told(read(param, tmp_path)) == ["hidden-index"]


def test_an_index_has_a_name_in_lists_of_names(tmp_path: Path) -> None:
    text = 'graph: {"c{k}": {relu: , repeat: {k: 3}}, j: {concat: [{from: "c{n}", repeat: {n: 3}}]}}\n'
    assert wires(read(text, tmp_path))["j"] == ["c0", "c1", "c2"]


def test_faulty_names_of_indices_are_told(tmp_path: Path) -> None:
    for given in ("{input: 2}", "{1x: 2}", "{}", "{j: 2, k: 3}"):
        found = errors(f"graph: [{{relu: , repeat: {given}}}]\n", tmp_path)
        assert [code for code, _ in found] in (["name"], ["wrong-type"]), given


def test_a_branch_that_is_copied_is_several(tmp_path: Path) -> None:
    for copies in ("repeat: 3", "repeat: {i: 3}", "each: [{w: 1}, {w: 2}, {w: 3}]"):
        text = f'graph: {{j: {{concat: {{a: relu, "b{{i}}": {{conv: 8, kernel_size: 1, {copies}}}}}}}}}\n'
        architecture = read(text, tmp_path)
        branches = ["a", "b0", "b1", "b2"]
        assert wires(architecture) == {**{branch: ["input"] for branch in branches}, "j": branches}
        assert told(architecture) == []
        assert archspec.load(tmp_path / "net.yaml") is not None


def test_a_branch_over_several_values_is_several(tmp_path: Path) -> None:
    text = 'graph: {a: relu, b: tanh, j: {concat: {"c{i}": {conv: 8, kernel_size: 1, over: [a, b]}}}}\n'
    assert wires(read(text, tmp_path))["j"] == ["c0", "c1"]
    alone = "graph: {a: relu, b: tanh, j: {concat: {c: {conv: 8, kernel_size: 1, over: [a, b]}}}}\n"
    assert len(wires(read(alone, tmp_path))["j"]) == 2


def test_a_branch_of_no_copies_is_none(tmp_path: Path) -> None:
    text = 'graph: {j: {concat: {a: relu, "b{i}": {conv: 8, kernel_size: 1, repeat: 0}}}}\n'
    assert wires(read(text, tmp_path))["j"] == ["a"]
    text = 'graph: {j: {add: {"b{i}": {conv: 8, kernel_size: 1, repeat: 0}}}}\n'
    assert [code for code, _ in errors(text, tmp_path)] == ["inputs"]


def test_copies_that_all_start_at_one_value_are_told_where_they_go_unused(tmp_path: Path) -> None:
    text = 'graph: {a: relu, "c{i}": {conv: 3, kernel_size: 1, repeat: 3, from: a}%s}\n'
    (warning,) = read(text % "", tmp_path).warnings
    assert "each copy takes `a`" in warning.message and "in series" in str(warning.help)
    assert told(read(text % ", s: {add: [c0, c1, c2]}", tmp_path)) == []


def test_the_channels_of_the_node_before_have_a_name(tmp_path: Path) -> None:
    text = "graph: [{conv: 6, kernel_size: 3}, {conv: previous.channels, kernel_size: 3, groups: previous.channels}]\n"
    assert read(text, tmp_path).params == 3 * 6 * 9 + 6 + 6 * 9 + 6
    inside = (
        "graph: [{conv: 6, kernel_size: 1}, {graph: [{conv: previous.channels, kernel_size: 1}, "
        '{conv: "previous.shape[0] + 1", kernel_size: 1}]}]\n'
    )
    assert read(inside, tmp_path).graph.root.shapes[0][0] == 7
    branch = "graph: [{conv: 6, kernel_size: 1}, {concat: {a: [{conv: previous.channels, kernel_size: 1}], b: relu}}]\n"
    assert read(branch, tmp_path).graph.root.shapes[0][0] == 12
    assert [code for code, _ in errors("graph: [{conv: previous.size, kernel_size: 1}]\n", tmp_path)] == ["expression"]


def test_the_graphs_channels_where_the_nodes_own_are_meant_are_told(tmp_path: Path) -> None:
    text = "graph: [{conv: %s, kernel_size: 3}, {conv: 12, kernel_size: 3, groups: input.channels}]\n"
    assert told(read(text % 6, tmp_path)) == ["other-channels"]
    assert told(read(text % 3, tmp_path)) == []
    try:
        read(text % 4, tmp_path)
    except archspec.SpecError as error:
        assert "`previous.channels` is that of the node before, 4" in str(error)
    else:
        raise AssertionError("4 channels are not divisible by 3")


def test_a_join_that_is_switched_off_says_what_it_stands_for(tmp_path: Path) -> None:
    text = "graph: {a: relu, b: tanh, j: {add: [a, b], when: false}}\n"
    (warning,) = read(text, tmp_path).warnings
    assert warning.code == "unused-node" and "stands for its first input" in warning.notes[0].message


def test_a_comment_on_the_line_allows_a_warning(tmp_path: Path) -> None:
    text = COPIES.format(outer="repeat", width="i + 1", inner="repeat: 2").rstrip()
    assert told(read(f"{text}   # as in the paper; allow: x\n", tmp_path)) == ["hidden-index"]
    assert told(read(f"{text}   # allow: unused-node, hidden-index\n", tmp_path)) == []
    above = text.replace("    nodes", "    # allow: hidden-index\n    nodes")
    assert told(read(above + "\n", tmp_path)) == []
