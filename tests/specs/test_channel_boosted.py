"""Boosted channels: an autoencoder is trained, its encoder taken over and kept, and a classifier learns from both."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import archspec

from .learning import Batch, images, learn

SMALL = {"channels": 1, "resolution": 32, "widths": [8, 16], "boosted": 4}
CLASSIFIER = {**SMALL, "classifier": "lenet", "num_classes": 10}


def trained_autoencoder(batch: Batch) -> tuple[nn.Module, list[float]]:
    """An autoencoder after some steps on digits, and its losses."""
    torch.manual_seed(0)
    module = archspec.load("channel_boosted_autoencoder", **SMALL)
    return module, learn(module, batch, lambda x, _: nn.functional.mse_loss(module(x), x), steps=40, size=50, lr=5e-3)


def test_the_two_stages(tmp_path: Path) -> None:
    batch, (x, labels) = images(60, padding=2), images(20, skip=400, padding=2)
    autoencoder, losses = trained_autoencoder(batch)
    assert sum(losses[-5:]) < 0.4 * sum(losses[:5])

    torch.save(autoencoder.state_dict(), tmp_path / "autoencoder.pt")
    module = archspec.load("channel_boosted", weights=tmp_path / "autoencoder.pt", **CLASSIFIER)
    taken = {name: tensor.clone() for name, tensor in module.encoder.state_dict().items()}
    assert all(torch.equal(tensor, autoencoder.encoder.state_dict()[name]) for name, tensor in taken.items())

    losses = learn(module, batch, lambda x, y: nn.functional.cross_entropy(module(x), y), steps=60, size=50, lr=4e-3)
    assert sum(losses[-5:]) < 0.5 * sum(losses[:5])
    assert all(torch.equal(tensor, taken[name]) for name, tensor in module.encoder.state_dict().items())
    with torch.no_grad():
        assert (module.eval()(x).argmax(1) == labels).float().mean() > 0.6


def test_the_classifier_sees_the_image_and_the_added_channels() -> None:
    module = archspec.load("channel_boosted", **CLASSIFIER).eval()
    seen: list[torch.Tensor] = []
    module.classifier.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    x = torch.rand(2, 1, 32, 32)
    module(x)
    added = nn.functional.interpolate(module.encoder(x), size=32, mode="bilinear")
    assert torch.equal(seen[0], torch.cat([x, added], dim=1))


@pytest.mark.parametrize("frozen", [True, False])
def test_what_is_frozen_counts_as_frozen(frozen: bool) -> None:
    graph = archspec.read("channel_boosted", frozen=frozen).graph
    encoder = graph.nodes["encoder"].counts
    assert encoder.params == 28_624
    assert graph.counts.params - graph.counts.trainable == (28_624 if frozen else 0)
    module = archspec.load("channel_boosted", frozen=frozen, device="meta")
    assert {name.split(".")[0] for name, each in module.named_parameters() if not each.requires_grad} == (
        {"encoder"} if frozen else set()
    )


@pytest.mark.parametrize("classifier", ["mobilenet_v2", "densenet121", "googlenet"])
def test_any_classifier_takes_the_boosted_image(classifier: str) -> None:
    network = archspec.read("channel_boosted", classifier=classifier, num_classes=7)
    assert network.graph.root.shapes == ((7,),)
    assert network.graph.nodes["classifier"].input_shapes[0] == (19, 224, 224)


def test_a_resolution_that_the_decoder_cannot_reach_is_told() -> None:
    with pytest.raises(archspec.SpecError, match="expected: 1×30×30"):
        archspec.read("channel_boosted_autoencoder", channels=1, resolution=30)
