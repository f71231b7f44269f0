"""Weights in the forms in which people have them: each is loaded, or said what it is."""

from __future__ import annotations

import argparse
import io
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

import archspec
from archspec.api.load import load_into
from archspec.runtime.weights import load_weights

SPEC = """\
archspec: 1
name: net
input: [3, 8, 8]
params: {num_classes: 10}
graph:
  stem: [{conv: 4, kernel_size: 3}, batch_norm, relu]
  pool: {adaptive_avg_pool: 1}
  flat: flatten
  fc: {linear: num_classes}
"""
State = Mapping[str, Tensor]


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Tensor]:
    monkeypatch.chdir(tmp_path)
    Path("net.yaml").write_text(SPEC)
    torch.manual_seed(3)
    return dict(archspec.load("net.yaml").state_dict())


def prefixed(state: State, prefix: str) -> dict[str, Tensor]:
    return {f"{prefix}{name}": tensor for name, tensor in state.items()}


PREFIXES = [
    "",
    "_orig_mod.",
    "module.",
    "model.",
    "network.",
    "module._orig_mod.",
    "model.module.",
    "_orig_mod.module.",
]
HOLDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "alone": lambda state: state,
    "state_dict": lambda state: {"state_dict": state, "epoch": 3, "optimizer": {"state": {}, "param_groups": []}},
    "model_state_dict": lambda state: {"epoch": 1, "model_state_dict": state, "loss": 0.5},
    "model": lambda state: {"model": state, "args": argparse.Namespace(lr=0.1), "scaler": None},
    "nested": lambda state: {"model": {"state_dict": state}},
    "ema beside": lambda state: {"model": state, "model_ema": {name: each + 1 for name, each in state.items()}},
    "any word": lambda state: {"my_net": state, "best": np.float64(0.5)},
    "lightning": lambda state: {
        "state_dict": {**state, "metric._extra_state": {"waiting": []}, "criterion.weight": torch.ones(3)},
        "callbacks": {},
    },
}


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("suffix", [".pt", ".pth", ".ckpt", ".bin"])
def test_weights_people_have_are_loaded(holder: str, prefix: str, suffix: str, state: dict[str, Tensor]) -> None:
    if holder == "lightning" and not prefix:
        pytest.skip("nothing tells the network's tensors from those beside it")
    torch.save(HOLDERS[holder](prefixed(state, prefix)), path := Path(f"weights{suffix}"))
    loaded = archspec.load("net.yaml", weights=path).state_dict()
    assert all(torch.equal(loaded[name], state[name]) for name in state)


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("name", ["weights.safetensors", "weights.pt"])
def test_safetensors_are_known_by_what_is_in_them(prefix: str, name: str, state: dict[str, Tensor]) -> None:
    save_file(prefixed(state, prefix), name)
    loaded = archspec.load("net.yaml", weights=name).state_dict()
    assert all(torch.equal(loaded[name], state[name]) for name in state)


def test_a_node_of_a_wrappers_name_keeps_it(state: dict[str, Tensor]) -> None:
    Path("net.yaml").write_text(SPEC.replace("stem:", "model:").replace("fc:", "module:"))
    own = dict(archspec.load("net.yaml").state_dict())
    for prefix in PREFIXES:
        torch.save(prefixed(own, prefix), "weights.pt")
        loaded = archspec.load("net.yaml", weights="weights.pt").state_dict()
        assert all(torch.equal(loaded[name], own[name]) for name in own)


def test_a_compiled_part_is_unwrapped(state: dict[str, Tensor]) -> None:
    torch.save({name.replace("stem.", "stem._orig_mod."): each for name, each in state.items()}, "weights.pt")
    assert torch.equal(archspec.load("net.yaml", weights="weights.pt").stem[0].weight, state["stem.0.weight"])


def test_what_stands_beside_the_network_is_told(state: dict[str, Tensor]) -> None:
    architecture = archspec.read("net.yaml")
    torch.save({**prefixed(state, "module."), "n_averaged": torch.tensor(3)}, "weights.pt")
    report = load_into(architecture.build(), architecture, "weights.pt")
    assert report.unused == ("n_averaged",) and len(report.loaded) == len(state)


@pytest.mark.parametrize("classes", [10, 7])
def test_a_head_may_be_absent_where_it_starts_fresh(classes: int, state: dict[str, Tensor]) -> None:
    body = {name: each for name, each in state.items() if not name.startswith("fc.")}
    torch.save(body, "weights.pt")
    if classes == 10:
        with pytest.raises(
            archspec.SpecError, match=r"missing: fc\.weight 10×4\n.*missing: fc\.bias 10\n.*num_classes"
        ):
            archspec.load("net.yaml", weights="weights.pt")
    else:
        module = archspec.load("net.yaml", weights="weights.pt", num_classes=classes)
        assert torch.equal(module.stem[0].weight, state["stem.0.weight"])


