"""Recurrent layers in a built network are torch's own, and torch treats them so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
