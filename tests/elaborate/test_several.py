"""Several values at once: many inputs, copies over them, lists of outputs; parts with taps; calls as values."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archspec.graph.model import Block
from tests.elaborate.reading import errors, read, shapes, wires

STEM = """
  a: {conv: 4, kernel_size: 1}
  b: {conv: 6, kernel_size: 1}
  c: {conv: 8, kernel_size: 1}
"""
LATERALS = "blocks: {laterals: {inputs: ['maps*'], graph: [{conv: 5, kernel_size: 1, over: maps}]}}\n"


def test_a_block_takes_any_number_of_values(tmp_path: Path) -> None:
    text = "blocks: {all: {inputs: [first, 'rest*'], graph: {x: {concat: [rest, first]}}}}\n"
    net = read(f"{text}graph: {{{','.join(STEM.splitlines()[1:])}, all: {{all: , from: [a, b, c]}}}}", tmp_path)
    block = net.graph.nodes["all"]
    assert isinstance(block, Block) and block.input_names == ("first", "rest0", "rest1")
    assert [ref.output for ref in block.children[0].inputs] == [1, 2, 0]
    assert block.shapes == ((18, 32, 32),)


def test_many_inputs_are_known_to_expressions(tmp_path: Path) -> None:
    conv = "{conv: 'maps[1].channels + len(maps)', kernel_size: 1, from: 'maps[2]'}"
    text = f"blocks: {{all: {{inputs: ['maps*'], graph: [{conv}]}}}}\n"
    net = read(f"{text}graph:{STEM}  all: {{all: , from: [a, b, c]}}", tmp_path)
    assert shapes(net)["all.0"] == (9, 32, 32)


def test_over_in_a_list_gives_each_copy_its_own_module(tmp_path: Path) -> None:
    net = read(f"{LATERALS}graph:{STEM}  l: {{laterals: , from: [a, b, c]}}\noutput: [l]", tmp_path)
    assert net.graph.nodes["l"].shapes == ((5, 32, 32),) * 3
    assert net.params == sum(channels * 5 + 5 for channels in (4, 6, 8)) + sum((16, 30, 56))


def test_over_under_a_name_calls_one_module_for_each(tmp_path: Path) -> None:
    text = f"{LATERALS}graph:{STEM}  l: {{laterals: , from: [a, b, c]}}\n  h: {{conv: 7, kernel_size: 1, over: l}}\n"
    net = read(f"{text}output: {{first: 'h[0]', all: h}}", tmp_path)
    calls = [child for child in net.graph.root.children if child.name.startswith("h")]
    assert [child.name for child in calls] == ["h", "h_2", "h_3"]
    assert [child.tied for child in calls] == [None, 4, 4]
    assert [child.counts.params for child in calls] == [5 * 7 + 7, 0, 0]
    assert [child.counts.macs for child in calls] == [5 * 7 * 1024] * 3
    assert [result.name for result in net.graph.root.results] == ["first", "all0", "all1", "all2"]


def test_a_shared_module_sees_each_size(tmp_path: Path) -> None:
    text = """graph:
  a: {conv: 4, kernel_size: 3, stride: 2, padding: 1}
  b: {conv: 4, kernel_size: 3, stride: 2, padding: 1}
  h: {graph: [{conv: 7, kernel_size: 1}, relu], over: [a, b]}
output: [h]
"""
    net = read(text, tmp_path)
    assert net.graph.root.shapes == ((7, 16, 16), (7, 8, 8))
    assert net.graph.nodes["h.0"].shapes == ((7, 16, 16),)
    module = net.build().eval()
    x = torch.randn(2, 3, 32, 32)
    expected = [module.h(module.a(x)), module.h(module.b(module.a(x)))]
    assert all(map(torch.equal, module(x), expected))


def test_an_output_of_every_copy_goes_under_its_name(tmp_path: Path) -> None:
    text = """blocks:
  head: {graph: {s: {conv: 2, kernel_size: 1}, d: {conv: 8, kernel_size: 1, from: input}}, output: {s: s, d: d}}
