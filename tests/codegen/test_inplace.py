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
    "where the spec asks": ("c: {conv: 3, kernel_size: 1}, f: flatten, r: {relu: , inplace: true}", True),
    "asked on the network's input": ("r: {relu: , inplace: true}", False),
    "asked on a view of the input": ("f: flatten, d: dropout, r: {relu: , inplace: true}", False),
    "asked on a value that is read before": (
        "c: {conv: 3, kernel_size: 1}, r: {relu: , inplace: true, from: c}, s: {sub: [r, c]}",
        False,
    ),
    "asked on a value whose view is read": (
        "c: {conv: 3, kernel_size: 1}, f: identity, r: {relu: , inplace: true}, s: {add: [f, r]}",
        False,
    ),
    "asked on what autograd keeps": ("c: {conv: 3, kernel_size: 1}, r: sigmoid, s: {relu: , inplace: true}", False),
    "asked on one of several views": (
        "c: gelu, p: {chunk: 3}, r: {relu: , inplace: true, from: 'p[0]'}, s: {add: [r, 'p[1]']}",
        False,
    ),
    "asked inside a block": ("c: {conv: 3, kernel_size: 1}, b: {graph: [{relu: , inplace: true}]}", True),
    "asked inside a block on what others read": (
        "c: {conv: 3, kernel_size: 1}, b: {graph: [{relu: , inplace: true}]}, s: {sub: [b, c]}",
        False,
    ),
    "asked of a module that is called again": (
        "c: gelu, r: {relu: , inplace: true}, d: gelu, s: {share: r}, t: {sub: [s, d]}",
        False,
    ),
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
