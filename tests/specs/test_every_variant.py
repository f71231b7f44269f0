"""Every bundled spec and standard block elaborates without a warning, and every documented figure is accounted for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import archspec
from archspec.api import zoo
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.language.block_definition import BlockDef
from archspec.language.yaml_tree import plain

VARIANTS = dict(zoo.variants())
DOCUMENTS = zoo.documents()
EXAMPLE_INPUTS = {"mlp_head": [512]}
"""For the blocks whose example neither takes a map nor says what it takes."""
TRANSFORMED = {
    "input": {
        "images": {"shape": [3, 64, 64], "list": True},
        "targets": {"fields": {"boxes": ["N", 4], "labels": {"shape": ["N"], "dtype": "int64"}}, "optional": True},
    },
    "graph": {
        "transform": {"detection_transform": 64, "from": ["images", "targets"]},
        "p4": {"conv": 8, "kernel_size": 16, "stride": 16, "from": "transform.images"},
        "p5": {"max_pool": 2},
    },
}
EXAMPLE_SPECS: dict[str, dict[str, Any]] = {
    "feature_pyramid": {"input": {"c3": [64, 28, 28], "c4": [96, 14, 14], "c5": [128, 7, 7]}, "graph": {}},
    "region_proposal_network": TRANSFORMED,
    "correlation_lookup": {
        "input": {"places": [2, 12, 16], "one": [8, 12, 16], "other": [8, 12, 16]},
        "graph": {"fine": {"correlation": 2, "from": ["one", "other"]}},
    },
}
"""For the blocks whose example takes several values: where they come from."""
TASKS = {
    "image captioning",
    "image classification",
    "semantic segmentation",
    "video classification",
    "object detection",
    "instance segmentation",
    "keypoint detection",
    "optical flow",
    "language modelling",
    "language understanding",
    "text-to-text generation",
    "zero-shot image classification",
    "speech recognition",
    "machine translation",
    "image generation",
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_elaborates_without_a_warning(variant: str) -> None:
    assert archspec.read(variant).warnings == ()


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_documented_figure_agrees_or_says_why_not(variant: str) -> None:
    verdicts = archspec.read(variant).figures
    assert [verdict for verdict in verdicts if not verdict.fine] == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_it_says_what_it_is_and_where_it_is_from(name: str) -> None:
    document = zoo.bundled(name)
    assert document.about and document.task in TASKS
    assert document.references and all(each.link for each in document.references)
    assert document.figures


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_figure_names_a_variant_that_there_is(name: str) -> None:
    document = zoo.bundled(name)
    assert {each.variant for each in document.figures} <= {None, *document.variants}


def given(block: BlockDef) -> str | dict[str, str]:
    """All that the block gives."""
    named = plain(block.output) if block.output else None
    return {name: f"node.{name}" for name in named} if isinstance(named, dict) else "node"


@pytest.mark.parametrize("name", sorted(standard_names()))
def test_each_standard_block_has_an_example_that_elaborates(name: str, tmp_path: Path) -> None:
    block = standard_block(name)
    assert block.about and block.example is not None
    example = yaml.safe_load(str(block.example.value))
    own = plain(block.example_input) if block.example_input else EXAMPLE_INPUTS.get(name, [64, 56, 56])
    around = EXAMPLE_SPECS.get(name, {"input": own, "graph": {}})
    graph = {**around["graph"], "node": example}
    spec = {"archspec": 1, "name": "example", "input": around["input"], "graph": graph, "output": given(block)}
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
    assert archspec.read(path).warnings == ()
