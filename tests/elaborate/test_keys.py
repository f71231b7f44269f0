"""Any key that torch allows: names with `-`, numbers in a mapping, `self`, keywords, a leading underscore."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import archspec
from archspec.elaborate.node_names import FORBIDDEN, PRIVATE_ATTRIBUTES
from archspec.language.diagnostics import SpecError
from archspec.runtime.verify import verify

HEAD = "archspec: 1\nname: net\ninput: [4, 6, 6]\n"
NAMES = [
    "block1-0",
    "0",
    "self",
    "lambda",
    "_conv_stem",
    "torch",
    "nn",
    "F",
    "Tensor",
    "keys",
    "values",
    "items",
    "x",
    "i",
]
NAMES += ["layers", "out", "class", "None", "list", "value_0", "conv1", "Net"]


def module_of(folder: Path, graph: str, more: str = "", **given: object) -> torch.nn.Module:
    path = folder / "net.yaml"
    path.write_text(f"{HEAD}{more}graph:\n{graph}")
    architecture = archspec.read(path)
    module = archspec.load(path, **given)  # type: ignore[arg-type]
    if not given:
        assert verify(architecture.graph, module) == []
        architecture.draw().svg()
        architecture.draw("detail").bytes("dot")
    return module


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["chain", "beside", "block", "twice"])
def test_a_key_is_what_the_page_says(name: str, form: str, tmp_path: Path) -> None:
    conv = "{conv: 4, kernel_size: 1}"
    graph, keys, more = {
        "chain": (f'  "{name}": {conv}\n  act: relu\n', [name], ""),
        "beside": (f'  "{name}": {conv}\n  add: {{add: ["{name}", input]}}\n', [name], ""),
        "block": (
            "  a: {unit: 4}\n  b: {unit: 8}\n",
            [f"a.{name}", f"b.{name}"],
            f'blocks: {{unit: {{params: {{w: int}}, graph: {{"{name}": {{conv: w, kernel_size: 1}}, act: relu}}}}}}\n',
        ),
        "twice": (f'  "{name}": {conv}\n  again: {{share: "{name}"}}\n  add: {{add: ["{name}", again]}}\n', [name], ""),
    }[form]
    module = module_of(tmp_path, graph, more)
    assert list(module.state_dict()) == [f"{key}.{tensor}" for key in keys for tensor in ("weight", "bias")]
    x = torch.randn(2, 4, 6, 6)
    expected = module(x)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(other(x), expected)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("keys", "values", "items")])
def test_it_can_be_tapped_initialised_and_scripted(name: str, tmp_path: Path) -> None:
    graph = f'  "{name}": {{conv: 4, kernel_size: 1}}\n  act: relu\n'
    module = module_of(tmp_path, graph, f'init: {{"{name}": {{constant: 3}}}}\n')
    assert module.get_submodule(name).weight.eq(3).all()
    taps = module_of(tmp_path, graph, taps=[name])(torch.zeros(1, 4, 6, 6))
    assert list(taps) == [name]
    torch.jit.script(module)


@pytest.mark.parametrize(
    "name", sorted(FORBIDDEN)[::9] + sorted(PRIVATE_ATTRIBUTES)[::9] + ["a..b", ".a", "a b", "é", "__x", "-a"]
)
def test_what_torch_cannot_have_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="cannot be called"):
        module_of(tmp_path, f'  "{name}": {{conv: 4, kernel_size: 1}}\n')


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,5}", fullmatch=True), min_size=1, max_size=4, unique=True))
def test_any_names(names: list[str]) -> None:
    import tempfile

    assume(not any(name in FORBIDDEN or name.startswith("__") or "{" in name for name in names))
    nodes = "".join(f'  "{name}": {{conv: 4, kernel_size: 1, from: input}}\n' for name in names)
    joined = ", ".join(f'"{name}"' for name in names)
    with tempfile.TemporaryDirectory() as folder:
        module = module_of(Path(folder), f"{nodes}  the_sum_of_all: {{concat: [{joined}]}}\n")
    assert list(module.state_dict()) == [f"{name}.{tensor}" for name in names for tensor in ("weight", "bias")]


@pytest.mark.parametrize("name", ["{i + 1}", "{2 * i}", "{i}_", "0{i}", "layer-{i}", "{3 - i}"])
@pytest.mark.parametrize("width", ["4", "4 * (i + 1)"])
def test_copies_are_numbered_as_their_name_says(name: str, width: str, tmp_path: Path) -> None:
    graph = f'  layers:\n    graph:\n      "{name}": {{conv: "{width}", kernel_size: 1, repeat: 3}}\n'
    module = module_of(tmp_path, graph)
    filled = [str(eval(f"f'{name}'", {"i": i})) for i in range(3)]
    assert [each for each, _ in module.layers.named_children()] == filled
