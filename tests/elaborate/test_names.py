"""What a name stands for: an item of a list, a group, a block of one page inside another."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.graph.model import Ref
from tests.elaborate import reading

GROUP = "graph: {{a: relu, s: {{nodes: {{x: tanh, {last}: sigmoid}}{more}}}, c: {{add: [s, input]}}}}"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(spec: str) -> archspec.Architecture:
    own_input = spec.lstrip().startswith("input:")
    return reading.read(f"archspec: 1\nname: net\n{spec}" if own_input else spec, Path())


def children(spec: str) -> dict[str, tuple[Ref, ...]]:
    return {child.name: child.inputs for child in read(spec).graph.root.children}


def test_an_item_of_a_list_is_named_by_its_number() -> None:
    nodes = children('graph: [relu, tanh, {concat: [previous, "0"]}, [relu, {add: ["0", input]}]]')
    assert nodes["2"] == (Ref(1), Ref(0))


def test_a_number_means_the_item_of_the_list_that_one_stands_in() -> None:
    inner = read('graph: [tanh, [relu, tanh, {add: ["0", "1"]}]]').graph.root.children[1]
    assert inner.children[2].inputs == (Ref(0), Ref(1))  # type: ignore[union-attr]


def test_an_item_that_is_switched_off_takes_no_number() -> None:
    assert children('graph: [relu, {tanh: , when: false}, sigmoid, {add: ["0", "1"]}]')["2"] == (Ref(0), Ref(1))


def test_an_item_can_be_an_output_and_be_shared() -> None:
    architecture = read('graph: [{conv: 3, kernel_size: 1}, tanh, {share: "0", from: "1"}]\noutput: "1"')
    assert architecture.graph.root.results[0].ref == Ref(1)
    assert architecture.params == 12


@pytest.mark.parametrize("more", ["", ", repeat: 1", ", freeze: true"])
def test_a_group_stands_for_its_last_value(more: str) -> None:
    assert children(GROUP.format(last="y", more=more))["c"] == (Ref(2), Ref(-1))


def test_a_node_of_a_group_that_is_called_as_the_group_is_what_is_meant() -> None:
    group = "graph: {a: relu, s: {nodes: {s: tanh, y: sigmoid}}, c: {add: [s, input]}, d: {add: [y, c]}}"
    assert children(group)["c"] == (Ref(1), Ref(-1))


@pytest.mark.parametrize("body", ["nodes: {a: {relu: , from: 'm[1]'}}", "concat: {a: {relu: , from: 'm[1]'}}"])
@pytest.mark.parametrize("before", ["{relu: , over: [x, y]}", "{chunk: 2, from: x}"])
def test_a_group_and_branches_may_stand_after_several_values(body: str, before: str) -> None:
    nodes = children(f"input: {{x: [4, 32], y: [4, 32]}}\ngraph: {{m: {before}, g: {{{body}}}}}\noutput: a")
    assert "a" in nodes


OWN = """
params: {{block: {{type: op, default: {default}}}, extra: 2}}
blocks:
  {name}:
    params: {{width: int, stride: 1, groups: 1, base: 64, stride_first: false, shortcut: projection}}
    graph:
      - {{conv: width * extra, kernel_size: 3, stride: stride, padding: 1}}
graph:
  body: {{use: resnet18, block: {given}}}
"""


@pytest.mark.parametrize("name", ["mine", "basic_block", "bottleneck"])
@pytest.mark.parametrize("given", ["block", "{name}", "{{use: {name}}}", "{{{name}: , groups: 1}}"])
def test_a_block_that_is_handed_to_a_part_is_the_pages_own(name: str, given: str) -> None:
    spec = OWN.format(name=name, default=name, given=given.format(name=name))
    handed = read(f"input: [3, 64, 64]\n{spec}")
    blocks = [node for node in handed.graph.nodes.values() if getattr(node, "kind", None) == name]
    assert len(blocks) == 8
    assert handed.params == 3 * 64 * 49 + 128 + sum(block.counts.params for block in blocks) + 513_000 + 512 * 1000


def test_a_block_that_replaces_an_op_inside_a_part_is_the_pages_own() -> None:
    blocks = "input: [3, 64, 64]\nblocks: {norm: {graph: [{group_norm: 16}]}}\n"
    page = f"{blocks}graph: [{{use: resnet18, replace: {{batch_norm: %s}}}}]"
    own, op = read(page % "norm"), read(page % "{group_norm: 16}")
    assert own.params == op.params
    assert "GroupNorm" in own.source() and "BatchNorm" not in own.source()


PART = "archspec: 1\nname: part\ninput: [3, 32, 32]\n"


@pytest.mark.parametrize(
    ("taps", "side"), [("", "side"), ("", "deep.side"), ("taps: {S: side}\n", "S"), ("taps: {S: deep.side}\n", "S")]
)
def test_what_a_tap_takes_is_not_called_unused(taps: str, side: str, tmp_path: Path) -> None:
    deep = "deep: {graph: {x: relu, side: tanh, y: {relu: , from: x}}, from: a}"
    graph = f"graph:\n  a: {{conv: 8, kernel_size: 3}}\n  {deep}\n  side: relu\n  b: {{relu: , from: deep}}\n"
    (tmp_path / "part.yaml").write_text(PART + taps + graph, "utf-8")
    whole = tmp_path / "whole.yaml"
    whole.write_text(f"{PART}graph:\n  body: {{use: ./part.yaml, taps: [{side}, b]}}\noutput: {{b: body.b}}\n", "utf-8")
    told = {warning.node for warning in archspec.read(whole).warnings}
    assert told == {"body.side", "body.deep.side"} - {f"body.{side if side != 'S' else taps[10:-2]}"}
    alone = {warning.node for warning in archspec.read(tmp_path / "part.yaml").warnings}
    assert alone == {"side", "deep.side"} - ({taps[10:-2]} if taps else set())
