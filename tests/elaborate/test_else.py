"""`else`: what stands in the place of a node that is switched off."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.language.diagnostics import SpecError
from archspec.runtime.verify import verify

HEAD = "archspec: 1\nname: net\ninput: [8, 6, 6]\nparams: {big: false, n: 2}\n"


def page(folder: Path, graph: str) -> Path:
    path = folder / "net.yaml"
    path.write_text(f"{HEAD}graph:\n{graph}")
    return path


def keys(path: Path, **params: object) -> list[str]:
    architecture = archspec.read(path, **params)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    module(torch.zeros(2, 8, 6, 6))
    return list(module.state_dict())


def test_one_of_two_stands_under_the_name(tmp_path: Path) -> None:
    path = page(tmp_path, "  a: {conv: 4, kernel_size: 3, when: big, else: {batch_norm: , affine: false}}\n  b: relu\n")
    assert keys(path, big=True) == ["a.weight", "a.bias"]
    assert keys(path) == ["a.running_mean", "a.running_var", "a.num_batches_tracked"]


def test_it_takes_what_the_node_would_have_taken(tmp_path: Path) -> None:
    path = page(
        tmp_path, "  a: relu\n  b: tanh\n  c: {sigmoid: , from: a, when: big, else: gelu}\n  d: {add: [b, c]}\n"
    )
    graph = archspec.read(path).graph
    assert graph.nodes["c"].inputs == archspec.read(path, big=True).graph.nodes["c"].inputs


def test_it_may_name_its_own_and_be_a_block_or_a_list(tmp_path: Path) -> None:
    other = "{graph: [{conv: 8, kernel_size: 1}, relu], from: input}"
    text = f"  a: relu\n  b: {{tanh: , when: big, else: {other}}}\n  c: {{add: [a, b]}}\n"
    assert keys(page(tmp_path, text)) == ["b.0.weight", "b.0.bias"]


def test_one_may_stand_in_the_other(tmp_path: Path) -> None:
    text = "  a: {relu: , when: big, else: {tanh: , when: n == 1, else: {conv: 1, kernel_size: 1, when: n == 2}}}\n"
    path = page(tmp_path, text)
    found = [archspec.read(path, **params).graph.walk() for params in ({"big": True}, {"n": 1}, {}, {"n": 3})]
    assert [[node.op.name for node in nodes] for nodes in found] == [["relu"], ["tanh"], ["conv"], []]


def test_each_copy_has_its_own(tmp_path: Path) -> None:
    text = '  "c{i}": {conv: 8, kernel_size: 1, repeat: 3, when: i % 2 == 0, else: relu}\n'
    assert keys(page(tmp_path, text)) == ["c0.weight", "c0.bias", "c2.weight", "c2.bias"]


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ("  a: {relu: , else: tanh}\n", "`else` says what stands there"),
        ("  a: {relu: , when: big, else: rleu}\n", "there is no op or block `rleu`"),
        ("  a: {relu: , when: big, else: {conv: 8}}\n", "`conv` needs `kernel_size`"),
        ("  a: {relu: , when: big, else: {conv: 8, kernel_size: 9}}\n", "the kernel of `conv` spans 9"),
        ("  a: {relu: , when: big, else: }\n", "a node is the name of an op or block"),
    ],
)
def test_what_is_wrong_is_told_once(graph: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as raised:
        archspec.read(page(tmp_path, graph))
    assert [message in each.message for each in raised.value.diagnostics] == [True]


@pytest.mark.parametrize(
    ("node", "stands_for"),
    [
        ("{compute: tanh(a) * b, when: big}", "a"),
        ("{parameter: [8, 6, 6], when: big}", "b"),
        ("{causal_mask: 6, when: big}", "b"),
        ("{mul: [a, 2], when: big}", "a"),
    ],
)
def test_without_else_it_stands_for_its_first_input_or_the_node_before(
    tmp_path: Path, node: str, stands_for: str
) -> None:
    text = f"  a: relu\n  b: tanh\n  c: {node}\n  d: {{add: [c, input]}}\n  same: {{add: [{stands_for}, input]}}\n"
    graph = archspec.read(page(tmp_path, text)).graph
    assert graph.nodes["d"].inputs == graph.nodes["same"].inputs
