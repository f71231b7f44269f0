"""The capsule network: its sizes as the paper's figures have them, and that it learns digits."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.training.losses import margin_loss

from .learning import images, learn

SMALL = {"width": 32, "types": 4}


@pytest.mark.parametrize(
    ("address", "shape", "params"),
    [
        ("conv1", (256, 20, 20), 20_992),
        ("primary.conv", (256, 6, 6), 5_308_672),
        ("primary", (1152, 8), 5_308_672),
        ("digits", (10, 16), 1_474_560),
        ("length", (10,), 0),
        ("decoder.fc1", (512,), 82_432),
        ("decoder.fc2", (1024,), 525_312),
        ("decoder.fc3", (784,), 803_600),
        ("decoder", (1, 28, 28), 1_411_344),
    ],
)
def test_each_layer_is_of_the_papers_size(address: str, shape: tuple[int, ...], params: int) -> None:
    node = archspec.read("capsnet").graph.nodes[address]
    assert (node.shapes[0], node.counts.params) == (shape, params)


def test_a_primary_capsule_is_one_types_channels_at_one_place() -> None:
    primary = archspec.load("capsnet", **SMALL).primary
    maps = torch.randn(2, 32, 20, 20)
    capsules = primary(maps)
    channels = primary.conv(maps).view(2, 4, 8, 6, 6)
    expected = channels[:, 3, :, 2, 5]
    place = 3 * 36 + 2 * 6 + 5
    assert capsules.shape == (2, 4 * 36, 8)
    direction = nn.functional.cosine_similarity(capsules[:, place], expected)
    torch.testing.assert_close(direction, torch.ones(2))


def test_the_labelled_capsule_is_drawn_in_training_and_the_longest_otherwise() -> None:
    module = archspec.load("capsnet", **SMALL)
    x = torch.rand(3, 1, 28, 28)
    longest = module(x).scores.argmax(1)
    other = (longest + 1) % 10
    free = module(x).reconstruction
    assert torch.equal(module(x, longest).reconstruction, free)
    assert not torch.equal(module(x, other).reconstruction, free)
    assert torch.equal(module.eval()(x, other).reconstruction, free)


def test_it_learns_digits() -> None:
    torch.manual_seed(0)
    module = archspec.load("capsnet", **SMALL)
    train, (x, labels) = images(60), images(20, skip=400)

    def both(image: Tensor, label: Tensor) -> Tensor:
        """The margin loss, and the scaled-down sum of squared differences (section 4.1)."""
        output = module(image, label)
        drawn = (output.reconstruction - image).square().sum(dim=(1, 2, 3)).mean()
        return margin_loss(output.scores, label) + 0.0005 * drawn

    before = accuracy(module, x, labels)
    losses = learn(module, train, both, steps=36, size=50, lr=2e-3)
    assert sum(losses[-6:]) < 0.5 * sum(losses[:6])
    assert before < 0.3 and accuracy(module, x, labels) > 0.7


@torch.no_grad()
def accuracy(module: nn.Module, x: Tensor, labels: Tensor) -> float:
    """How often the longest capsule is the label's."""
    return (module.eval()(x).scores.argmax(1) == labels).float().mean().item()
