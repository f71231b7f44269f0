"""Every bundled spec and standard block elaborates without a warning, and every documented figure is accounted for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import archspec
from archspec import zoo
from archspec.elaborate.library import standard_block, standard_names

VARIANTS = dict(zoo.variants())
DOCUMENTS = zoo.documents()
EXAMPLE_INPUTS = {"digit_rbf": [84], "mlp_head": [512]}
"""For the blocks whose example does not take an image."""
TASKS = {"image classification", "video classification"}


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


@pytest.mark.parametrize("name", sorted(standard_names()))
def test_each_standard_block_has_an_example_that_elaborates(name: str, tmp_path: Path) -> None:
    block = standard_block(name)
    assert block.about and block.example is not None
    example = yaml.safe_load(str(block.example.value))
    shape = EXAMPLE_INPUTS.get(name, [64, 56, 56])
    spec = {"archspec": 1, "name": "example", "input": shape, "graph": {"node": example}}
    path = tmp_path / "example.yaml"
    path.write_text(yaml.safe_dump(spec))
    assert archspec.read(path).warnings == ()