class Own(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Linear(2, 2)


class Plain:
    """A class of somebody's own."""


def saved(content: Any, **how: Any) -> bytes:
    torch.save(content, buffer := io.BytesIO(), **how)
    return buffer.getvalue()


def script() -> bytes:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.save(torch.jit.script(nn.Sequential(nn.Linear(2, 2))), buffer := io.BytesIO())
    return buffer.getvalue()


FOREIGN: dict[str, tuple[Callable[[], bytes], str]] = {
    "module": (
        lambda: saved(Own()),
        "it is a whole module, pickled with its classes: `tests.runtime.test_weights_files.Own`",
    ),
    "torch's module": (
        lambda: saved(nn.Linear(2, 2)),
        "it is a whole module, pickled with its classes: `torch.nn.modules",
    ),
    "older module": (lambda: saved(Own(), _use_new_zipfile_serialization=False), "not loaded: `tests.runtime"),
    "module in a checkpoint": (lambda: saved({"model": Own(), "epoch": 1}), "it is a whole module"),
    "objects": (lambda: saved({"a": Plain()}), "it holds Python objects, which are not loaded: `tests.runtime"),
    "arrays": (lambda: saved({"a": np.zeros(3)}), "it holds arrays of NumPy, not tensors"),
    "script": (script, "it is a TorchScript archive"),
    "lfs": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "it is a pointer of Git LFS"),
    "page": (lambda: b"<!DOCTYPE html><html></html>", "it is a web page"),
    "keras": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(64), "it is an HDF5 file"),
    "npy": (lambda: b"\x93NUMPY" + bytes(64), "it is an array of NumPy"),
    "empty": (lambda: b"", "cannot be read"),
    "truncated": (lambda: saved({"a": torch.zeros(99)})[:600], "cannot be read"),
    "list": (lambda: saved([1, 2]), "holds no state_dict"),
    "several": (lambda: saved({"a": {"w": torch.zeros(1)}, "b": {"w": torch.zeros(1)}}), "holds no state_dict"),
}


@pytest.mark.parametrize("suffix", [".pt", ".safetensors"])
@pytest.mark.parametrize("kind", FOREIGN)
def test_what_is_no_state_dict_says_what_it_is(kind: str, suffix: str, state: dict[str, Tensor]) -> None:
    make, words = FOREIGN[kind]
    Path(f"weights{suffix}").write_bytes(make())
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("net.yaml", weights=f"weights{suffix}")
    told = str(error.value)
    assert told.startswith("error[weights-unreadable]: `weights") and words in told
    assert "weights_only" not in told and "\x1b" not in told and "trust" not in told


UNLIKE: dict[str, tuple[Callable[[Tensor], Tensor], str]] = {
    "sparse": (lambda each: each.to_sparse(), "is sparse_coo, not float32"),
    "sparse rows": (lambda each: each.to_sparse_csr(), "is sparse_csr, not float32"),
    "meta": (lambda each: each.to("meta"), "has a shape, but no values"),
    "complex": (lambda each: each * 1j, "is complex64, not float32"),
    "whole": (lambda each: each.to(torch.int8), "holds whole numbers (int8)"),
    "quantized": (lambda each: torch.quantize_per_tensor(each, 0.1, 0, torch.qint8), "is quantized, not float32"),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", UNLIKE)
def test_a_tensor_whose_values_cannot_be_taken_is_told(kind: str, state: dict[str, Tensor]) -> None:
    make, words = UNLIKE[kind]
    architecture = archspec.read("net.yaml")
    given = {**state, "fc.weight": make(state["fc.weight"])}
    with pytest.raises(archspec.SpecError, match=r"unlike: fc\.weight") as error:
        load_weights(architecture.build(), architecture.graph, given)
    assert words in str(error.value)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float16, torch.bfloat16])
def test_other_precisions_are_taken(dtype: torch.dtype, state: dict[str, Tensor]) -> None:
    torch.save(
        {name: each.to(dtype) if each.is_floating_point() else each for name, each in state.items()}, "weights.pt"
    )
    module = archspec.load("net.yaml", weights="weights.pt")
    torch.testing.assert_close(module.fc.weight, state["fc.weight"].to(dtype).float())


def told(state: State) -> str:
    torch.save(dict(state), "weights.pt")
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("net.yaml", weights="weights.pt")
    return str(error.value)


def test_a_mismatch_shows_both_sides_and_whether_the_shapes_fit_in_order(state: dict[str, Tensor]) -> None:
    renamed = {f"layer{number}.w": each for number, each in enumerate(state.values())}
    assert told(renamed).splitlines()[1:3] == [
        "  = expected: 8 tensors: stem.0.weight 4×3×3×3, stem.0.bias 4, stem.1.weight 4, stem.1.bias 4, "
        "stem.1.running_mean 4, …",
        "  = found: 9 tensors: layer0.w 4×3×3×3, layer1.w 4, layer2.w 4, layer3.w 4, layer4.w 4, …",
    ]
    counted = {name: each for name, each in renamed.items() if each.shape != torch.Size()}
    assert "all 8 shapes are the same, one after another: only the names differ" in told(counted)
    other = {**counted, "layer7.w": torch.zeros(5, 4)}
    assert "the first 6 shapes are the same, one after another; then the file has `layer7.w` 5×4" in told(other)
    assert "then one side has no more" in told({**counted, "last": torch.zeros(3)})
    assert "the shapes differ from the first on" in told({"a": torch.zeros(7), "b": torch.zeros(4)})


def test_a_long_list_is_cut(state: dict[str, Tensor]) -> None:
    lines = told({**state, **{f"more{number}": torch.zeros(2) for number in range(100)}}).splitlines()
    assert len(lines) == 22 and lines[-1].strip() == "and 80 more"
