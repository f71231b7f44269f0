"""A block that takes nothing is no branch of the value that others take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

import archspec
from archspec.runtime.verify import verify

PAGE = """\
archspec: 1
name: net
input: [4]
blocks:
  table:
    inputs: []
    graph:
      weights: {parameter: [4], init: normal}
      scaled: {mul: 2}
graph:
  table: table
  one: {linear: 4, from: input}
  other: {linear: 4, from: input}
  join: {add: [one, other, table]}
"""


def test_it_stands_beside_branches(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(PAGE)
    module: Any = archspec.load(path)
    x = torch.randn(3, 4)
    assert verify(archspec.read(path).graph, module) == []
    assert torch.equal(module(x), module.one(x) + module.other(x) + 2 * module.table.weights)
