"""Nodes that stand in containers which the block around them does not call: `convs.0`."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.verify import verify

PAGE = """
archspec: 1
name: turns
input: [4, 6]
blocks:
  unit:
    params: {n: int, gate: false}
    graph:
      fcs.0: {linear: n}
      norms.0: layer_norm
      fcs.1: {linear: input.features}
      norms.1: {layer_norm: , when: gate}
      add: {add: [previous, input]}
  halves: {graph: [{chunk: 2}], output: {low: "0[0]", high: "0[1]"}}
graph:
  a: {unit: [6, true]}
  b: {unit: 8}
  deep.list.0: halves
  deep.list.1: {linear: 3, from: deep.list.0.low}
  deep.other: {linear: 3, from: deep.list.0.high}
  c: {concat: [deep.list.1, deep.other]}
"""


def test_a_module_in_containers_has_its_key_and_is_called_like_others(tmp_path: Path) -> None:
    path = tmp_path / "turns.yaml"
    path.write_text(PAGE)
    architecture = archspec.read(path)
    module = archspec.load(path).eval()
    keys = {key.removesuffix(".weight") for key in module.state_dict() if key.endswith("weight")}
    assert keys == {
        *("a.fcs.0", "a.norms.0", "a.fcs.1", "a.norms.1"),
        *("b.fcs.0", "b.norms.0", "b.fcs.1"),
        *("deep.list.1", "deep.other"),
    }
    assert verify(architecture.graph, module) == []
    assert module(torch.rand(2, 4, 6)).shape == (2, 4, 3)
    assert architecture.source().count("class Unit(") == 1


@pytest.mark.parametrize("view", ["figure", "volumes"])
def test_it_is_drawn(view: str, tmp_path: Path) -> None:
    path = tmp_path / "turns.yaml"
    path.write_text(PAGE)
    assert archspec.read(path).draw(view=view).svg().startswith("<")


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("fcs", "fcs.0"), "`fcs` is a node, and what other nodes stand in"),
        (("fcs.0", "fcs"), "`fcs` is a node, and what other nodes stand in"),
        (("a.b.0", "a.b"), "`a.b` is a node, and what other nodes stand in"),
        (("fcs.0", "fcs.0"), "`fcs.0` appears twice in one mapping"),
        (("train.0", "b"), "a node cannot be called `train.0`: `torch.nn.Module` has an attribute of that name"),
        (("fcs.keys", "b"), "a node cannot be called `fcs.keys`: `torch.nn.Module` has an attribute of that name"),
        (("fcs.", "b"), "a node cannot be called `fcs.`"),
        (("fcs..0", "b"), "a node cannot be called `fcs..0`"),
    ],
)
def test_a_name_that_cannot_be_is_told(names: tuple[str, str], message: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    one, other = names
    path.write_text(f"archspec: 1\nname: net\ninput: [6]\ngraph:\n  {one}: {{linear: 6}}\n  {other}: {{linear: 6}}\n")
    with pytest.raises(archspec.SpecError) as caught:
        archspec.read(path)
    assert caught.value.diagnostics[0].message == message
