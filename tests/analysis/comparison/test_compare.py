"""Comparisons: every node has its status, and what is said of it turns the old node into the new one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.analysis.comparison import Comparison, Pair, compare
from archspec.graph.model import Block, Graph, Leaf, NodeType
from tests.analysis.comparison import pairs
from tests.analysis.comparison.pairs import compared

PAIRS = [*pairs.PAIRS, ("vgg11", "vgg16_bn"), ("lenet", "alexnet")]


def graph(text: str, folder: Path, **settings: Any) -> Graph:
    path = folder / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: [4, 8, 8]\n{text}\n", "utf-8")
    return archspec.read(path, **settings).graph


def statuses(comparison: Comparison) -> dict[str, str]:
    """The nodes to which something happened, by the new address, or the old one where they were removed."""
    return {pair.node.address: pair.status for pair in comparison.walk() if pair.status != "unchanged"}


def facts(node: NodeType) -> dict[str, Any]:
    """All that a change can be about, but what a node takes."""
    what = {"op": node.op.name, **dict(node.op)} if isinstance(node, Leaf) else {"block": node.kind, **node.arguments}
    shapes = {"input_shapes": node.input_shapes, "shapes": node.shapes}
    counts = {"params": node.counts.params, "frozen_params": node.counts.frozen, "buffers": node.counts.buffers}
    return {
        **what,
        **shapes,
        **counts,
        "macs": node.counts.macs,
        "training": node.training,
        "frozen": node.frozen,
    }


@pytest.mark.parametrize(("old", "new"), [*PAIRS, *((new, old) for old, new in PAIRS)])
def test_applied_to_the_old_graph_it_gives_the_new_one(old: str, new: str) -> None:
    comparison = compared(old, new)
    before, now = comparison.old.nodes, comparison.new.nodes
    pairs = list(comparison.walk())
    assert sorted(pair.old.address for pair in pairs if pair.old) == sorted(before)
    assert sorted(pair.new.address for pair in pairs if pair.new) == sorted(now)
    assert comparison.old_statuses.keys() == before.keys()
    assert comparison.new_statuses.keys() == now.keys()
    for pair in pairs:
        if pair.old and pair.new:
            changes = {change.what: change.new for change in pair.changes}
            if changes.keys() & {"op", "block"}:
                continue
            names = facts(pair.old).keys() | changes.keys()
            after = {**facts(pair.old), **{name: changes.get(name, facts(pair.old).get(name)) for name in names}}
            wanted = facts(pair.new)
            assert {name: after.get(name) for name in wanted} == wanted, pair.node.address


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_what_is_unchanged_or_moved_is_the_same(old: str, new: str) -> None:
    for pair in compared(old, new).walk():
        if pair.status in ("unchanged", "moved"):
            assert pair.old and pair.new and facts(pair.old) == facts(pair.new)
            assert (pair.old.address == pair.new.address) == (pair.status == "unchanged")
        if pair.status == "changed":
            assert pair.changes or pair.children


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_backwards_it_says_the_opposite(old: str, new: str) -> None:
    there, back = compared(old, new), compared(new, old)
    assert not there.empty and set(there.weights.missing) == set(back.weights.extra)
    assert set(there.weights.fitting) == set(back.weights.fitting)


def test_a_longer_repeat_has_more_at_its_end() -> None:
    found = statuses(compared("resnet50", "resnet101"))
    outer = {address: status for address, status in found.items() if address.count(".") < 2}
    assert outer == {"layer3": "changed", **{f"layer3.{number}": "added" for number in range(6, 23)}}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_stem_in_a_group_is_kept_and_the_stages_are_replaced(backwards: bool) -> None:
    stem = [("conv1", "conv0"), ("bn1", "norm0"), ("relu", "relu0"), ("maxpool", "pool0")]
    comparison = compared(*(("densenet121", "resnet50") if backwards else ("resnet50", "densenet121")))
    partners = {pair.old.address: pair.new.address for pair in comparison.walk() if pair.old and pair.new}
    partners = {new: old for old, new in partners.items()} if backwards else partners
    assert [partners[one] for one, _ in stem] == [f"features.{other}" for _, other in stem]
    assert {old: new for old, new in partners.items() if old.startswith("layer")} == {}
    assert {"conv1.weight", "features.conv0.weight"} <= {name for pair in comparison.renamed.items() for name in pair}
    assert [pair.node.address for pair in comparison.opened] == ["features"]


def test_a_layer_put_in_moves_what_comes_after() -> None:
    comparison = compared("vgg11", "vgg13")
    added = {address for address, status in statuses(comparison).items() if status == "added"}
    assert added == {"features.2", "features.3", "features.7", "features.8"}
    assert comparison.new_statuses["features.5"] == "moved"
    assert comparison.renamed["features.5.weight"] == "features.3.weight"


def test_a_norm_put_between_changes_no_wire(tmp_path: Path) -> None:
    old = graph("graph: {conv: {conv: 4, kernel_size: 1}, relu: relu}", tmp_path)
    new = graph("graph: {conv: {conv: 4, kernel_size: 1}, bn: batch_norm, relu: relu}", tmp_path)
    assert statuses(compare(old, new)) == {"bn": "added"}
    assert statuses(compare(new, old)) == {"bn": "removed"}


def test_a_node_that_takes_another_value_is_changed(tmp_path: Path) -> None:
    text = "graph: {{a: relu, b: tanh, c: {{add: [b, {}]}}}}"
    comparison = compare(graph(text.format("a"), tmp_path), graph(text.format("input"), tmp_path))
    (pair,) = [pair for pair in comparison.walk() if pair.status == "changed"]
    assert pair.changes == (("inputs", ("b", "a"), ("b", "input")),)


def test_another_output_is_told_of_the_network(tmp_path: Path) -> None:
    text = "graph: {{a: relu, b: tanh}}\noutput: {}"
    comparison = compare(graph(text.format("a"), tmp_path), graph(text.format("b"), tmp_path))
    assert comparison.root.changes == (("outputs", ("a",), ("b",)),)
    assert not comparison.empty


def test_a_node_that_stands_elsewhere_is_found_by_its_name(tmp_path: Path) -> None:
    old = graph("graph: {bn: batch_norm, relu: relu, conv: {conv: 4, kernel_size: 1}}", tmp_path)
    new = graph("graph: {conv: {conv: 4, kernel_size: 1}, bn: batch_norm, relu: relu}", tmp_path)
    comparison = compare(old, new)
    assert [pair.node.address for pair in comparison.walk()] == ["conv", "bn", "relu"]
    assert "removed" not in statuses(comparison).values()
    assert not comparison.weights.missing


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("relu", "{relu: , freeze: true}", [("frozen", False, True)]),
        ("{conv: 4, kernel_size: 1}", "{conv: 4, kernel_size: 1, bias: false}", [("bias", True, False)]),
        ("relu", "silu", [("op", "relu", "silu")]),
        ("[relu]", "{graph: {relu: relu}}", []),
        ("{basic_block: 4}", "{bottleneck: 4}", [("block", "basic_block", "bottleneck")]),
        ("{conv: 4, kernel_size: 1}", "{conv_bn: 4}", [("block", "conv", "conv_bn")]),
    ],
)
def test_what_a_node_is_itself(old: str, new: str, changes: list[Any], tmp_path: Path) -> None:
    comparison = compare(graph(f"graph: {{a: {old}}}", tmp_path), graph(f"graph: {{a: {new}}}", tmp_path))
    (pair,) = comparison.root.children
    assert list(pair.own_changes) == changes


def test_shared_weights_are_told(tmp_path: Path) -> None:
    text = "graph: {{a: {{conv: 4, kernel_size: 1}}, b: {}}}"
    old = graph(text.format("{conv: 4, kernel_size: 1}"), tmp_path)
    new = graph(text.format("{share: a}"), tmp_path)
    comparison = compare(old, new)
    (pair,) = [pair for pair in comparison.walk() if pair.status == "changed"]
    assert pair.own_changes == (("share", None, "a"),)
    assert comparison.weights.extra == ("b.weight", "b.bias")


def test_settings_of_one_document_are_told_and_of_two_are_not() -> None:
    assert compared("resnet50", "resnext50_32x4d").settings == (("groups", 1, 32), ("base", 64, 4))
    assert compared("resnet50", "vgg11").settings == ()


def test_blocks_that_have_nothing_in_common_are_not_paired() -> None:
    comparison = compared("lenet", "alexnet")
    assert comparison.old_statuses["S2"] == "removed"
    assert comparison.new_statuses["features"] == "added"


@pytest.mark.parametrize("length", [300, 3000])
def test_long_networks_are_compared_in_no_time(length: int, tmp_path: Path) -> None:
    text = "graph: [{{conv: 4, kernel_size: 1}}, {{conv: 4, kernel_size: {}, padding: 1, repeat: {}}}, relu]"
    old, new = graph(text.format(3, length), tmp_path), graph(text.format(3, length + 1), tmp_path)
    assert list(statuses(compare(old, new)).values()).count("added") == 1
    every = compare(old, graph(f"graph: [tanh, {{conv: 4, kernel_size: 1, repeat: {length}}}]", tmp_path))
    assert len(every.new_statuses) == length + 1


def test_the_pairs_form_a_tree() -> None:
    def check(pair: Pair) -> None:
        for child in pair.children:
            if pair.old and child.old and child.old.address:
                assert isinstance(pair.old, Block) and child.old in pair.old.children
            if pair.new and child.new:
                assert isinstance(pair.new, Block) and child.new in pair.new.children
            check(child)

    check(compared("resnet18", "resnet50").root)


def test_inputs_and_outputs_that_a_block_lacks_leave_the_others_in_place() -> None:
    comparison = compared("fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn")
    pyramid = [pair for pair in comparison.walk() if pair.node.address.startswith("backbone.fpn.")]
    gone = {pair.node.address for pair in pyramid if pair.status == "removed"}
    assert {"backbone.fpn.inner_blocks.0", "backbone.fpn.upsampled0", "backbone.fpn.merged0"} <= gone
    kept = {
        (pair.old.name, pair.new.name): [each.what for each in pair.own_changes]
        for pair in pyramid
        if pair.old and pair.new and pair.node.name.startswith(("upsampled", "merged"))
    }
    assert kept == {
        ("upsampled2", "upsampled1"): [],
        ("merged2", "merged1"): [],
        ("upsampled1", "upsampled0"): [],
        ("merged1", "merged0"): [],
    }
