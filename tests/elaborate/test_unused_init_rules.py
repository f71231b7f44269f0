"""A rule of `init` reaches every tensor of its nodes, or is an error."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.ops import Op, ops
from archspec.ops.shapes import is_plain
from tests.elaborate.reading import errors, read
from tests.ops.realising import example

PLAIN = [op for op in ops().values() if len(op.example_inputs) == 1 and is_plain(op.example_inputs[0])]
LEARNING = [op for op in PLAIN if example(op).parameters(*op.example_inputs)]
OTHERS = [op for op in PLAIN if op not in LEARNING and "affine" not in op.model_fields]


@pytest.mark.parametrize("by", ["op", "address"])
@pytest.mark.parametrize("op", LEARNING, ids=[op.name for op in LEARNING])
def test_every_tensor_is_filled(op: type[Op], by: str, tmp_path: Path) -> None:
    rule = "{constant: 3, bias: {constant: 2}}" if has_bias(op) else "{constant: 3}"
    text = f"archspec: 1\nname: net\ninput: {list(op.example_inputs[0])}\n"
    text += f"init: {{{op.name if by == 'op' else 'n'}: {rule}}}\ngraph: {{n: {op.example}}}\n"
    if op.outputs:
        text += "output: {o: n}\n"
    read(text, tmp_path)
    parameters = dict(archspec.load(tmp_path / "net.yaml").named_parameters())
    assert parameters
    for name, tensor in parameters.items():
        assert torch.all(tensor == (2 if "bias" in name else 3)), name


def has_bias(op: type[Op]) -> bool:
    return any("bias" in name for name in example(op).parameters(*op.example_inputs))


@pytest.mark.parametrize("op", OTHERS, ids=[op.name for op in OTHERS])
def test_a_rule_for_what_learns_nothing_is_an_error(op: type[Op], tmp_path: Path) -> None:
    text = f"archspec: 1\nname: net\ninput: {list(op.example_inputs[0])}\ngraph: {{n: {op.example}}}\n"
    output = "output: {o: 'n[0]'}\n" if len(example(op).infer(*op.example_inputs)) > 1 else ""
    assert [code for code, _ in errors(f"{text}{output}init: {{n: zeros}}\n", tmp_path)] == ["init"]


@pytest.mark.parametrize(
    ("init", "graph"),
    [
        ("{relu: zeros}", "[relu]"),
        ("{max_pool: {bias: zeros}}", "[{max_pool: 2}]"),
        ("{neck: zeros}", "{neck: [{conv: 4, kernel_size: 1}]}"),
        ("{batch_norm: kaiming_normal}", "[batch_norm]"),
        ("{batch_norm: {orthogonal: , gain: 2}}", "[batch_norm]"),
        ("{linear: dirac}", "[flatten, {linear: 3}]"),
        ("{parameter: xavier_normal}", "{a: {parameter: [1]}, b: {parameter: [1, 1]}, c: {compute: input * a + b}}"),
        ("{neck: {relu: zeros}}", "{neck: [{conv: 4, kernel_size: 1}, relu]}"),
        ("{conv: {zeros: , bias: xavier_normal}}", "[{conv: 4, kernel_size: 1}]"),
    ],
)
def test_a_rule_that_fills_nothing_or_cannot_is_an_error(init: str, graph: str, tmp_path: Path) -> None:
    assert [code for code, _ in errors(f"init: {init}\ngraph: {graph}\n", tmp_path)] == ["init"]


@pytest.mark.parametrize(
    ("init", "graph"),
    [
        ("{conv: {zeros: , bias: zeros}}", "[{conv: 4, kernel_size: 1, bias: false}]"),
        ("{batch_norm: {ones: , bias: zeros}}", "[{batch_norm: , affine: false}]"),
        ("{linear: zeros}", "[relu]"),
        ("{neck: {conv: zeros}}", "{neck: [{conv: 4, kernel_size: 1}, relu]}"),
    ],
)
def test_a_rule_for_what_a_setting_may_switch_on_is_none(init: str, graph: str, tmp_path: Path) -> None:
    assert errors(f"init: {init}\ngraph: {graph}\n", tmp_path) == []


def test_a_rule_does_not_reach_into_another_ops_module(tmp_path: Path) -> None:
    text = "archspec: 1\nname: net\ninput: [5, 8]\ninit: {linear: {constant: 3, bias: {constant: 3}}}\n"
    read(text + "graph: {a: {multihead_attention: 2}, fc: {linear: 4}}\n", tmp_path)
    filled = {n: bool(torch.all(t == 3)) for n, t in archspec.load(tmp_path / "net.yaml").named_parameters()}
    assert [name for name, is_filled in filled.items() if is_filled] == ["fc.weight", "fc.bias"]
