"""`init` of parts and of blocks: each part starts as its own spec says, whatever stands around it."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.elaborate.reading import read

NET = """
graph:
  body: {use: resnet18, taps: [C2]}
  head: {graph: {conv: {conv: 64, kernel_size: 3}, again: {conv: 64, kernel_size: 3}}}
  last: {conv: 4, kernel_size: 1}
init:
  conv: zeros
  head: {conv: {constant: 2, bias: ones}}
  head.again: {constant: 3}
"""


def test_rules_hold_where_they_are_written(tmp_path: Path) -> None:
    module = read(NET, tmp_path).build()
    deviation = (2 / (64 * 9)) ** 0.5
    assert abs(module.body.layer1[0].conv1.weight.std().item() / deviation - 1) < 0.05
    assert torch.equal(module.last.weight, torch.zeros_like(module.last.weight))
    assert torch.equal(module.head.conv.weight, torch.full_like(module.head.conv.weight, 2))
    assert torch.equal(module.head.conv.bias, torch.ones(64))
    assert torch.equal(module.head.again.weight, torch.full_like(module.head.again.weight, 3))


def test_the_source_names_the_scopes(tmp_path: Path) -> None:
    source = read(NET, tmp_path).source()
    assert 'if name.startswith("body."):' in source
    assert "for module in self.body.modules():" in source
    assert "for module in self.head.modules():" in source


def test_a_part_without_rules_starts_as_torch_does(tmp_path: Path) -> None:
    part = tmp_path / "part.yaml"
    part.write_text("archspec: 1\nname: part\ninput: [3, 32, 32]\ngraph: [{conv: 4, kernel_size: 1}]", "utf-8")
    module = read(
        "graph: {part: {use: ./part.yaml}, conv: {conv: 4, kernel_size: 1}}\ninit: {conv: zeros}", tmp_path
    ).build()
    assert module.part[0].weight.abs().min() > 0
    assert module.conv.weight.abs().max() == 0
