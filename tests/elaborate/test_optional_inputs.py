"""Inputs of blocks that may be left out, and values that are taken where a condition holds."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
import torch

import archspec
from archspec.runtime.verify import verify
from tests.elaborate.reading import errors, read

BLOCK = """\
blocks:
  mixer:
    inputs: [x, memory?, scale?]
    params: {width: int}
    graph:
      x1: {linear: width, from: x}
      m1: {linear: width, from: memory, when: memory}
      joined: {add: [x1, m1], when: memory}
      scaled: {mul: [joined, scale], when: scale and width > 1}
      both: {concat: [scaled, {from: memory, when: memory}, {from: x, when: width > 99}, {from: x1, when: not memory}]}
"""
HEAD = "archspec: 1\nname: net\ninput: {x: [4], memory: [4], scale: [8]}\n"


@pytest.mark.parametrize("given", [["x"], ["x", "memory"], ["x", "memory", "scale"]])
def test_a_block_does_without_what_is_left_out(given: list[str], tmp_path: Path) -> None:
    rest = [name for name in ("memory", "scale") if name not in given]
    keep = "".join(f"  keep_{name}: {{identity: , from: {name}}}\n" for name in rest)
    outputs = ", ".join(["out", *(f"keep_{name}" for name in rest)])
    graph = f"graph:\n  out: {{mixer: 8, from: [{', '.join(given)}]}}\n{keep}output: [{outputs}]\n"
    architecture = read(HEAD + BLOCK + graph, tmp_path)
    module = architecture.build()
    assert verify(architecture.graph, module) == []
    x, memory, scale = torch.randn(2, 4), torch.randn(2, 4), torch.randn(2, 8)
    found = module(x, memory, scale)
    out = module.out
    want = out.x1(x)
    x1 = want
    if "memory" in given:
        want = want + out.m1(memory)
    if "scale" in given:
        want = want * scale
    want = torch.cat([want, memory if "memory" in given else x1], 1)
    torch.testing.assert_close(found[0] if rest else found, want)
    assert architecture.draw().svg() and architecture.draw("detail").svg()


def test_calls_with_and_without_an_input_are_two_classes(tmp_path: Path) -> None:
    calls = itertools.product([["x"], ["x", "memory"], ["x", "memory", "scale"]], range(2))
    nodes = "".join(f"  n{k}: {{mixer: 8, from: [{', '.join(g)}]}}\n" for k, (g, _) in enumerate(calls))
    text = f"{HEAD}{BLOCK}graph:\n{nodes}output: [n0, n1, n2, n3, n4, n5]\n"
    architecture = read(text, tmp_path)
    assert verify(architecture.graph, architecture.build()) == []
    assert architecture.source().count("class Mixer") == 3
    other = read(text.replace("n1: {mixer: 8", "n1: {mixer: 9"), tmp_path)
    assert str(archspec.diff(architecture, other))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("  out: {mixer: 8, from: [x, memory, scale, x]}", ("inputs", "`mixer` takes 1 to 3 inputs, found 4")),
        ("  out: {bad: , from: x}", ("inputs", "`m` is left out here")),
        ("  out: {sum: , from: x}", ("inputs", "`m` is left out here")),
        ("  out: {number: , from: x}", None),
    ],
)
def test_what_is_left_out_and_taken_is_told(text: str, found: tuple[str, str] | None, tmp_path: Path) -> None:
    blocks = """\
  bad: {inputs: [x, m?], graph: [{linear: 3, from: m}]}
  sum: {inputs: [x, m?], graph: [{compute: x + m}]}
  number: {inputs: [x, m?], graph: [{linear: 3 if m else 4, from: x}]}
"""
    text = f"{HEAD}{BLOCK}{blocks}graph:\n{text}\n  k: {{concat: [memory, scale]}}\noutput: [out, k]\n"
    assert errors(text, tmp_path) == ([found] if found else [])


def test_the_order_of_inputs_is_held(tmp_path: Path) -> None:
    text = f"{HEAD}blocks: {{b: {{inputs: [m?, x], graph: [relu]}}}}\ngraph: {{out: {{b: , from: [x]}}}}\n"
    assert ("name", "`m?` may be left out, but an input after it is always there") in errors(text, tmp_path)


def test_a_page_s_own_block_wins_over_an_op(tmp_path: Path) -> None:
    blocks = "blocks:\n  silu: {graph: [{conv: 4, kernel_size: 1}, relu]}\n"
    text = f"{blocks}graph: [silu, {{conv_norm_act: 4, act: silu}}]\n"
    architecture = read(text, tmp_path)
    (warning,) = architecture.warnings
    assert (warning.code, warning.severity) == ("hidden-op", "warning")
    assert verify(architecture.graph, module := architecture.build()) == []
    assert type(module[0]).__name__ == "Silu" and [*module[0]] and "silu" in str(architecture.to_yaml())
    allowed = read(text.replace("  silu: {", "  # allow: hidden-op\n  silu: {"), tmp_path)
    assert not allowed.warnings


PART = "archspec: 1\nname: part\ninput: [3, 32, 32]\ngraph: [{conv: 7, kernel_size: 1}, batch_norm]\n"


@pytest.mark.parametrize(
    ("page", "counts"),
    [
        ("params: {act: {leaky_relu: , negative_slope: 0.1}}\ngraph: [{conv: 4, kernel_size: 3}, {use: act}]\n", 112),
        ("params: {act: {type: op, default: {prelu: 4}}}\ngraph: [{conv: 4, kernel_size: 3}, {use: act}]\n", 116),
        (
            "blocks:\n  unit:\n    params: {width: int, act: {prelu: width}}\n"
            "    graph: [{conv: width, kernel_size: 3}, {use: act}]\n"
            "graph: [{unit: 4}, {unit: 4, act: {elu: , alpha: 0.5}}, {unit: 5, act: relu}]\n",
            116 + 148 + 185,
        ),
        ("params: {body: ./part.yaml}\ngraph: [{use: body}]\n", 28 + 14),
        (
            "params: {body: {type: op, default: ./part.yaml}, norm: {type: op, default: own}}\n"
            "blocks: {own: {params: {n: 1}, graph: [{group_norm: n}, prelu]}}\n"
            "graph: [{use: body, replace: {batch_norm: norm}}]\n",
            28 + 14 + 1,
        ),
        (
            "params: {body: ./part.yaml, norm: {own: 7}}\n"
            "blocks: {own: {params: {n: 1}, graph: [{group_norm: n}, prelu]}}\n"
            "graph: [{use: body, replace: {batch_norm: norm}}]\n",
            28 + 14 + 1,
        ),
    ],
)
def test_a_call_a_path_and_a_block_of_the_page_are_defaults(page: str, counts: int, tmp_path: Path) -> None:
    (tmp_path / "part.yaml").write_text(PART)
    architecture = read(page, tmp_path)
    assert architecture.params == counts
    assert verify(architecture.graph, architecture.build()) == []


def test_a_default_that_is_no_call_is_told(tmp_path: Path) -> None:
    text = "params: {act: {leaky: 0.1}}\ngraph: [{use: act}]\n"
    (found,) = errors(text, tmp_path)
    assert found[0] == "unknown-op"
