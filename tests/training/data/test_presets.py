"""The pre-processing that belongs to torchvision's weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from torchvision import models
from torchvision.transforms.v2 import functional

import archspec
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.training.data import eval_pipeline, held_against, read_image
from tests.training.data.recipes import opened, settings
from tests.training.digits import write_clips, write_folders


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Images of no common size."""
    root = write_folders(tmp_path_factory.mktemp("photos"), each=4, mode="RGB")
    for number, file in enumerate(sorted(root.rglob("*.png"))):
        Image.open(file).resize((300 + 10 * number, 280)).save(file)
    return root


def graph_of(name: str) -> Graph:
    return archspec.read(name, num_classes=2).graph


def text(photos: Path, more: str = "") -> str:
    return f"image_folder: {photos}\nbatch_size: 2\nvalidation: 0.5\nworkers: 0\n{more}"


@pytest.mark.parametrize(
    ("name", "weights", "expected"),
    [
        ("resnet50", "IMAGENET1K_V1", models.ResNet50_Weights.IMAGENET1K_V1),
        ("resnet50", "DEFAULT", models.ResNet50_Weights.IMAGENET1K_V2),
        ("inception_v3", "DEFAULT", models.Inception_V3_Weights.IMAGENET1K_V1),
        ("efficientnet_b0", "EfficientNet_B0_Weights.IMAGENET1K_V1", models.EfficientNet_B0_Weights.IMAGENET1K_V1),
    ],
)
def test_weights_bring_their_own(photos: Path, name: str, weights: str, expected: models.WeightsEnum) -> None:
    graph = graph_of(name)
    data = opened(text(photos), graph, preset=weights)
    assert held_against(data, graph) == []
    part = data.parts["validation"]
    file = part.items.files[part.chosen[0]]
    own = expected.transforms()(functional.to_image(Image.open(file)))
    assert torch.equal(part[0][0][0], own)
    alone = eval_pipeline(data.settings, graph, weights)(read_image(file, 3))
    assert torch.equal(alone, own)


@pytest.mark.parametrize(("name", "size"), [("inception_v3", 299), ("efficientnet_b2", 260), ("resnet18", 224)])
def test_without_weights_the_size_is_the_specs(photos: Path, name: str, size: int) -> None:
    graph = graph_of(name)
    data = opened(text(photos), graph)
    assert held_against(data, graph) == []
    assert data.parts["train"][0][0][0].shape == (3, size, size)


def test_a_preset_stands_among_other_steps(photos: Path) -> None:
    more = "transforms: {train: [{random_horizontal_flip: 1.0}, preset], preset: IMAGENET1K_V1}"
    data = opened(text(photos, more), graph_of("resnet18"))
    part = data.parts["train"]
    image = read_image(part.items.files[part.chosen[0]], 3)
    own = models.ResNet18_Weights.IMAGENET1K_V1.transforms()(functional.horizontal_flip(image))
    assert torch.equal(part[0][0][0], own)
    assert data.parts["train"].pipeline.texts[1].startswith("ImageClassification( crop_size=[224]")


def test_clips_have_theirs(tmp_path: Path) -> None:
    root = write_clips(tmp_path / "clips", each=2, frames=16)
    graph = graph_of("r3d_18")
    data = opened(f"clips: {root}\nbatch_size: 2\nvalidation: 0.5\nworkers: 0", graph, preset="DEFAULT")
    assert held_against(data, graph) == []
    part = data.parts["validation"]
    frames = torch.stack([read_image(file, 3) for file in part.items.frames[part.chosen[0]]])
    own = models.video.R3D_18_Weights.DEFAULT.transforms()(frames)
    assert torch.equal(part[0][0][0], own)


@pytest.mark.parametrize(
    ("preset", "name", "message", "help_"),
    [
        (
            "IMAGENET1K_V2",
            "resnet18",
            "torchvision's `resnet18` has no weights `IMAGENET1K_V2`",
            "did you mean `IMAGENET1K_V1`?",
        ),
        (
            "DEFAULT",
            "lenet",
            "torchvision has no weights for `lenet`",
            "name the weights' own class too, such as `ResNet50_Weights.IMAGENET1K_V1`",
        ),
        ("ResNet19_Weights.DEFAULT", "resnet18", "torchvision has no weights `ResNet19_Weights.DEFAULT`", None),
    ],
)
def test_a_name_that_there_is_not(photos: Path, preset: str, name: str, message: str, help_: str | None) -> None:
    with pytest.raises(SpecError) as caught:
        opened(text(photos, f"transforms: {{preset: {preset}}}"), graph_of(name))
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message, problem.help) == ("unknown-preset", message, help_)


def test_a_preset_is_a_word() -> None:
    assert settings("mnist:\ntransforms: {preset: DEFAULT}").transforms.preset == "DEFAULT"
