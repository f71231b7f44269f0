"""Sizes that are read off values when the network runs: attention over maps of any size."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.symbolic_size_trials import verify_sizes
from archspec.runtime.verify import verify
from tests.elaborate.reading import errors, read

HEAD = "archspec: 1\nname: net\ninput: [3, H, W]\n"
VIT = """\
graph:
  proj: {conv: 8, kernel_size: 4, stride: 4}
  patches: {flatten: 2}
  rows: {transpose: , dim0: 1, dim1: 2}
  attention: {multihead_attention: 2}
  add: {add: [attention, rows]}
  back: {transpose: , dim0: 1, dim1: 2}
  map: {reshape: [8, "proj.shape[1]", "proj.shape[2]"], from: [back, proj]}
  up: {conv_transpose: 3, kernel_size: 4, stride: 4}
"""
STAGES = """\
blocks:
  stage:
    params: {width: int}
    graph:
      down: {conv: width, kernel_size: 3, stride: 2, padding: 1}
      tokens: {reshape: [width, "down.shape[1] * down.shape[2]"]}
      turned: {transpose: , dim0: 1, dim1: 2}
      mixed: {linear: width}
      back: {transpose: , dim0: 1, dim1: 2}
      map: {reshape: [width, "down.shape[1]", "down.shape[2]"], from: [back, down]}
graph:
  stages: [{stage: 8}, {stage: 8}, {stage: 8}]
"""
SWIN = """\
graph:
  patches: {conv: 8, kernel_size: 2, stride: 2}
  last: {permute: [0, 2, 3, 1]}
  norm: layer_norm
  windows: {window_partition: 4}
  parts: {linear: 24}
  qkv: {chunk: 3, dim: -1}
  heads: {split_heads: 2, over: ["qkv[0]", "qkv[1]", "qkv[2]"]}
  attention: {attention: , from: heads}
  joined: merge_heads
  back: {window_reverse: ["last.shape[0]", "last.shape[1]", 4], from: [joined, last]}
  add: {add: [last, back]}
"""
MORE = """\
graph:
  halves: {unflatten: ["input.shape[1] // 2", 2], dim: 2}
  doubled: {reshape: [3, "2 * (input.shape[1] // 2)", "input.shape[2]"]}
  all: {reshape: ["3 * doubled.shape[1] * doubled.shape[2]"]}
  one: {unflatten: [1, -1], dim: 1}
  token: {parameter: [1, 1, 4]}
  each: {expand: [batch, "input.shape[1]", -1], from: [token, input]}
  sum: {sum: 1}
"""


@pytest.mark.parametrize("page", [VIT, STAGES, SWIN], ids=["vit", "stages", "swin"])
def test_attention_over_maps_of_any_size(page: str, tmp_path: Path) -> None:
    architecture = read(HEAD + page, tmp_path)
    module = architecture.build()
    for sizes in ({"H": 8, "W": 16}, {"H": 32, "W": 8}, {"H": 64, "W": 64}):
        assert verify(architecture.graph, module, sizes) == []
    assert verify_sizes(architecture.graph, module) == []
    source = architecture.source()
    assert not any("floor" in line for line in source.splitlines() if not line.startswith("#") and '"""' not in line)
    if page is STAGES:
        assert source.count("class Stage") == 1, "stages at several resolutions are one class"
    exported = torch.export.export(module.eval(), (torch.zeros(2, 3, 32, 64),)).module()
    x = torch.randn(2, 3, 32, 64)
    torch.testing.assert_close(exported(x), module(x))
    assert architecture.draw().svg() and architecture.draw("detail").svg()
    other = read(HEAD + page.replace("kernel_size: 2", "kernel_size: 4, padding: 1"), tmp_path)
    assert str(archspec.diff(architecture, other))


def test_a_size_follows_from_those_of_the_input(tmp_path: Path) -> None:
    page = MORE.replace("  token", "  kept: {identity: , from: one}\n  token") + "output: [kept, sum]\n"
    architecture = read(HEAD + page, tmp_path)
    module = architecture.build()
    for sizes in ({"H": 4, "W": 6}, {"H": 10, "W": 3}):
        assert verify(architecture.graph, module, sizes) == []


@pytest.mark.parametrize(
    ("page", "name"),
    [
        (VIT.replace(", from: [back, proj]}", "}"), "floor(W/4)"),
        ("graph:\n  pool: {adaptive_avg_pool: 1}\n  out: {expand: [3, 'input.shape[1]', 4]}\n", "H"),
    ],
)
def test_a_size_that_no_input_has_is_told(page: str, name: str, tmp_path: Path) -> None:
    (found,) = errors(HEAD + page, tmp_path)
    assert found[0] == "sizes" and f"cannot read {name} off its input" in found[1]
