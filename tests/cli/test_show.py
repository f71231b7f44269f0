"""`archspec show`, and `archspec new --from`."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.api import zoo
from archspec.elaborate.symbol_table import standard_block
from tests.cli.conftest import Run


@pytest.mark.parametrize("name", ["lenet", "resnet18", "efficientnet_b7"])
def test_an_architecture_is_shown_by_the_page_that_it_is_on(run: Run, name: str) -> None:
    found = zoo.find(name)
    assert found is not None
    assert run("show", name).out == found[0].source.text


def test_a_recipe_and_a_block_are_shown_too(run: Run) -> None:
    assert run("show", "lenet_mnist").out == (zoo.folder() / "recipes" / "lenet_mnist.yaml").read_text("utf-8")
    assert run("show", "bottleneck").out == standard_block("bottleneck").source.text


def test_what_there_is_not_is_answered_with_what_is_near(run: Run) -> None:
    outcome = run("show", "resnet81")
    assert outcome.code == 1 and "did you mean `resnet18`?" in outcome.err


@pytest.mark.parametrize("name", ["lenet", "lenet_1998", "resnet18", "vgg16", "mobilenet_v2", "vit_b_16"])
def test_a_copy_is_the_same_network_under_its_own_name(run: Run, tmp_path: Path, name: str) -> None:
    outcome = run("new", "my_net", "--from", name)
    assert (outcome.code, outcome.out) == (0, "wrote my_net.yaml; next: archspec check my_net.yaml\n")
    copy, first = archspec.read(tmp_path / "my_net.yaml"), archspec.read(name)
    assert copy.document.name == "my_net" and copy.graph.fingerprint == first.graph.fingerprint
    assert run("check", "my_net.yaml").code == 0


@pytest.mark.parametrize("name", ["lenet_mnist", "bottleneck", "mbconv"])
def test_recipes_and_blocks_can_be_begun_with(run: Run, tmp_path: Path, name: str) -> None:
    assert run("new", "my_own", "--from", name).code == 0
    text = (tmp_path / "my_own.yaml").read_text("utf-8")
    assert "name: my_own\n" in text or "block: my_own\n" in text
    assert run("check", "my_own.yaml").code == 0


def test_a_page_that_there_is_not_leaves_nothing(run: Run, tmp_path: Path) -> None:
    assert run("new", "my_net", "--from", "resnet81").code == 1
    assert list(tmp_path.iterdir()) == []
