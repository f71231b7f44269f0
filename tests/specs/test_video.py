"""Networks for video: what they give for clips of any length, and that they learn where a digit moves to."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.api import zoo

from .learning import clips, learn

SMALL = {"resolution": 32, "backbone": "lenet", "features": ["act6"], "hidden_size": 32, "num_classes": 4}
WINDOWED = {"maxvit_t"}
"""They put windows back together by the number of examples, which frames folded into the batch are not."""
BACKBONES = sorted(
    name for name, document in zoo.variants() if "C5" in document.taps and "cifar" not in name and name not in WINDOWED
)


def loss_of(module: nn.Module) -> Any:
    return lambda x, label: nn.functional.cross_entropy(module(x), label)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_any_classifier_sees_the_frames(backbone: str) -> None:
    resolution = 299 if backbone == "inception_v3" else 224
    network = archspec.read("cnn_lstm", backbone=backbone, resolution=resolution, num_classes=7)
    assert network.graph.root.shapes == ((7,),)
    frames = network.graph.nodes["frames"]
    assert str(frames.shapes[0][0]) == "T" and len(frames.shapes[0]) == 2


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("settings", [{}, {"recurrent": "gru", "num_layers": 2, "bidirectional": True}])
def test_each_frame_goes_through_the_backbone_alone(steps: int, settings: dict[str, Any]) -> None:
    module = archspec.load("cnn_lstm", **SMALL, **settings).eval()
    video = torch.rand(2, steps, 3, 32, 32)
    with torch.no_grad():
        layer = module.frames.layer
        expected = torch.stack([layer(video[:, step]) for step in range(steps)], dim=1)
        torch.testing.assert_close(module.frames(video), expected)
        sequence = module.recurrent(expected)[0]
        assert sequence.shape == (2, steps, 64 if settings else 32)
        torch.testing.assert_close(module(video), module.fc(sequence).mean(dim=1))


def test_the_last_frames_scores_may_count_alone() -> None:
    module = archspec.load("cnn_lstm", **SMALL, average=False).eval()
    video = torch.rand(2, 4, 3, 32, 32)
    with torch.no_grad():
        sequence = module.recurrent(module.frames(video))[0]
        torch.testing.assert_close(module(video), module.fc(sequence[:, -1]))


def test_lrcn_is_alexnet_to_its_first_linear_layer_and_an_lstm() -> None:
    graph = archspec.read("lrcn").graph
    assert graph.nodes["frames.layer.backbone"].counts.params == 2_334_080 + 37_752_832
    assert graph.nodes["recurrent"].op.hidden_size == 256
    assert str(graph.nodes["frames"].shapes[0]) == "(T, 4096)"


def test_cnn_lstm_learns_directions() -> None:
    torch.manual_seed(0)
    module = archspec.load("cnn_lstm", **SMALL, dropout=0.0)
    losses = learn(module, clips(192), loss_of(module), steps=60, size=32, lr=5e-3)
    assert sum(losses[-6:]) < 0.5 * sum(losses[:6])
    x, labels = clips(40, seed=1)
    with torch.no_grad():
        assert (module.eval()(x).argmax(1) == labels).float().mean() > 0.5


@pytest.mark.parametrize("variant", ["r3d_18", "mc3_18", "r2plus1d_18"])
def test_video_resnets_learn_directions(variant: str) -> None:
    torch.manual_seed(0)
    module = archspec.load(variant, num_classes=4)
    x, labels = clips(4)
    losses = learn(module, (x.transpose(1, 2), labels), loss_of(module), steps=3, size=4, lr=1e-4)
    assert losses[-1] < 0.7 * losses[0]


def test_the_clips_move_as_their_labels_say() -> None:
    video, labels = clips(40)
    assert video.shape == (40, 4, 3, 32, 32) and sorted(set(labels.tolist())) == [0, 1, 2, 3]
    moved = centres(video)[:, -1] - centres(video)[:, 0]
    assert torch.equal(direction(moved), labels)


def centres(video: Tensor) -> Tensor:
    """Where the digit stands in each frame: `[N, T, 2]`, down and right."""
    weight = video[:, :, 0] / video[:, :, 0].sum(dim=(2, 3), keepdim=True)
    places = torch.arange(video.shape[-1]).float()
    return torch.stack([(weight.sum(3) * places).sum(2), (weight.sum(2) * places).sum(2)], dim=2)


def direction(moved: Tensor) -> Tensor:
    """The number of the direction of each movement `[N, 2]`."""
    down, right = moved.unbind(1)
    return torch.where(right.abs() > down.abs(), (right < 0).long(), 2 + (down < 0).long())
