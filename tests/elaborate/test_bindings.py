"""Tensors that are others' (`tie`) and weights that are computed (`parametrize`), as torch has them."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from torch.nn.utils import parametrizations

import archspec
from archspec.analysis.breakdown import breakdown
from archspec.analysis.state_dict import tensors
from archspec.runtime.verify import verify
from tests.elaborate.reading import errors, read

WORDS = "archspec: 1\nname: net\ninput: {words: {shape: [T], dtype: int64}}\n"
GPT = """\
params: {width: 8, tied: true}
init: {embedding: {normal: , std: 0.5}}
graph:
  wte: {embedding: 20, embedding_dim: width}
  body: [{linear: width}, gelu]
  head: {linear: 20, bias: false, tie: {weight: wte.weight}}
"""
LAYERS = """\
blocks:
  layer:
    params: {width: int, norm: {type: any, default: null}}
    graph:
      conv: {conv: width, kernel_size: 3, padding: 1, parametrize: norm}
      act: relu
init: {conv: {xavier_uniform: , bias: zeros}}
graph:
  first: {layer: [4, spectral_norm]}
  plain: {layer: 4}
  more: [{layer: [6, weight_norm]}, {layer: [6, weight_norm]}]
  up: {conv_transpose: 5, kernel_size: 2, parametrize: spectral_norm}
  pool: {adaptive_avg_pool: 1}
  flat: flatten
  fc: {linear: 3, parametrize: weight_norm, freeze: true}
