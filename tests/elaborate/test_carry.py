"""A module called step by step, with what the step before gave (`carry`), and noise (`randn_like`)."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.verify import verify
from tests.elaborate.reading import errors, read

RAFT = """\
archspec: 1
name: net
input: {h0: [8, 6, 6], f0: [2, 6, 6], ctx: [4, 6, 6]}
params: {steps: 3}
blocks:
  update:
    inputs: [h, flow, context]
    graph:
      all: {concat: [h, flow, context]}
      h1: [{conv: 8, kernel_size: 3, padding: 1}, tanh]
      delta: {conv: 2, kernel_size: 3, padding: 1}
      flow1: {add: [flow, delta]}
    output: {h: h1, flow: flow1}
graph:
  refine: {update: , from: [h0, f0, ctx], repeat: steps, carry: [h, flow]}
  last: {relu: , from: "refine.flow[-1]"}
output: {flows: refine.flow, last: last}
"""
CELL = """\
archspec: 1
name: net
input: {clip: [4, 3, 5, 5], h0: [6, 5, 5], c0: [6, 5, 5]}
blocks:
  conv_lstm_cell:
    inputs: [x, h, c]
    params: {width: int}
    graph:
      all: {concat: [x, h]}
      gates: {conv: 4 * width, kernel_size: 3, padding: 1}
      parts: {chunk: 4}
      next_c: {compute: "sigmoid(parts[1]) * c + sigmoid(parts[0]) * tanh(parts[2])"}
      next_h: {compute: "sigmoid(parts[3]) * tanh(next_c)"}
    output: {h: next_h, c: next_c}
graph:
  frames: {unbind: 1, from: clip}
  cell:
    conv_lstm_cell: 6
    over: [{from: "frames[{i}]", repeat: 4}]
    from: [h0, c0]
    carry: {h: h, c: c}
  all: {stack: [cell.h], dim: 1}
"""
VAE = """\
archspec: 1
name: vae
input: [12]
graph:
  hidden: [{linear: 8}, relu]
  mu: {linear: 4}
  logvar: {linear: 4, from: hidden}
  z: {compute: "mu + exp(0.5 * logvar) * randn_like(mu)"}
  decoded: {linear: 12}
output: {decoded: decoded, mu: mu, logvar: logvar}
"""


@pytest.mark.parametrize("steps", [1, 2, 3, 12])
def test_steps_call_one_module_with_what_the_last_one_gave(steps: int, tmp_path: Path) -> None:
    architecture = read(RAFT, tmp_path, steps=steps)
    module = architecture.build().eval()
    assert verify(architecture.graph, module) == []
    h, flow, context = (torch.randn(2, channels, 6, 6) for channels in (8, 2, 4))
    found = module(h, flow, context)
    for step in range(steps):
        h, flow = module.refine(h, flow, context)
        torch.testing.assert_close(found[step], flow)
    torch.testing.assert_close(found[-1], flow.relu())
    assert architecture.params == sum(each.numel() for each in module.refine.parameters())
    assert architecture.macs == steps * read(RAFT, tmp_path, steps=1).macs
    assert architecture.draw().svg() and architecture.draw("detail").svg()
    assert str(archspec.diff(read(RAFT, tmp_path, steps=2), architecture))


def test_a_cell_goes_over_the_frames_of_a_clip(tmp_path: Path) -> None:
    architecture = read(CELL, tmp_path)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    clip, h, c = torch.randn(2, 4, 3, 5, 5), torch.randn(2, 6, 5, 5), torch.randn(2, 6, 5, 5)
    found = module(clip, h, c)
    for step in range(4):
        h, c = module.cell(clip[:, step], h, c)
        torch.testing.assert_close(found[:, step], h)
    assert architecture.draw().svg()


FAULTS = [
    (", repeat: 3, carry: [h, flaw]", "there is no input `flaw`"),
    (", repeat: 3, carry: {h: hidden}", "there is no output `hidden`"),
    (", carry: [h]", "`carry` stands beside `repeat` or `over`"),
    (", repeat: 3, carry: ", "`carry` names the values that one step passes to the next"),
    (", repeat: 3, carry: {flow: h}", None),
]


@pytest.mark.parametrize(("written", "message"), FAULTS, ids=range(len(FAULTS)))
def test_what_cannot_be_carried_is_told(written: str, message: str | None, tmp_path: Path) -> None:
    text = RAFT.replace(", repeat: steps, carry: [h, flow]", written)
    found = errors(text, tmp_path)
    assert found and (message is None or (found[0][0] == "carry" and message in found[0][1]))


@pytest.mark.parametrize("name", ['"refine.flow[-1]"', '"refine.flow[2]"', '"refine.flow[-3]"'])
def test_one_of_several_is_named_from_either_end(name: str, tmp_path: Path) -> None:
    architecture = read(RAFT.replace('"refine.flow[-1]"', name), tmp_path)
    number = {'"refine.flow[-1]"': 2, '"refine.flow[2]"': 2, '"refine.flow[-3]"': 0}[name]
    inputs = [torch.randn(2, channels, 6, 6) for channels in (8, 2, 4)]
    found = architecture.build()(*inputs)
    torch.testing.assert_close(found[-1], found[number].relu())
    assert ("unknown-output", "`refine.flow` has 3 outputs") in errors(RAFT.replace("flow[-1]", "flow[-4]"), tmp_path)


def test_a_sample_is_drawn_as_torch_draws_it(tmp_path: Path) -> None:
    architecture = read(VAE, tmp_path)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    x = torch.randn(3, 12)
    torch.manual_seed(5)
    decoded, mu, logvar = module(x)
    torch.manual_seed(5)
    torch.testing.assert_close(decoded, module.decoded(mu + (0.5 * logvar).exp() * torch.randn_like(mu)))
    quiet = read(VAE.replace("randn_like(mu)", "randn_like(mu, evaluation=False)"), tmp_path).build()
    torch.testing.assert_close(quiet.eval()(x)[0], quiet.decoded(quiet(x)[1]))
    assert not torch.equal(quiet.train()(x)[0], quiet(x)[0])
