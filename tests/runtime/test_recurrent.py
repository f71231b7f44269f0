"""Recurrent layers in a built network are torch's own, and torch treats them so."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, fx, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import archspec
from tests.elaborate.reading import read

LAYERS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
NETWORK = """archspec: 1
name: net
input: [5, 4]
graph:
  deep: {%s: 6, num_layers: 2, bidirectional: true, bias: false}
  flat: {%s: 3}
  fc: {linear: 2}
"""
EVERY = pytest.mark.parametrize("name", LAYERS)


def network(name: str, folder: Path) -> nn.Module:
    torch.manual_seed(0)
    return read(NETWORK % (name, name), folder).build().eval()


class Peer(nn.Module):
    """The same by hand."""

    def __init__(self, layer: Callable[..., nn.RNNBase]) -> None:
        super().__init__()
        self.deep = layer(4, 6, num_layers=2, bidirectional=True, bias=False, batch_first=True)
        self.flat = layer(12, 3, batch_first=True)
        self.fc = nn.Linear(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.flat(self.deep(x)[0])[0])


@EVERY
def test_they_are_torchs_classes_and_compute_the_same(name: str, tmp_path: Path) -> None:
    module, peer, x = network(name, tmp_path), Peer(LAYERS[name]), torch.randn(3, 5, 4)
    peer.load_state_dict(module.state_dict())
    assert list(peer.state_dict()) == list(module.state_dict())
    assert type(module.deep) is type(module.flat) is LAYERS[name]
    assert module.flat.batch_first
    assert torch.equal(module(x), peer(x))


@EVERY
def test_they_take_packed_sequences(name: str, tmp_path: Path) -> None:
    module, x = network(name, tmp_path), torch.randn(3, 5, 4)
    packed, _ = module.deep(pack_padded_sequence(x, [5, 3, 1], batch_first=True))
    padded, lengths = pad_packed_sequence(packed, batch_first=True)
    assert lengths.tolist() == [5, 3, 1]
    for place, length in enumerate(lengths):
        torch.testing.assert_close(padded[place, :length], module.deep(x[place : place + 1, :length])[0][0])


@EVERY
def test_a_trace_by_fx_computes_the_same(name: str, tmp_path: Path) -> None:
    module, x = network(name, tmp_path), torch.randn(3, 5, 4)
    traced = fx.symbolic_trace(module)
    assert [type(each) for each in traced.children()] == [LAYERS[name], LAYERS[name], nn.Linear]
    assert torch.equal(traced(x), module(x))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_dynamic_quantisation_finds_them(name: str, tmp_path: Path) -> None:
    text = (NETWORK % (name, name)).replace(", bias: false", "")  # torch quantises none without
    module, x = read(text, tmp_path).build().eval(), torch.randn(3, 5, 4)
    quantised = torch.ao.quantization.quantize_dynamic(module, {LAYERS[name], nn.Linear})
    assert type(quantised.deep).__module__.startswith("torch.ao.nn.quantized.dynamic")
    torch.testing.assert_close(quantised(x), module(x), atol=0.05, rtol=0.05)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@EVERY
def test_torchscript_compiles_them(name: str, tmp_path: Path) -> None:
    module, x = network(name, tmp_path), torch.randn(3, 5, 4)
    assert torch.equal(torch.jit.script(module)(x), module(x))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("spec", ["plain", "frozen CNN"])
def test_a_compiled_network_trains(spec: str, tmp_path: Path) -> None:
    """torch runs the recurrent layer itself between two compiled graphs; the gradients are the same."""
    torch.manual_seed(0)
    if spec == "plain":
        module, x = network("lstm", tmp_path), torch.randn(2, 5, 4)
    else:
        module = archspec.load("cnn_lstm", num_classes=2, resolution=32, hidden_size=4, dropout=0)
        module.frames.requires_grad_(False).eval()
        x = torch.randn(2, 3, 3, 32, 32)
    wanted = gradients(module, module, x)
    found = gradients(module, torch.compile(module, backend="aot_eager"), x)
    assert wanted.keys() == found.keys()
    for name, gradient in wanted.items():
        torch.testing.assert_close(found[name], gradient, msg=name)


def gradients(module: nn.Module, run: nn.Module, x: Tensor) -> dict[str, Tensor]:
    module.zero_grad()
    run(x).square().sum().backward()
    return {name: each.grad.clone() for name, each in module.named_parameters() if each.requires_grad}


def test_a_layer_that_runs_in_training_alone_gives_its_states(tmp_path: Path) -> None:
    text = """archspec: 1
