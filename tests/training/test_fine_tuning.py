"""Weights to start from, frozen parts, phases, learning rates by address, losses by output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import archspec
from archspec.language.source import Source
from archspec.training.recipe.recipe import Recipe, parse_recipe
from archspec.training.run.network import Model, build_model, open_architecture
from archspec.training.run.optimizers import make_optimizer, set_training

from .conftest import RECIPE, Run

STARTED = RECIPE.replace("seed: 1", "seed: 1\nweights: start.safetensors")
TWO_PHASES = STARTED.replace(
    "epochs: 2\n", "phases:\n  head: {epochs: 1, train: [head, side]}\n  all: {epochs: 2, freeze: [stem]}\n"
)


@pytest.fixture
def before(place: Path) -> dict[str, Tensor]:
    """Weights of the net for ten classes, in a file."""
    torch.manual_seed(7)
    state = archspec.load(place / "net.yaml").state_dict()
    state = {name: tensor + 1 if tensor.dtype == torch.long else tensor + 0.01 for name, tensor in state.items()}
    save_file(state, place / "start.safetensors")
    return state


def written(place: Path, text: str) -> str:
    (place / "small.yaml").write_text(text)
    return "small.yaml"


def opened(place: Path, text: str) -> tuple[Recipe, Model]:
    recipe = parse_recipe(Source("small.yaml", text, place / "small.yaml"))
    return recipe, build_model(recipe, open_architecture(recipe), None)


def moved(before: dict[str, Tensor], run: Path) -> set[str]:
    after = load_file(run / "weights.safetensors")
    return {name for name, tensor in before.items() if not torch.equal(after[name], tensor)}


def inside(state: dict[str, Tensor], *parts: str) -> set[str]:
    return {name for name in state if name.startswith(tuple(f"{part}." for part in parts))}


def test_frozen_parts_do_not_move_statistics_included(run: Run, place: Path, before: dict[str, Tensor]) -> None:
    assert run("train", written(place, TWO_PHASES)).code == 0
    stem = inside(before, "stem")
    assert {"stem.1.running_mean", "stem.1.running_var", "stem.1.num_batches_tracked"} < stem
    assert moved(before, place / "runs/small") == set(before) - stem


def test_what_does_not_train_is_frozen(run: Run, place: Path, before: dict[str, Tensor]) -> None:
    assert run("train", written(place, STARTED + "train: [head, side]\n")).code == 0
    assert moved(before, place / "runs/small") == inside(before, "head", "side")


def test_what_was_loaded_and_what_starts_fresh_is_said(run: Run, place: Path, before: dict[str, Tensor]) -> None:
    done = run("train", written(place, TWO_PHASES))
    fresh = ["side.2.weight", "side.2.bias", "head.weight", "head.bias"]
    assert done.out.splitlines()[:6] == [
        "small: Net, 702 parameters",
        "  data     image_folder: 36 to train on, 12 to validate with; 2 classes",
        f"  weights  12 tensors loaded; left as initialised: {', '.join(fresh)}",
        "  phase    head: 1 epoch, 80 parameters train",
        "  phase    all: 2 epochs, 528 parameters train",
        "  run      runs/small",
    ]
    assert json.loads((place / "runs/small/run.json").read_text())["weights"]["fresh"] == fresh


def test_phases_follow_one_another(run: Run, place: Path, before: dict[str, Tensor]) -> None:
    run("train", written(place, TWO_PHASES.replace("{epochs: 1, ", "{epochs: 1, optimizer: {adam: 0.01}, ")))
    rows = [line.split(",")[:3] for line in (place / "runs/small/metrics.csv").read_text().splitlines()]
    header = ["epoch", "phase", "learning_rate"]
    assert rows == [header, ["1", "head", "0.01"], ["2", "all", "0.05"], ["3", "all", "0.05"]]


def test_learning_rates_by_address(place: Path) -> None:
    text = (
        RECIPE + 'param_groups: {"*.bias": {weight_decay: 0}, stem: {lr: 0.001}, "body.1": {lr: 0.002, momentum: 0}}\n'
    )
    recipe, model = opened(place, text.replace("momentum: 0.9", "momentum: 0.9, weight_decay: 0.1"))
    optimizer = make_optimizer(model.module, recipe.phases[0])
    found = {
        name: (group["lr"], group["momentum"], group["weight_decay"])
        for group in optimizer.param_groups
        for name in group["param_names"]
    }
    assert set(found) == {name for name, _ in model.module.named_parameters()}
    assert found["stem.0.weight"] == (0.001, 0.9, 0.1)
    assert found["stem.1.bias"] == (0.001, 0.9, 0)
    assert found["body.1.weight"] == (0.002, 0, 0.1)
    assert found["head.weight"] == (0.05, 0.9, 0.1)
    assert found["head.bias"] == (0.05, 0.9, 0)


def test_frozen_modules_are_held_and_dropout_is_not(place: Path) -> None:
    recipe, model = opened(place, RECIPE + "train: [head]\n")
    set_training(model.module, recipe.phases[0], model.frozen)
    held = {name for name, module in model.module.named_modules() if not module.training}
    assert held == {"stem.0", "stem.1", "side.2", "body.0", "body.1"}


def test_a_part_that_the_spec_freezes_never_trains(place: Path) -> None:
    spec = (
        (place / "net.yaml")
        .read_text()
        .replace("head: {linear: num_classes}", "head: {linear: num_classes, freeze: true}")
    )
    (place / "net.yaml").write_text(spec)
    recipe, model = opened(place, RECIPE)
    set_training(model.module, recipe.phases[0], model.frozen)
    trained = {name for name, parameter in model.module.named_parameters() if parameter.requires_grad}
    assert trained == {name for name, _ in model.module.named_parameters()} - {"head.weight", "head.bias"}


def test_the_loss_is_the_weighted_sum_over_outputs(place: Path) -> None:
    from archspec.training.metrics import Aim
    from archspec.training.run.learner import Learner
    from archspec.training.run.loss_module import total
    from archspec.training.run.metrics_log import History

    recipe, model = opened(place, RECIPE)
    learner = Learner(recipe, model, Aim(2), History())
    images, targets = torch.randn(4, 3, 12, 12), torch.tensor([0, 1, 1, 0])
    outputs = learner.named_outputs((images,))
    loss = torch.nn.functional.cross_entropy
    expected = loss(outputs["logits"], targets) + 0.3 * loss(outputs["early"], targets)
    assert torch.allclose(total(learner.losses(outputs, targets)), expected)
    learner.network.eval()
    assert set(learner.losses(learner.named_outputs((images,)), targets)) == {"logits"}
