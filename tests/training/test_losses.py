"""Losses: of papers, weighed by class, and held against an input of the network."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from archspec.cli.settings import parse_settings
from archspec.training.losses import losses, margin_loss, weighs_classes
from archspec.training.metrics import Aim
from archspec.training.run import train
from archspec.training.run.learner import Learner
from archspec.training.run.loss_module import total
from archspec.training.run.metrics_log import History

from .conftest import NET, RECIPE, Run
from .digits import write_folders
from .test_resuming import options


def learner_of(name: str, settings: list[str]) -> Learner:
    prepared = train.prepare(name, parse_settings(settings, dotted=True), None, None, train.Listener())
    return Learner(prepared.recipe, prepared.model, Aim(2), History(), prepared.data.class_weights)


def test_rarer_classes_weigh_more_in_training_alone(place: Path) -> None:
    write_folders(place / "digits", classes=(7,), each=56, mode="RGB")
    learner = learner_of("small.yaml", ["data.class_weights=true", "data.validation=0.25"])
    # three of four of the 24 threes and 56 sevens: 42 and 18, the first class in the alphabet being the sevens
    assert learner.class_weights is not None
    assert learner.class_weights.tolist() == pytest.approx([30 / 42, 30 / 18])
    outputs, targets = learner.named_outputs((torch.randn(6, 3, 12, 12),)), torch.tensor([0, 0, 0, 0, 1, 1])
    cross_entropy = torch.nn.functional.cross_entropy

    def expected(weight: torch.Tensor | None) -> torch.Tensor | int:
        return sum(
            factor * cross_entropy(outputs[name], targets, weight=weight)
            for name, factor in {"logits": 1, "early": 0.3}.items()
        )

    torch.testing.assert_close(total(learner.losses(outputs, targets)), expected(learner.class_weights))
    learner.eval()
    torch.testing.assert_close(total(learner.losses(outputs, targets)), expected(None))
    assert "class_weights" not in learner.state_dict()


def test_an_output_is_held_against_an_input(place: Path) -> None:
    """An autoencoder's: `target` names the network's input in place of the data's classes."""
    drawn = NET.replace("  body:", "  drawn: {conv: 3, kernel_size: 1, from: input}\n  body:")
    (place / "net.yaml").write_text(drawn.replace("early: side}", "early: side, image: drawn}"))
    by_output = "losses: {logits: cross_entropy, image: {l1_loss: , target: input}}\n"
    text = RECIPE.replace("loss: cross_entropy\n", by_output).replace("early: 0.3", "image: 0.5")
    (place / "small.yaml").write_text(text)
    learner = learner_of("small.yaml", [])
    images, targets = torch.randn(4, 3, 12, 12), torch.tensor([0, 1, 1, 0])
    outputs = learner.named_outputs((images,))
    found = learner.losses(outputs, targets, (images,))
    torch.testing.assert_close(found["image"], 0.5 * (outputs["image"] - images).abs().mean())
    torch.testing.assert_close(found["logits"], torch.nn.functional.cross_entropy(outputs["logits"], targets))


def test_the_margin_loss_is_that_of_the_paper() -> None:
    lengths = torch.tensor([[0.95, 0.3, 0.05], [0.5, 0.9, 0.1]])
    first, second = 0.5 * (0.3 - 0.1) ** 2, (0.9 - 0.5) ** 2 + 0.5 * (0.9 - 0.1) ** 2
    targets = torch.tensor([0, 0])
    assert margin_loss(lengths, targets).item() == pytest.approx((first + second) / 2)
    targets = torch.tensor([0, 1])
    third = 0.5 * (0.5 - 0.1) ** 2
    weighed = margin_loss(lengths, targets, weight=torch.tensor([1.0, 3.0, 1.0]))
    assert weighed.item() == pytest.approx((first + 3 * third) / 4)


@pytest.mark.parametrize("loss", [name for name in losses() if weighs_classes(name)])
def test_what_weighs_classes_takes_a_weight_for_each(loss: str) -> None:
    """Three of a class that counts for nothing do not change the mean over the other one."""
    outputs, targets = torch.randn(5, 4).softmax(1), torch.tensor([0, 0, 0, 1, 2])
    call, weight = losses()[loss].make, torch.tensor([0.0, 2.0, 2.0, 1.0])
    weighed = call(outputs, targets, weight=weight)
    assert weighed.isfinite()
    others = outputs.clone()
    others[:3] = torch.randn(3, 4).softmax(1)
    torch.testing.assert_close(call(others, targets, weight=weight), weighed)


@pytest.mark.parametrize("setting", ["channels_last=true", "compile=true"])
def test_another_layout_and_a_compiled_module_train_alike(
    setting: str, run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compiled without a C++ compiler, which the tests may not have; weights and keys are those of the plain run."""
    assert run("train", "small.yaml", "--out", "plain").code == 0
    compiled, layouts = [], []
    real_compile, real_step = torch.nn.Module.compile, Learner.training_step

    def compile(self: torch.nn.Module) -> None:
        compiled.append(self)
        real_compile(self, backend="eager")

    def step(self: Learner, *batch: object) -> torch.Tensor:
        weight = self.network.get_parameter("stem.0.weight")
        layouts.append(weight.is_contiguous(memory_format=torch.channels_last))
        return real_step(self, *batch)  # type: ignore[arg-type]

    monkeypatch.setattr(torch.nn.Module, "compile", compile)
    monkeypatch.setattr(Learner, "training_step", step)
    assert run("train", "small.yaml", "--out", "other", *options([setting])).code == 0
    assert bool(compiled) == (setting == "compile=true")
    assert all(layouts) == (setting == "channels_last=true")
    plain, other = (load_file(Path(name, "weights.safetensors")) for name in ("plain", "other"))
    assert plain.keys() == other.keys()
    for name in plain:
        torch.testing.assert_close(other[name], plain[name], rtol=1e-3, atol=1e-5)