name: net
input: [5, 4]
graph:
  fc: {linear: 4}
  aux: {lstm: 6, num_layers: 2, training: true}
  last: {linear: 2, from: fc}
output: {last: last, steps: aux, cell: aux.c_n}
"""
    module, x = read(text, tmp_path).build(), torch.randn(3, 5, 4)
    given, (_, (_, cell)) = module(x), module.aux(module.fc(x))
    assert torch.equal(given.cell, cell.transpose(0, 1))
    assert given.steps.shape == (3, 5, 6)
    assert torch.equal(module.eval()(x), module.last(module.fc(x)))


def test_states_are_handed_on_as_torch_has_them(tmp_path: Path) -> None:
    """Between two layers nothing is transposed; elsewhere a state is a value with the batch first."""
    text = """archspec: 1
name: net
input: [5, 4]
graph:
  first: {lstm: 6, num_layers: 2}
  second: {lstm: 6, num_layers: 2, from: [input, first.h_n, first.c_n]}
output: {steps: second, cell: second.c_n}
"""
    architecture = read(text, tmp_path)
    assert "self.second(x, (h_n, c_n))" in architecture.source()
    module, x = architecture.build().eval(), torch.randn(3, 5, 4)
    _, states = module.first(x)
    steps, (_, cell) = module.second(x, states)
    assert torch.equal(module(x).steps, steps)
    assert torch.equal(module(x).cell, cell.transpose(0, 1))


SETTINGS = [
    {"num_layers": layers, "bidirectional": both, "dropout": dropout, "proj_size": projected, "bias": bias}
    for layers in (1, 3)
    for both in (False, True)
    for dropout in (0.0, 0.4)
    for projected in (0, 3)
    for bias in (True, False)
    if layers > 1 or not dropout
]
CASES = [(name, given) for name in LAYERS for given in SETTINGS if name == "lstm" or not given["proj_size"]]
CASES += [("rnn", {"nonlinearity": "relu"})]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "given"), CASES, ids=[" ".join([name, *map(str, each.values())]) for name, each in CASES]
)
def test_every_setting_is_torchs(name: str, given: dict[str, Any], tmp_path: Path) -> None:
    given = {key: value for key, value in given.items() if value != 0 or key == "bias"}
    fields = "".join(f", {key}: {json.dumps(value)}" for key, value in given.items())
    states = "output: {steps: layer, h: layer.h_n}\n"
    text = f"archspec: 1\nname: net\ninput: [5, 4]\ngraph: {{layer: {{{name}: 6{fields}}}}}\n"
    module, x = read(text + states, tmp_path).build().eval(), torch.randn(3, 5, 4)
    peer = LAYERS[name](4, 6, batch_first=True, **given)
    peer.load_state_dict(module.layer.state_dict())
    assert type(module.layer) is LAYERS[name] and module.layer.extra_repr() == peer.extra_repr()
    for mode in (False, True):
        torch.manual_seed(1)
        steps, state = peer.train(mode)(x)
        torch.manual_seed(1)
        found = module.train(mode)(x)
        assert torch.equal(found.steps, steps)
        assert torch.equal(found.h, (state[0] if name == "lstm" else state).transpose(0, 1))
    wanted = module.eval()(x)
    for other in (torch.jit.script(module), fx.symbolic_trace(module)):
        assert torch.equal(other(x)[0], wanted.steps) and torch.equal(other(x)[1], wanted.h)
    packed, _ = module.layer(pack_padded_sequence(x, [5, 3, 1], batch_first=True))
    torch.testing.assert_close(pad_packed_sequence(packed, batch_first=True)[0][0], wanted.steps[0])
    if name != "rnn" and given["bias"] and "proj_size" not in given:  # torch quantises no others
        quantised = torch.ao.quantization.quantize_dynamic(module, {LAYERS[name]})
        assert type(quantised.layer).__module__.startswith("torch.ao.nn.quantized.dynamic")
        torch.testing.assert_close(quantised(x).steps, wanted.steps, atol=0.1, rtol=0.1)
