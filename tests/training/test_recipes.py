"""The bundled recipes, run from end to end on small real data."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest
import torch
import torchvision
from PIL import Image
from safetensors.torch import load_file
from torch import nn
from torchvision.transforms.v2 import functional

import archspec
from archspec.api import zoo
from archspec.training.recipe.bundled import recipes

from .conftest import Run
from .data.test_clips import write_video
from .digits import write_clips, write_folders
from .test_resuming import options


def test_lenet_learns_handwritten_digits(run: Run, mnist: Path) -> None:
    """Trained on 4,000 digits, the 1,000 held out are told apart."""
    done = run("train", "lenet_mnist", "--data", mnist, "--set", "data.validation=test", "--set", "epochs=6")
    assert (done.code, done.err) == (0, "")
    record = json.loads(Path("runs/lenet_mnist/run.json").read_text())
    assert record["data"]["items"]["train"] == 4000
    assert record["results"]["test"]["items"] == 1000
    assert record["results"]["test"]["accuracy"] >= 0.97


def test_capsnet_learns_handwritten_digits(run: Run, mnist: Path) -> None:
    """With an eighth of its kernels, from 1,500 digits, seen once."""
    small = ["width=32", "types=4", "data.limit=1500", "data.batch_size=32", "epochs=1", "optimizer.adam=2e-3"]
    done = run("train", "capsnet_mnist", "--data", mnist, *options(small))
    assert (done.code, done.err) == (0, "")
    results = json.loads(Path("runs/capsnet_mnist/run.json").read_text())["results"]
    assert results["test"]["items"] == 1000
    assert results["test"]["accuracy"] > 0.7


def test_a_cnn_and_an_lstm_learn_from_clips(run: Run, place: Path) -> None:
    """Small frames of moving digits, whose class shows in each frame."""
    write_clips(place / "clips", each=10)
    small = ["backbone=mobilenet_v2", "resolution=32", "hidden_size=32", "data.clips.frames=6", "data.batch_size=4"]
    small += ["data.workers=0", "epochs=6", "keep=last", "optimizer.adamw=2e-3"]
    done = run("train", "cnn_lstm_clips", "--data", "clips", *options(small))
    assert (done.code, done.err) == (0, "")
    rows = list(csv.DictReader(Path("runs/cnn_lstm_clips/metrics.csv").read_text().splitlines()))
    assert float(rows[-1]["train_loss"]) < 0.7 * float(rows[0]["train_loss"])
    clip = torch.rand(2, 9, 3, 32, 32)
    assert archspec.load("runs/cnn_lstm_clips").eval()(clip).shape == (2, 2), "any number of frames"
    says_of_clips(run)


def says_of_clips(run: Run) -> None:
    """What a trained network says of folders of frames and of videos, of which six frames are taken evenly."""
    write_video(Path("clips/film.mp4"), 20)
    write_video(Path("clips/short.mp4"), 3)
    done = run(
        "predict", "runs/cnn_lstm_clips", "clips/three", "clips/film.mp4", "clips/short.mp4", "--top", 2, "--json"
    )
    told = json.loads(done.out)
    assert (done.code, [each["message"] for each in told["diagnostics"]]) == (
        1,
        ["`clips/short.mp4` has too few frames"],
    )
    names = [each["clip"] for each in told["predictions"]]
    assert names == [*(f"clips/three/{number}" for number in range(10)), "clips/film.mp4"]
    frames = [Image.open(f"clips/three/4/frame_{number}.png").convert("RGB") for number in (1, 3, 5, 7, 9, 11)]
    clip = torch.stack([functional.to_image(functional.resize(frame, [32, 32])) for frame in frames])[None] / 255
    network = archspec.load("runs/cnn_lstm_clips").eval()
    with torch.inference_mode():
        probable = network(clip).softmax(1)[0]
    guesses = {each["class"]: each["probability"] for each in told["predictions"][4]["classes"]}
    assert guesses == pytest.approx({"seven": float(probable[0]), "three": float(probable[1])}, abs=2e-2)
    lines = run("predict", "runs/cnn_lstm_clips", "clips/three/4").out.splitlines()
    assert lines == [f"clips/three/4  {max(guesses, key=guesses.__getitem__)} {max(guesses.values()):>6.1%}"]
    (nothing := Path("empty")).mkdir()
    assert run("predict", "runs/cnn_lstm_clips", nothing).err.startswith("error[data-missing]: there are no clips in ")


BUILDERS = {
    "alexnet_two_class": "alexnet",
    "vgg_two_class": "vgg11",
    "googlenet_two_class": "googlenet",
    "inception_v3_two_class": "inception_v3",
    "resnet_two_class": "resnet50",
    "densenet_two_class": "densenet121",
    "efficientnet_two_class": "efficientnet_b0",
}
"""The recipes that fine-tune, and torchvision's builders of the weights that they start from."""
QUICK = ["phases.head.epochs=1", "phases.all.epochs=1", "data.batch_size=2", "data.workers=0", "data.validation=0.25"]
QUICK += ["checkpoint.minutes=60", "keep=last", "optimizer.momentum=0", "phases.head.optimizer.momentum=0"]


def test_every_recipe_is_tested() -> None:
    assert set(recipes()) == {"lenet_mnist", "capsnet_mnist", "cnn_lstm_clips", "faster_rcnn_coco", *BUILDERS}


@pytest.mark.parametrize("recipe", BUILDERS)
def test_a_recipe_fine_tunes_from_a_file_of_torchvisions(recipe: str, run: Run, place: Path) -> None:
    write_folders(place / "photos", each=3, mode="RGB")
    torch.manual_seed(0)
    extra = {"init_weights": False} if BUILDERS[recipe] in ("googlenet", "inception_v3") else {}
    peer = getattr(torchvision.models, BUILDERS[recipe])(**extra)
    model = narrowed(peer, recipe.partition("_")[0]) if BUILDERS[recipe] in ("alexnet", "vgg11") else []
    model += ["variant=vgg11"] if BUILDERS[recipe] == "vgg11" else []
    torch.save(peer.state_dict(), "start.pt")
    del peer
    done = run("train", recipe, "--data", "photos", *options([*QUICK, "weights=start.pt", *model]))
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


def narrowed(peer: nn.Module, spec: str) -> list[str]:
    """The classifier's layers of 4,096, which are most of the network, made of 64: in torchvision's and in the spec."""
    for name, layer in enumerate(peer.classifier):  # type: ignore[arg-type]
        if isinstance(layer, nn.Linear):
            sizes = (64 if size == 4096 else size for size in (layer.in_features, layer.out_features))
            peer.classifier[name] = nn.Linear(*sizes)  # type: ignore[operator, assignment]
    text = (zoo.folder() / f"{spec}.yaml").read_text()
    assert "4096" in text
    Path("narrow.yaml").write_text(text.replace("4096", "64"))
    return ["model=narrow.yaml"]


HEADS = {
    "alexnet_two_class": {"classifier.6"},
    "vgg_two_class": {"classifier.6"},
    "googlenet_two_class": {"fc", "aux1.fc2", "aux2.fc2"},
    "inception_v3_two_class": {"fc", "AuxLogits.fc"},
    "resnet_two_class": {"fc"},
    "densenet_two_class": {"classifier"},
    "efficientnet_two_class": {"classifier.1"},
}
