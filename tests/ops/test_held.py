"""Tensors that a network holds itself: what is counted of them, how they are filled, and what they are joined to."""

from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.analysis.state_dict import tensors
from archspec.language.torch_init import FUNCTIONS, fills_only
from archspec.ops import ops
from archspec.runtime.verify import verify

HEAD = "archspec: 1\nname: net\ninput: [4, 6]\n"
SETTINGS = {"mean": 0.5, "std": 0.02, "a": -1.5, "b": 1.5, "val": 0.25, "gain": 2.0, "mode": "fan_out"}
SETTINGS |= {"nonlinearity": "relu", "sparsity": 0.5}


def loaded(folder: Path, graph: str, more: str = "") -> tuple[archspec.Architecture, nn.Module]:
    path = folder / "net.yaml"
    path.write_text(f"{HEAD}{more}graph:\n{graph}")
    architecture = archspec.read(path)
    module = archspec.load(path)
    assert verify(architecture.graph, module) == []
    return architecture, module


def test_every_op_that_holds_a_tensor_is_tested_here() -> None:
    assert {name for name, op in ops().items() if op.held} == {
        *("parameter", "buffer", "positions", "causal_mask", "relative_position_index", "sinusoid"),
        *("log_spaced_coordinates", "shifted_window_mask", "linspace", "numbers"),
    }


def test_its_key_is_the_name_of_the_node(tmp_path: Path) -> None:
    graph = "  token: {parameter: [1, 1, 6]}\n  all: {concat: [token, input]}\n"
    graph += "  table: {buffer: [5, 6]}\n  out: {add: [all, table]}"
    architecture, module = loaded(tmp_path, graph)
    assert tensors(architecture.graph) == {"token": (1, 1, 6), "table": (5, 6)}
    assert (architecture.params, architecture.graph.counts.buffers) == (6, 30)
    assert [name for name, _ in module.named_parameters()] == ["token"]
    assert module(torch.zeros(3, 4, 6)).shape == (3, 5, 6)


def test_a_buffer_may_hold_whole_numbers(tmp_path: Path) -> None:
    graph = "  at: {buffer: [3], type: int64}\n  out: {index_select: 1, from: [input, at]}"
    _, module = loaded(tmp_path, graph)
    assert module.state_dict()["at"].dtype == torch.int64
    module.load_state_dict({"at": torch.tensor([2, 0, 2])})
    x = torch.randn(2, 4, 6)
    assert torch.equal(module(x), x[:, [2, 0, 2]])


def test_a_value_without_a_batch_stands_in_each_example(tmp_path: Path) -> None:
    graph = "  token: {parameter: [1, 1, 6], init: constant, val: 7}\n  all: {concat: [token, input]}"
    _, module = loaded(tmp_path, graph)
    assert module(torch.zeros(3, 4, 6))[:, 0].eq(7).all()


def test_one_that_is_not_persistent_has_no_key(tmp_path: Path) -> None:
    graph = "  table: {buffer: [4, 6], persistent: false, init: ones}\n  out: {add: [input, table]}"
    architecture, module = loaded(tmp_path, graph)
    assert (tensors(architecture.graph), module.state_dict()) == ({}, {})
    assert module(torch.zeros(2, 4, 6)).eq(1).all()


@pytest.mark.parametrize("init", FUNCTIONS)
def test_it_is_filled_as_torch_fills_it(init: str, tmp_path: Path) -> None:
    given = {name: SETTINGS[name] for name in FUNCTIONS[init] if name in SETTINGS}
    fields = "".join(f", {name}: {value}" for name, value in given.items())
    sizes = [2, 4, 6] if fills_only(init, 2) else [4, 6]
    torch.manual_seed(3)
    _, module = loaded(tmp_path, f"  p: {{parameter: {sizes}, init: {init}{fields}}}\n  out: {{add: [p, p]}}")
    torch.manual_seed(3)
    assert torch.equal(module.p, getattr(nn.init, f"{init}_")(torch.empty(sizes), **given))