"""
    net = read(f"{text}graph:{STEM.replace('6', '4').replace('8', '4')}  h: {{head: , over: [a, b, c]}}\n"
               "output: {scores: h.s, deltas: h.d}", tmp_path)  # fmt: skip
    assert [shape[0] for shape in net.graph.root.shapes] == [2, 2, 2, 8, 8, 8]


def test_a_name_is_repeated_in_a_list(tmp_path: Path) -> None:
    text = "graph: {'a{i}': {relu: , repeat: 3}, sum: {add: [{from: 'a{i}', repeat: 3}, input]}}"
    assert wires(read(text, tmp_path))["sum"] == ["a0", "a1", "a2", "input"]


def test_one_value_is_no_list_of_many(tmp_path: Path) -> None:
    text = f"{LATERALS}graph:{STEM}  l: {{laterals: , from: [a, b, c]}}\n  r: relu"
    assert errors(text, tmp_path) == [("inputs", "`relu` takes 1 input, found 3")]


def test_a_part_is_cut_to_what_its_taps_need(tmp_path: Path) -> None:
    net = read(
        "graph: {body: {use: resnet18, taps: [C2, layer2.0]}}\noutput: {two: body.C2, x: body.layer2_0}", tmp_path
    )
    names = set(net.build().state_dict())
    assert "body.layer2.0.conv1.weight" in names
    assert not any(name.startswith(("body.layer2.1", "body.layer3", "body.fc")) for name in names)
    assert net.graph.root.shapes == ((64, 8, 8), (128, 4, 4))


def test_a_part_keeps_no_head_for_training_only(tmp_path: Path) -> None:
    net = read("graph: {body: {use: googlenet, num_classes: 7}}", tmp_path)
    assert net.graph.root.shapes == ((7,),)
    assert not any("aux" in name for name in net.build().state_dict())


@pytest.mark.parametrize("given", ["taps: [C3, C4]", "taps: levels"])
def test_taps_are_a_list_or_a_param(given: str, tmp_path: Path) -> None:
    net = read(f"params: {{levels: [C3, C4]}}\ngraph: {{body: {{use: resnet18, {given}}}}}\noutput: [body]", tmp_path)
    assert [result.name for result in net.graph.root.results] == ["C3", "C4"]


def test_a_call_is_the_value_of_a_param(tmp_path: Path) -> None:
    text = "params: {slope: 0.2}\ngraph: {unit: {conv_norm_act: 8, act: {leaky_relu: slope}, kernel_size: 1}}"
    assert "negative_slope=0.2" in read(text, tmp_path).source()


def test_a_call_stands_in_the_place_of_an_op(tmp_path: Path) -> None:
    text = (
        "params: {groups: 4}\ngraph: {unit: {basic_block: 8, replace: {batch_norm: {group_norm: groups}, relu: silu}}}"
    )
    source = read(text, tmp_path).source()
    assert "nn.GroupNorm(4, " in source and "nn.SiLU" in source
    assert "BatchNorm" not in source and "nn.ReLU" not in source


def test_blocks_inside_and_outside_a_replacement_stay_apart(tmp_path: Path) -> None:
    text = "graph: [{conv_norm_act: 3, replace: {batch_norm: identity}}, {conv_norm_act: 3}]"
    net = read(text, tmp_path)
    assert [child.counts.buffers for child in net.graph.root.children] == [0, 7]


def test_a_blocks_own_value_may_be_a_call(tmp_path: Path) -> None:
    text = "blocks: {twice: {params: {layer: op}, graph: [{use: layer}, {use: layer}]}}\n"
    net = read(
        f"{text}graph: [{{twice: {{conv: 3, kernel_size: 1}}}}, {{twice: {{use: resnet18, taps: [conv1]}}}}]", tmp_path
    )
    assert shapes(net)["0.1"] == (3, 32, 32)
    assert shapes(net)["1.1"] == (64, 8, 8)