"""


def test_a_tied_weight_is_one_parameter(tmp_path: Path) -> None:
    architecture = read(WORDS + GPT, tmp_path)
    module = architecture.build()
    assert module.head.weight is module.wte.weight
    assert architecture.params == 20 * 8 + 8 * 8 + 8 == sum(each.numel() for each in module.parameters())
    assert verify(architecture.graph, module, {"T": 5}) == []
    assert list(tensors(architecture.graph)) == list(module.state_dict())
    assert 0.3 < module.head.weight.std() < 0.7, "an `init` of its owner fills it"
    clone = copy.deepcopy(module)
    assert clone.head.weight is clone.wte.weight
    words = torch.randint(0, 20, (2, 5))
    torch.testing.assert_close(module(words), module.body(module.wte(words)) @ module.wte.weight.T)
    assert "weight of wte" in architecture.draw().svg()
    assert architecture.summary() and architecture.report()


def test_files_with_and_without_the_tied_tensor_load(tmp_path: Path) -> None:
    module = read(WORDS + GPT, tmp_path).build()
    state = module.state_dict()
    for name in (None, "head.weight"):
        torch.save({key: each for key, each in state.items() if key != name}, tmp_path / "w.pt")
        for device in ("cpu", "meta"):
            loaded = archspec.load(tmp_path / "net.yaml", weights=tmp_path / "w.pt", device=device)
            assert torch.equal(loaded.head.weight, state["wte.weight"]) and loaded.head.weight is loaded.wte.weight


def test_a_weight_is_computed_as_torch_computes_it(tmp_path: Path) -> None:
    architecture = read(LAYERS, tmp_path)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    inferred = tensors(architecture.graph)
    assert inferred == {name: tuple(each.shape) for name, each in module.state_dict().items()}
    torch.manual_seed(1)
    ours = read(LAYERS, tmp_path).build()
    bare = read(LAYERS.replace("spectral_norm", "null").replace("weight_norm", "null"), tmp_path)
    torch.manual_seed(1)
    peer = bare.build()
    torch.manual_seed(2)
    for path in ("first.conv", "more.0.conv", "more.1.conv", "up", "fc"):
        function = parametrizations.spectral_norm if path in ("first.conv", "up") else parametrizations.weight_norm
        function(peer.get_submodule(path))
    with torch.no_grad():
        for name, each in peer.state_dict().items():
            if not name.endswith(("_u", "_v")):
                torch.testing.assert_close(each, ours.state_dict()[name])
    ours.load_state_dict(peer.state_dict())
    x = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours.eval()(x), peer.eval()(x))
    assert not ours.fc.bias.requires_grad and ours.up.bias.requires_grad
    drawn = architecture.draw("detail").svg()
    assert "weight norm" in drawn and "spectral norm" in drawn
    assert "weight_norm" in str(archspec.diff(bare, read(LAYERS, tmp_path)))


FAULTS = [
    ("a: {conv: 4, kernel_size: 1}\n  b: {relu: , tie: {weight: a.weight}}", "tie", "`relu` has no tensor `weight`"),
    (
        "a: {conv: 4, kernel_size: 1}\n  b: {conv: 4, kernel_size: 1, tie: {weight: a.weight}}",
        "tie",
        "`weight` of `b` is",
    ),
    (
        "a: {conv: 4, kernel_size: 1}\n  b: {conv: 4, kernel_size: 1, tie: {weight: c.weight}}",
        "tie",
        "there is no layer",
    ),
    (
        "a: {conv: 4, kernel_size: 1}\n  b: {conv: 4, kernel_size: 1, tie: {wait: a.weight}}",
        "tie",
        "has no tensor `wait`",
    ),
    (
        "a: {conv: 4, kernel_size: 1}\n  b: {conv: 4, kernel_size: 1, tie: {weight: a.w}}",
        "tie",
        "there is no tensor `a.w`",
    ),
    ("a: {conv: 4, kernel_size: 1, tie: weight}", "tie", "`tie` is a mapping"),
    ("a: {conv: 4, kernel_size: 1, parametrize: weightnorm}", "parametrize", "`parametrize` cannot be"),
    ("a: {batch_norm: , parametrize: weight_norm}", "parametrize", "`batch_norm` has no weight of two dimensions"),
    (
        "a: {graph: [{conv: 4, kernel_size: 1}], parametrize: weight_norm}",
        "modifiers",
        "`parametrize` is only allowed on a layer",
    ),
    *(
        (
            f"a: {{conv: 3, kernel_size: 1}}\n  b: {{conv: 3, kernel_size: 1, {both}}}",
            "parametrize",
            "`weight` of `b` is another node's",
        )
        for both in (
            "tie: {weight: a.weight}, parametrize: weight_norm",
            "parametrize: spectral_norm, tie: {bias: a.bias, weight: a.weight}",
        )
    ),
]


@pytest.mark.parametrize(("nodes", "code", "message"), FAULTS, ids=range(len(FAULTS)))
def test_what_cannot_be_bound_is_told(nodes: str, code: str, message: str, tmp_path: Path) -> None:
    (found,) = errors(f"graph:\n  {nodes}\n", tmp_path)
    assert found[0] == code and message in found[1]


RULES = [
    ("{linear: {constant: 3}, embedding: {constant: 2}}", []),
    ("{head: zeros}", ["init"]),
    ("{head: {zeros: , bias: ones}}", ["init"]),
    ("{wte: {constant: 2}, linear: {constant: 3}}", []),
]


@pytest.mark.parametrize(("init", "codes"), RULES, ids=[init for init, _ in RULES])
def test_a_tied_weight_starts_as_its_owner(init: str, codes: list[str], tmp_path: Path) -> None:
    text = WORDS + GPT.replace("{embedding: {normal: , std: 0.5}}", init)
    assert [code for code, _ in errors(text, tmp_path)] == codes
    if not codes:
        module = read(text, tmp_path).build()
        assert torch.all(module.head.weight == 2) and torch.all(module.body[0].weight == 3)


def test_a_freeze_that_a_tie_leaves_nothing_of_is_told(tmp_path: Path) -> None:
    text = WORDS + GPT.replace("weight: wte.weight}", "weight: wte.weight}, freeze: true")
    assert [code for code, _ in errors(text, tmp_path)] == ["tie"]
    for whole in (text.replace("embedding_dim: width}", "embedding_dim: width, freeze: true}"), WORDS + GPT):
        architecture = read(whole, tmp_path)
        module = architecture.build()
        trained = sum(each.numel() for each in module.parameters() if each.requires_grad)
        assert architecture.graph.counts.trainable == trained


BETWEEN = [("", ""), ("", "freeze: true"), ("freeze: true", ""), ("freeze: true", "freeze: true")]


@pytest.mark.parametrize("tie", ["{weight: a.weight}", "{bias: a.bias}", "{weight: a.weight, bias: a.bias}"])
@pytest.mark.parametrize(("owner", "other"), BETWEEN)
def test_a_freeze_beside_a_tie_is_done_whole_or_told(owner: str, other: str, tie: str, tmp_path: Path) -> None:
    layer = "{conv: 3, kernel_size: 1, OWN}"
    b = layer.replace("OWN", f"tie: {tie}, {other}")
    text = f"graph:\n  a: {layer.replace('OWN', owner)}\n  b: {b}\n"
    if other and not owner:
        assert [code for code, _ in errors(text, tmp_path)] == ["tie"]
        return
    architecture = read(text, tmp_path)
    module = architecture.build()
    trained = sum(each.numel() for each in module.parameters() if each.requires_grad)
    assert architecture.graph.counts.trainable == trained
    assert not other or not any(each.requires_grad for each in module.b.parameters())


@pytest.mark.parametrize("other", ["", "parametrize: weight_norm"])
def test_what_is_tied_counts_once_by_the_side_of_a_computed_weight(other: str, tmp_path: Path) -> None:
    a = "{conv: 3, kernel_size: 1}"
    architecture = read(
        f"graph:\n  a: {a}\n  b: {{conv: 3, kernel_size: 1, tie: {{bias: a.bias}}, {other}}}\n", tmp_path
    )
    module = architecture.build()
    assert verify(architecture.graph, module) == [] and module.b.bias is module.a.bias
    assert architecture.params == sum(each.numel() for each in module.parameters())


def test_a_tie_reaches_a_name_with_dots(tmp_path: Path) -> None:
    layer = "{conv: 3, kernel_size: 1}"
    tied = "{conv: 3, kernel_size: 1, tie: {weight: OWNER.weight}}"
    block = f"blocks: {{part: {{graph: {{in.0: {layer}, in.1: {tied.replace('OWNER', 'in.0')}}}}}}}"
    nodes = {"convs.0": layer, "convs.1": tied.replace("OWNER", "convs.0"), "p.q": "part"}
    nodes["last"] = tied.replace("OWNER", "p.q.in.0")
    graph = "\n".join(f"  {name}: {node}" for name, node in nodes.items())
    module = read(f"{block}\ngraph:\n{graph}\n", tmp_path).build()
    weight = {name: module.get_submodule(name).weight for name in ("convs.0", "convs.1", "p.q.in.0", "p.q.in.1")}
    assert weight["convs.0"] is weight["convs.1"] is not weight["p.q.in.0"]
    assert weight["p.q.in.0"] is weight["p.q.in.1"] is module.last.weight


def test_what_is_called_twice_counts_once_in_a_breakdown(tmp_path: Path) -> None:
    graph = "{a: [{conv: 3, kernel_size: 1}, batch_norm], b: {share: a}, c: {conv: 3, kernel_size: 1}}"
    found = breakdown(read(f"graph: {graph}\n", tmp_path).graph)
    assert (found.normalization, found.biases, found.statistics) == (6, 6, 6)
