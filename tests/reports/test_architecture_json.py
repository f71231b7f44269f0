from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.graph.model import Leaf
from archspec.ops.shapes import product
from archspec.reports.architecture_json import SCHEMA, report, report_json
from tests.samples import SPECS, sample


@pytest.mark.parametrize("name", SPECS)
def test_round_trip(name: str) -> None:
    architecture = sample(name)
    assert json.loads(report_json(architecture)) == report(architecture)
    assert report_json(architecture) == report_json(sample(name))


@pytest.mark.parametrize("name", SPECS)
def test_what_it_says_is_what_the_graph_says(name: str) -> None:
    architecture = sample(name)
    data = report(architecture)
    assert data["schema"] == SCHEMA
    assert data["counts"]["params"] == architecture.params
    nodes = {node["address"]: node for node in data["nodes"]}
    assert len(nodes) == len(data["nodes"])
    learned = sum(
        product(shape)
        for node in data["nodes"]
        if node["tied"] is None
        for shape in node.get("parameters", {}).values()
    )
    assert learned == architecture.params
    for node in architecture.graph.walk():
        if isinstance(node, Leaf) and node.address in nodes:
            assert nodes[node.address]["op"] == node.op.name
            assert set(nodes[node.address]["fields"]) == set(node.op.field_names())


@pytest.mark.parametrize("name", SPECS)
def test_every_input_names_a_node_before_or_an_input(name: str) -> None:
    seen: set[str] = set()
    for node in report(sample(name))["nodes"]:
        around = node["address"].rpartition(".")[0]
        for value in node["inputs"]:
            if "from" in value:
                assert value["from"] in seen
                assert value["from"].rpartition(".")[0] == around
            else:
                assert isinstance(value["input"], str)
        seen.add(node["address"])


def test_symbolic_sizes_are_text() -> None:
    data = report(sample("symbolic"))
    assert data["inputs"] == [{"name": "input", "shape": [3, "H", "W"]}]
    assert isinstance(data["counts"]["macs"], str)


def test_figures_with_their_verdicts() -> None:
    figures = report(sample("residual"))["figures"]
    assert [(each["quantity"], each["status"]) for each in figures][:1] == [("params", "differs as explained")]
    assert figures[2]["settings"] == {"classes": 100}


def test_no_backend_imports_torch_and_what_draws_is_imported_when_it_draws() -> None:
    code = (
        "import sys, archspec.reports.architecture_json, archspec.reports.summary_table, archspec.pictures.layout;"
        "print(*{'torch', 'rich', 'graphviz', 'sympy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_values_that_are_more_than_tensors_say_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: net\ninput:\n  image: [3, 8, 8]\n  boxes: {shape: [N, 4], list: true}\n"
        "  targets: {fields: {labels: {shape: [N], dtype: int64}}, optional: true}\ngraph: [{relu: , from: image}]\n",
        "utf-8",
    )
    image, boxes, targets = archspec.read(path).report()["inputs"]
    assert image["shape"] == [3, 8, 8]
    assert boxes["shape"] == {"form": "list", "sizes": ["N", 4], "dtype": "float32"}
    labels = {"form": "tensor", "sizes": ["N"], "dtype": "int64"}
    assert targets["shape"] == {"form": "records", "fields": {"labels": labels}, "optional": True}
