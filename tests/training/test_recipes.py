"""The bundled recipes, run from end to end on small real data."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
import torchvision
from safetensors.torch import load_file

import archspec
from archspec.training.cookbook import recipes

from .conftest import Run
from .digits import write_folders


def test_lenet_learns_handwritten_digits(run: Run, mnist: Path) -> None:
    """Trained on 4,000 digits, the 1,000 held out are told apart."""
    done = run("train", "lenet_mnist", "--data", mnist, "--set", "data.validation=test", "--set", "epochs=6")
    assert (done.code, done.err) == (0, "")
    record = json.loads(Path("runs/lenet_mnist/run.json").read_text())
    assert record["data"]["items"]["train"] == 4000
    assert record["results"]["test"]["items"] == 1000
    assert record["results"]["test"]["accuracy"] >= 0.97


BUILDERS = {
    "alexnet_two_class": "alexnet",
    "vgg_two_class": "vgg16",
    "googlenet_two_class": "googlenet",
    "inception_v3_two_class": "inception_v3",
    "resnet_two_class": "resnet50",
    "densenet_two_class": "densenet121",
    "efficientnet_two_class": "efficientnet_b0",
}
"""The recipes that fine-tune, and torchvision's builders of the weights that they start from."""
QUICK = ["phases.head.epochs=1", "phases.all.epochs=1", "data.batch_size=3", "data.workers=0", "data.validation=0.25"]
QUICK += ["checkpoint.minutes=60", "keep=last", "optimizer.momentum=0", "phases.head.optimizer.momentum=0"]


def test_every_recipe_is_tested() -> None:
    assert set(recipes()) == {"lenet_mnist", *BUILDERS}


@pytest.mark.parametrize("recipe", BUILDERS)
def test_a_recipe_fine_tunes_from_a_file_of_torchvisions(recipe: str, run: Run, place: Path) -> None:
    write_folders(place / "photos", each=4, mode="RGB")
    torch.manual_seed(0)
    extra = {"init_weights": False} if BUILDERS[recipe] in ("googlenet", "inception_v3") else {}
    peer = getattr(torchvision.models, BUILDERS[recipe])(**extra)
    torch.save(peer.state_dict(), "start.pt")
    del peer
    settings = [word for text in [*QUICK, "weights=start.pt"] for word in ("--set", text)]
    done = run("train", recipe, "--data", "photos", *settings)
    assert (done.code, done.err) == (0, "")
    folder = Path("runs") / recipe
    record = json.loads((folder / "run.json").read_text())
    before, after = torch.load("start.pt", mmap=True), load_file(folder / "weights.safetensors")
    fresh = set(record["weights"]["fresh"])
    assert {name.rpartition(".")[0] for name in fresh} == HEADS[recipe]
    assert set(record["weights"]["loaded"]) | fresh == set(after) == set(before)
    assert archspec.load(folder).state_dict().keys() == after.keys()
    assert record["status"] == "finished"
    shutil.rmtree(folder)


HEADS = {
    "alexnet_two_class": {"classifier.6"},
    "vgg_two_class": {"classifier.6"},
    "googlenet_two_class": {"fc", "aux1.fc2", "aux2.fc2"},
    "inception_v3_two_class": {"fc", "AuxLogits.fc"},
    "resnet_two_class": {"fc"},
    "densenet_two_class": {"classifier"},
    "efficientnet_two_class": {"classifier.1"},
}
