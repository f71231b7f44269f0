from __future__ import annotations

import copy
import gc
import io
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest
import torch
from msgspec.structs import replace
from torch import Tensor, nn

from archspec.ops.shapes import is_plain
from archspec.runtime import build as building
from archspec.runtime.build import build, compiled
from tests.codegen.samples import NAMES, graph_from, graph_of

SMALL = """
input: [3, 16, 16]
blocks:
  unit:
    params: {width: int, stride: 1}
    graph:
      conv: {conv: width, kernel_size: 3, stride: stride, padding: 1, bias: false}
      bn: batch_norm
      shortcut: {conv: width, kernel_size: 1, stride: stride, bias: false, from: input, when: input.channels != width}
      add: {add: [bn, shortcut]}
      relu: relu
graph:
  units: [{unit: 8}, {unit: 8}, {unit: 16, stride: 2}]
  pool: {adaptive_avg_pool: 1}
  flatten: flatten
  fc: {linear: 5}
  aux: {graph: [flatten, {linear: 5}], from: units, training: true}
output: {logits: fc, aux: aux}
init:
  conv: {kaiming_normal: , mode: fan_out}
  fc: {normal: , std: 0.01, bias: zeros}
"""


class Unit(nn.Module):
    """The block of `SMALL` as one would write it by hand."""

    def __init__(self, channels: int, width: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.shortcut = nn.Conv2d(channels, width, 1, stride, bias=False) if channels != width else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        return self.relu(self.bn(self.conv(x)) + self.shortcut(x))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.units = nn.Sequential(Unit(3, 8), Unit(8, 8), Unit(8, 16, 2))
        self.fc = nn.Linear(16, 5)
        self.aux = nn.Sequential(nn.Flatten(), nn.Linear(16 * 64, 5))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = self.units(x)
        return self.fc(x.mean((2, 3))), self.aux(x)


@pytest.fixture
def module(tmp_path: Path) -> nn.Module:
    return build(graph_from(tmp_path, SMALL))


def test_equals_the_hand_written_module(module: nn.Module) -> None:
    by_hand = Net()
    by_hand.load_state_dict(module.state_dict())
    image = torch.randn(4, 3, 16, 16)
    logits, aux = by_hand(image)
    output = module(image)
    assert type(output).__name__ == "NetOutput"
    torch.testing.assert_close((output.logits, output.aux), (logits, aux))
    (logits.sum() + aux.sum()).backward()
    (output.logits.sum() + output.aux.sum()).backward()
    for name, parameter in module.named_parameters():
        torch.testing.assert_close(parameter.grad, by_hand.get_parameter(name).grad)
    torch.testing.assert_close(module.eval()(image), by_hand.eval()(image)[0])


def test_initialisation_follows_the_rules(module: nn.Module) -> None:
    assert module.fc.bias.abs().max() == 0
    assert module.fc.weight.std() < 0.02
    assert module.aux.get_submodule("1").bias.abs().max() > 0


def test_same_source_is_the_same_class(tmp_path: Path) -> None:
    graph = graph_from(tmp_path, SMALL)
    assert type(build(graph)) is type(build(graph_from(tmp_path, SMALL)))


def test_copies_and_pickles_in_process(module: nn.Module) -> None:
    image = torch.randn(1, 3, 16, 16)
    file = io.BytesIO()
    torch.save(module.eval(), file)
    file.seek(0)
    expected = module(image)
    loaded = torch.load(file, weights_only=False)
    for other in (copy.deepcopy(module), copy.copy(module), pickle.loads(pickle.dumps(module)), loaded):
        assert type(other) is type(module)
        assert torch.equal(other(image), expected)


def test_a_copy_shares_nothing(module: nn.Module) -> None:
    other = copy.deepcopy(module)
    with torch.no_grad():
        other.fc.weight.zero_()
    assert module.fc.weight.abs().max() > 0


def test_unpickles_where_the_class_does_not_exist(module: nn.Module, tmp_path: Path) -> None:
    image = torch.randn(2, 3, 16, 16)
    output = module(image)
    module.eval()
    (tmp_path / "pickle").write_bytes(pickle.dumps((module, output, image, module(image))))
    program = (
        "import pickle, sys, torch\n"
        "module, output, image, expected = pickle.load(open(sys.argv[1], 'rb'))\n"
        "assert type(output).__name__ == 'NetOutput' and output.logits.shape == (2, 5)\n"
        "assert type(module.units[0]).__name__ == 'Unit'\n"
        "torch.testing.assert_close(module(image), expected)\n"
        "pickle.loads(pickle.dumps(module))\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "pickle")], check=True)


def test_pickle_holds_the_source_once(module: nn.Module) -> None:
    assert pickle.dumps(module).count(b"class Unit") == 1


@pytest.mark.parametrize("name", ["unet", "shuffle"])
def test_exports(name: str) -> None:
    graph = graph_of(name)
    module = build(graph).eval()
    images = tuple(torch.randn(2, *shape) for shape in graph.root.input_shapes)
    exported = torch.export.export(module, images)
    torch.testing.assert_close(exported.module()(*images), module(*images))


@pytest.mark.filterwarnings("ignore:The tensor attributes self.*_flat_weights")
@pytest.mark.parametrize("name", ["capsules", "sequence"])
def test_an_exported_program_keeps_the_names_of_its_outputs(name: str, tmp_path: Path) -> None:
    graph = graph_of(name)
    module, file = build(graph).eval(), tmp_path / "net.pt2"
    inputs = tuple(
        torch.randn(2, *shape) if is_plain(shape) else torch.zeros(2, *shape, dtype=torch.long)
        for shape in graph.root.input_shapes
    )
    expected = module(*inputs)
    torch.export.save(torch.export.export(module, inputs), file)
    loaded = torch.export.load(file).module()(*inputs)
    assert type(loaded) is type(expected)
    torch.testing.assert_close(tuple(loaded), tuple(expected))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["small", "corners"])
@pytest.mark.parametrize("training", [False, True])
def test_compiles_without_a_graph_break(name: str, training: bool, tmp_path: Path) -> None:
    graph = graph_from(tmp_path, SMALL) if name == "small" else graph_of(name)
    module = build(graph).train(training)
    images = tuple(torch.randn(2, *shape) for shape in graph.root.input_shapes)
    fast = torch.compile(copy.deepcopy(module), fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(fast(*images), module(*images))


def test_traceback_shows_the_source(module: nn.Module) -> None:
    with pytest.raises(RuntimeError) as raised:
        module(torch.randn(1, 4, 16, 16))
    shown = "".join(traceback.format_tb(raised.value.__traceback__))
    assert "out = self.conv(x)" in shown


def test_hooks_see_every_named_node(tmp_path: Path) -> None:
    graph = graph_from(tmp_path, SMALL)
    module = build(graph)
    seen = []
    for name, each in module.named_modules():
        each.register_forward_hook(lambda *_, name=name: seen.append(name))
    module(torch.randn(2, 3, 16, 16))
    assert {"units.0.conv", "units.0.shortcut", "units.2.relu", "aux.1", "fc", ""} <= set(seen)


@pytest.mark.parametrize("name", NAMES)
def test_builds_on_meta(name: str) -> None:
    graph = graph_of(name)
    module = build(graph, device="meta", dtype=torch.bfloat16)
    assert all(tensor.is_meta for tensor in module.state_dict().values())
    assert {parameter.dtype for parameter in module.parameters()} == {torch.bfloat16}
    assert sum(parameter.numel() for parameter in module.parameters()) == graph.counts.params


def test_meta_loads_no_compiler(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("archspec: 1\nname: net\ntitle: Net\nabout: a test\n" + SMALL)
    program = (
        "import sys, archspec\n"
        "archspec.read(sys.argv[1]).build(device='meta')\n"
        "assert 'torch._dynamo' not in sys.modules, 'seconds of imports'\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "net.yaml")], check=True)


def test_sources_in_use_are_kept_and_idle_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "KEPT", 2)
    text = "from torch import nn\n\n\nclass Number{}(nn.Module):\n    pass\n"
    first = compiled(text.format(0))
    alive = building.rebuild(text.format(1), "Number1")
    for number in range(2, 8):
        compiled(text.format(number))
    gc.collect()
    assert first.__name__ not in sys.modules
    assert type(alive).__module__ in sys.modules
    assert type(pickle.loads(pickle.dumps(alive))) is type(alive)


def test_a_broken_source_leaves_nothing_behind() -> None:
    before = set(sys.modules)
    with pytest.raises(SyntaxError):
        compiled("class")
    assert {name for name in set(sys.modules) - before if name.startswith("archspec_generated")} == set()


def test_a_network_may_be_called_like_a_class_that_it_uses(tmp_path: Path) -> None:
    """`Squash` holds a helper, `StochasticDepth` one of torchvision's; both names are the networks' own."""
    assert type(build(graph_of("capsules"))).__name__ == "Squash"
    text = "input: [3, 4, 4]\ngraph: [{stochastic_depth: 0.5}, relu]\n"
    graph = replace(graph_from(tmp_path, text), title="StochasticDepth")
    x = torch.randn(2, 3, 4, 4)
    assert torch.equal(build(graph).eval()(x), x.relu())
