"""A new op is one class in one file, with which it is parsed, counted, drawn, folded, written and documented."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

import archspec
from archspec.analysis.lints import lints
from archspec.cli.app import application
from archspec.importing.page import write
from archspec.ops import ops
from archspec.pictures.drawing import View, compose
from tests.ops.plugins import plugged_in

CLASS = '''
from archspec.ops import Argument, Module, Op, register
from archspec.ops.field_types import Positive, Real


@register
class GatedNorm(Op):
    """Each channel divided by a power of its mean: no paper's.

    Input and output `[C, *sizes]`.
    """

    name = "gated_norm"
    main = "order"
    kind = "normalization"
    label = "gated normalization"
    abbreviation = "GtN"
    unlabelled = ("slack",)
    field_labels = {"heads": "{} heads"}
    channels_first = True
    example = "{gated_norm: 3}"
    example_inputs = ((8, 6, 6),)

    order: Positive
    heads: Positive = 1
    slack: Real = 0.5

    def infer(self, *inputs):
        return inputs

    def parameters(self, *inputs):
        return {"weight": inputs[0][:1], "bias": inputs[0][:1]}

    def macs(self, inputs, outputs):
        return 1000 * self.order

    def module(self, *inputs):
        return Module("nn.GroupNorm", (Argument("num_groups", self.order), Argument("num_channels", inputs[0][0])))
'''
PAGE = """archspec: 1
name: net
input: [6, 8, 8]
blocks:
  unit:
    params: {order: int}
    graph:
      - {conv: 6, kernel_size: 3, padding: 1, bias: false}
      - {gated_norm: order, heads: 2, slack: 0.25}
graph:
  - unit: 2
  - unit: 3
  - {conv: 6, kernel_size: 1, bias: false}
  - {gated_norm: 1, heads: 4, slack: 0.1}
"""
CONV, POINT, NORM = 6 * 6 * 9, 6 * 6, 2 * 6


@pytest.fixture(autouse=True)
def _plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with plugged_in("gated_norm", CLASS, tmp_path, monkeypatch):
        yield


@pytest.fixture
def net(tmp_path: Path) -> archspec.Architecture:
    path = tmp_path / "net.yaml"
    path.write_text(PAGE)
    return archspec.read(path)


def test_its_fields_are_checked_like_any_others(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(PAGE.replace("heads: 4", "heads: many"))
    with pytest.raises(archspec.SpecError) as caught:
        archspec.read(path)
    (fault,) = caught.value.diagnostics
    assert fault.span is not None and fault.span.line == 14
    assert "heads" in fault.message and fault.expected == "a whole number from 1"


def test_it_is_counted(net: archspec.Architecture) -> None:
    counts = net.graph.root.counts
    assert counts.params == 2 * CONV + POINT + 3 * NORM
    assert counts.macs == (2 * CONV + POINT) * 64 + 1000 * (2 + 3 + 1)


def test_it_is_drawn_in_its_own_words_and_with_the_layer_that_it_belongs_to(net: archspec.Architecture) -> None:
    boxes = [[str(line) for line in box.lines] for box in compose(net.graph, View("detail")).boxes()]
    assert ["3×3 conv, 6", "GtN"] in boxes
    assert "GtN" in net.draw("detail").svg()


def test_its_fields_have_its_words(net: archspec.Architecture) -> None:
    from archspec.graph.labels import op_words

    op = ops()["gated_norm"].of({"order": 1, "heads": 4, "slack": 0.1})
    assert op_words(op, (6, 8, 8)) == "gated normalization 1, 4 heads"


def test_it_is_folded_and_its_number_is_the_blocks_parameter(net: archspec.Architecture) -> None:
    source = net.source()
    assert source.count("class Unit(") == 1
    assert re.search(r"nn\.GroupNorm\(num_groups=order, num_channels=6\)", source)
    module = net.build()
    assert module(torch.randn(2, 6, 8, 8)).shape == (2, 6, 8, 8)
    assert sum(each.numel() for each in module.parameters()) == net.params


def test_it_is_written_on_a_page_that_is_the_same_network(net: archspec.Architecture, tmp_path: Path) -> None:
    (tmp_path / "again.yaml").write_text(page := write(net.graph))
    assert "gated_norm" in page
    again = archspec.read(tmp_path / "again.yaml")
    assert (again.params, again.macs, again.source()) == (net.params, net.macs, net.source())


def test_it_is_documented() -> None:
    shown = CliRunner().invoke(application(), ["blocks", "gated_norm"])
    assert shown.exit_code == 0
    assert "Each channel divided by a power of its mean" in shown.output and "{gated_norm: 3}" in shown.output
    listed = CliRunner().invoke(application(), ["blocks", "--json"])
    assert '"gated_norm"' in listed.output


def test_the_lints_know_what_it_says_of_itself(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("archspec: 1\nname: net\ninput: [32, 32, 3]\ngraph: {norm: {gated_norm: 1}}\n")
    net = archspec.read(path)
    assert "channels-last" in [each.code for each in lints(net.document, net.graph)]


LINTED = {"linear", "conv", "add"}
"""Ops that a lint is about, by its own name."""


def test_no_other_part_of_the_package_knows_ops_by_their_names() -> None:
    """What holds for an op is said in its class: no other file compares an op's name, nor keeps a table of names.

    The importer's words for torch's functions are about torch, and the parser's for Python's operators about Python.
    """
    package = Path(archspec.__file__).parent
    parts = ("analysis", "graph", "templates", "codegen", "runtime", "pictures", "reports", "api", "cli")
    files = [path for part in parts for path in (package / part).rglob("*.py")]
    assert [found for path in files for found in _names_of_ops(path)] == []


def _names_of_ops(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Compare) and re.search(r"\bop\.name\b", ast.unparse(node)):
            words = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant)}
            if not words <= LINTED or not words:
                yield from [f"{path.name}: {ast.unparse(node)}"] if words else []
        if isinstance(node, ast.Dict | ast.Set):
            keys = node.keys if isinstance(node, ast.Dict) else node.elts
            words = {key.value for key in keys if isinstance(key, ast.Constant)}
            if len(words & set(ops())) > 2 and words <= set(ops()):
                yield f"{path.name}: {ast.unparse(node)[:80]}"
