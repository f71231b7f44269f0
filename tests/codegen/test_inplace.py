from __future__ import annotations

from pathlib import Path

import pytest
import torch

from archspec.codegen import source
from archspec.runtime.build import build
from tests.codegen.samples import graph_from

CASES = {
    "after a convolution": ("c: {conv: 3, kernel_size: 1}, r: relu", True),
    "on the network's input": ("r: relu", False),
    "on a value that is read again": ("c: {conv: 3, kernel_size: 1}, r: relu, s: {add: [r, c]}", False),
    "on an output that autograd keeps": ("c: {conv: 3, kernel_size: 1}, r: sigmoid, s: relu", False),
    "on a view": ("c: {conv: 3, kernel_size: 1}, f: flatten, r: relu", False),
    "on what may be its own input": ("c: {conv: 3, kernel_size: 1}, d: {dropout: 0.5}, r: relu", False),
    "after a sum": ("c: {conv: 3, kernel_size: 1}, a: {add: [c, input]}, r: relu", True),
    "as the spec says": ("c: {conv: 3, kernel_size: 1}, r: {relu: , inplace: false}", False),
}


@pytest.mark.parametrize("case", CASES)
def test_overwrites_only_where_it_is_safe(case: str, tmp_path: Path) -> None:
    nodes, expected = CASES[case]
    graph = graph_from(tmp_path, f"input: [3, 8, 8]\ngraph: {{{nodes}}}\n")
    assert ("nn.ReLU(inplace=True)" in source(graph)) is expected
    module = build(graph)
    image = torch.randn(2, 3, 8, 8, requires_grad=True)
    before = image.detach().clone()
    module(image).sum().backward()
    assert torch.equal(image.detach(), before)


def test_all_calls_of_a_block_decide_alike(tmp_path: Path) -> None:
    graph = graph_from(
        tmp_path,
        "input: [3, 8, 8]\n"
        "blocks:\n  b: {params: {linear: true}, graph: {c: {conv: 3, kernel_size: 1, when: linear}, r: relu}}\n"
        "graph: [{b: }, {b: , linear: false}]\n",
    )
    assert source(graph).count("nn.ReLU()") == 1
    assert "inplace" not in source(graph)
