"""A block's file is checked and drawn by its example, and a recipe is checked; other commands say what a file is."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archspec.api import zoo
from archspec.elaborate import symbol_table
from archspec.elaborate.symbol_table import standard_names

from .conftest import NET, Run

BLOCKS = Path(symbol_table.__file__).parents[1] / "blocks"
UNIT = "block: unit\nparams: {width: int}\ngraph: [{conv: width, kernel_size: 3}, relu]\n"
RECIPE = (
    "recipe: 1\nmodel: net.yaml\ndata: {image_folder: photos}\nloss: cross_entropy\nepochs: 1\noptimizer: {sgd: 0.1}\n"
)
INSIDE_OTHERS = {"region_proposal_network", "correlation_lookup"}
"""Blocks that take what only a detector's transform, or only a correlation, gives."""


@pytest.mark.parametrize("name", sorted(standard_names() - INSIDE_OTHERS))
def test_a_standard_block_is_a_file_like_any(run: Run, tmp_path: Path, name: str) -> None:
    shutil.copy(BLOCKS / f"{name}.yaml", tmp_path)
    outcome = run("check", f"{name}.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert name in outcome.out


@pytest.mark.parametrize("command", ["check", "summary", "draw"])
@pytest.mark.parametrize("example", ['example: "{unit: 8}"', "example: {unit: 8}"])
def test_a_block_goes_by_its_example(run: Run, tmp_path: Path, command: str, example: str) -> None:
    (tmp_path / "unit.yaml").write_text(f"{UNIT}{example}\nexample_input: [3, 9, 9]\n")
    outcome = run(command, "unit.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    if command != "draw":
        assert "224" in outcome.out


def test_a_block_without_an_example_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "unit.yaml").write_text(UNIT)
    outcome = run("draw", "unit.yaml")
    assert outcome.code == 1
    assert "error[missing-key]: block `unit` has no `example`" in outcome.err
    assert '= help: add `example: "{unit: …}"`' in outcome.err


def test_a_fault_in_a_block_is_told_in_its_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "unit.yaml").write_text(UNIT.replace("relu", "rleu") + 'example: "{unit: 8}"\n')
    outcome = run("check", "unit.yaml")
    assert outcome.code == 1
    assert "error[unknown-op]: there is no op or block `rleu`\n  --> unit.yaml:3:40" in outcome.err


def test_a_recipe_is_checked_with_its_network(run: Run, net: Path) -> None:
    Path("recipe.yaml").write_text(RECIPE)
    outcome = run("check", "recipe.yaml")
    assert (outcome.code, outcome.err) == (0, "")
    assert "402 params" in outcome.out


def test_a_fault_of_a_recipe_or_of_its_network_is_told(run: Run, tmp_path: Path) -> None:
    Path("recipe.yaml").write_text(RECIPE.replace("epochs", "epoch"))
    Path("net.yaml").write_text(NET.replace("kernel_size", "kernal_size"))
    assert "error[unknown-key]: a recipe has no key `epoch`" in run("check", "recipe.yaml").err
    Path("recipe.yaml").write_text(RECIPE)
    assert "error[unknown-field]: `conv` has no field `kernal_size`" in run("check", "recipe.yaml").err


@pytest.mark.parametrize("command", ["summary", "draw", "build", "plot", "diff"])
@pytest.mark.parametrize("name", ["recipe.yaml", "lenet_mnist"])
def test_a_recipe_where_a_spec_is_needed(run: Run, tmp_path: Path, command: str, name: str) -> None:
    Path("recipe.yaml").write_text(RECIPE)
    outcome = run(command, name)
    assert outcome.code == 1
    assert f"error[unknown-spec]: `{name}` is a recipe, and a spec is needed" in outcome.err


@pytest.mark.parametrize("command", ["check", "summary", "draw", "build"])
def test_the_name_of_a_page_without_variants_is_that_of_its_variant(run: Run, tmp_path: Path, command: str) -> None:
    Path("net.yaml").write_text("archspec: 1\nname: net\ninput: [3]\ngraph: [relu]\n")
    outcome = run(command, "net.yaml", "--variant", "net")
    assert (outcome.code, outcome.err) == (0, "")


def test_every_bundled_recipe_is_fine(run: Run) -> None:
    names = [path.stem for path in (zoo.folder() / "recipes").glob("*.yaml")]
    assert run("check", *names).code == 0
