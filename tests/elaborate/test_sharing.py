"""A module used once more is the module that the second input needs too, or it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.ops import Op, ops
from archspec.ops.shapes import Shape, is_plain
from archspec.runtime.symbolic_size_trials import verify_sizes
from archspec.runtime.verify import verify
from tests.elaborate.reading import errors, read

SHARED = [op for op in ops().values() if len(op.example_inputs) == 1 and is_plain(op.example_inputs[0])]
CHANGES = {
    "another size": lambda shape: (*shape[:1], *(2 * size for size in shape[1:])),
    "other channels": lambda shape: (2 * shape[0], *shape[1:]),
    "one dimension less": lambda shape: shape[:-1],
    "one dimension more": lambda shape: (*shape, 2 * shape[-1]),
    "turned round": lambda shape: shape[::-1],
}


def network(op: type[Op], second: Shape, call: str) -> str:
    """A network that calls the op's example on its own input and once more on another."""
    first = list(op.example_inputs[0])
    return (
        f"archspec: 1\nname: net\ninput: {{x: {first}, y: {list(second)}}}\n"
        f"graph:\n  a: {{graph: [{op.example}], from: x}}\n  b: {call}\n"
        "output: {a: a, b: b}\n"
    )


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("op", SHARED, ids=[op.name for op in SHARED])
def test_a_shared_module_is_the_one_that_the_second_input_needs(op: type[Op], change: str, tmp_path: Path) -> None:
    second = CHANGES[change](op.example_inputs[0])
    if not second or any(size < 1 for size in second):
        return
    text = network(op, second, "{share: a, from: y}")
    if errors(text, tmp_path):
        return
    architecture = archspec.read(tmp_path / "net.yaml")
    assert verify(architecture.graph, archspec.load(tmp_path / "net.yaml")) == []


def test_refusals_are_no_more_than_torchs(tmp_path: Path) -> None:
    """What every size, batch or rank may go through is shared between them."""
    for op, second in (("relu", (4, 8, 8, 8)), ("flatten", (4, 8, 8)), ("linear: 3", (5, 8)), ("dropout", (2,))):
        text = f"input: {{x: [4, 8], y: {list(second)}}}\ngraph: {{a: {{{op}, from: x}}, b: {{share: a, from: y}}}}\n"
        text = text.replace(f"{{{op},", f"{{{op if ':' in op else op + ':'} ,")
        assert errors(f"archspec: 1\nname: net\n{text}output: {{a: a, b: b}}\n", tmp_path) == []


MODES = {
    "a norm of another mode": "a: {group_norm: 1, training: true}, c: {share: a, from: input}",
    "a block of another mode": "a: {graph: [batch_norm], training: true}, c: {share: a, from: input}",
    "back again": "a: {conv: 3, kernel_size: 1}, b: {share: a, training: true, from: input}, c: {share: a}",
}  # fmt: skip


@pytest.mark.parametrize("name", MODES)
def test_a_shared_node_may_run_in_another_mode(name: str, tmp_path: Path) -> None:
    architecture = read(f"graph: {{{MODES[name]}}}\n", tmp_path)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    calls: list[str] = []
    module.a.register_forward_hook(lambda *_: calls.append("a"))
    module.train()(torch.rand(2, 3, 32, 32))
    assert len(calls) == sum(child.name == "a" or child.tied is not None for child in architecture.graph.root.children)


def test_a_group_of_one_value_is_refused_at_every_size(tmp_path: Path) -> None:
    text = "archspec: 1\nname: net\ninput: [2, {size}]\ngraph: [{{group_norm: 2}}]\n"
    assert [code for code, _ in errors(text.format(size=1), tmp_path)] == ["positions"]
    for size in ("2", "T"):
        architecture = read(text.format(size=size), tmp_path)
        assert verify_sizes(architecture.graph, architecture.build()) == []


def test_the_work_of_a_shared_block_of_another_mode_counts(tmp_path: Path) -> None:
    text = "graph: {a: {graph: [{conv: 3, kernel_size: 1}], training: true}, c: {share: a, from: input}}\n"
    assert read(text, tmp_path).macs == 3 * 3 * 32 * 32


def test_what_a_shared_node_cannot_change_is_refused(tmp_path: Path) -> None:
    conv = "a: {conv: 3, kernel_size: 1}"
    assert [code for code, _ in errors(f"graph: {{{conv}, b: {{share: a, freeze: true}}}}\n", tmp_path)] == ["share"]
    text = f"graph: {{{conv}, b: {{share: a, replace: {{conv: identity}}}}}}\n"
    assert [code for code, _ in errors(text, tmp_path)] == ["modifiers"]


def test_one_module_for_several_values_has_no_number(tmp_path: Path) -> None:
    text = (
        "graph: {{a: relu, b: relu, {name}: {{conv: 3 * (i + 1), kernel_size: 1, over: [a, b]}}}}\noutput: {output}\n"
    )
    assert [code for code, _ in errors(text.format(name="c", output="c"), tmp_path)] == ["expression"]
    both = text.format(name='"c{i}"', output="[c0, c1]")
    assert [shape[0] for shape in read(both, tmp_path).graph.root.shapes] == [3, 6]