@pytest.mark.parametrize("sizes", [[], [4], [4, 6], [2, 4, 6], [2, 2, 3, 3], [2, 2, 1, 2, 3], [2, 2, 1, 1, 2, 2]])
@pytest.mark.parametrize("init", FUNCTIONS)
def test_a_function_fills_the_tensors_that_torchs_does(init: str, sizes: list[int]) -> None:
    given = {name: SETTINGS[name] for name in FUNCTIONS[init] if name in SETTINGS}
    try:
        getattr(nn.init, f"{init}_")(torch.empty(sizes), **given)
    except (ValueError, RuntimeError):
        assert fills_only(init, len(sizes))
    else:
        assert not fills_only(init, len(sizes))


@pytest.mark.parametrize(("sizes", "init"), [("[4]", "xavier_normal"), ("[2, 4, 6]", "eye"), ("[4, 6]", "dirac")])
def test_one_that_cannot_be_filled_so_is_refused(sizes: str, init: str, tmp_path: Path) -> None:
    with pytest.raises(archspec.SpecError, match=f"`{init}` fills tensors of"):
        loaded(tmp_path, f"  p: {{parameter: {sizes}, init: {init}}}\n  out: {{add: [p, p]}}")


@pytest.mark.parametrize("held", ["parameter", "buffer"])
def test_it_may_be_a_single_number(held: str, tmp_path: Path) -> None:
    _, module = loaded(tmp_path, f"  p: {{{held}: [], init: constant, val: 3}}\n  out: {{mul: [input, p]}}")
    assert module.p.shape == () and module(torch.ones(2, 4, 6)).eq(3).all()
    architecture, module = loaded(tmp_path, f"  p: {{{held}: [], init: ones}}\n  out: {{mul: [input, p]}}")
    assert module.p.shape == () and held in architecture.draw().svg()


def test_blocks_that_differ_in_its_sizes_are_one_class(tmp_path: Path) -> None:
    more = "blocks: {scaled: {graph: {gamma: {parameter: '[input.features]'}, out: {mul: [input, gamma]}}}}\n"
    architecture, module = loaded(tmp_path, "  a: scaled\n  b: {linear: 8}\n  c: scaled", more)
    assert architecture.source().count("class Scaled(") == 1
    assert list(module.state_dict()) == ["a.gamma", "b.weight", "b.bias", "c.gamma"]


def test_in_a_list_it_has_a_number(tmp_path: Path) -> None:
    _, module = loaded(tmp_path, "  - {graph: [{parameter: [4, 6], init: ones}, {add: input}]}")
    assert list(module.state_dict()) == ["0.0"]
    assert module(torch.zeros(2, 4, 6)).eq(1).all()


def test_nothing_overwrites_it(tmp_path: Path) -> None:
    _, module = loaded(
        tmp_path, "  p: {parameter: [4, 6], init: constant, val: -1}\n  r: relu\n  out: {add: [input, r]}"
    )
    module(torch.zeros(1, 4, 6))
    assert module.p.eq(-1).all()


def test_a_rule_of_init_fills_it(tmp_path: Path) -> None:
    more = "init: {p: ones, parameter: {constant: 3}}\n"
    _, module = loaded(tmp_path, "  p: {parameter: [4, 6]}\n  q: {parameter: [6]}\n  out: {add: [p, q, input]}", more)
    assert module.p.eq(1).all()
    assert module.q.eq(3).all()


def test_a_block_may_have_no_input(tmp_path: Path) -> None:
    more = "blocks: {bias: {inputs: [], graph: {table: {parameter: [4, 2]}, fc: {linear: 6}}}}\n"
    architecture, module = loaded(tmp_path, "  b: bias\n  out: {add: [input, b]}", more)
    assert list(module.state_dict()) == ["b.table", "b.fc.weight", "b.fc.bias"]
    assert architecture.macs == 4 * 2 * 6
