"""The built detectors against torchvision's: names, detections and losses, equal bit for bit."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archspec.api import zoo

from .detectors import DETECTORS, SIZES, images, pair, targets
from .test_modules import layout

EVERY = pytest.mark.parametrize("variant", DETECTORS)
FREEZABLE = {name: "frozen" in zoo.open_spec(name)[0].params for name in DETECTORS}


@pytest.mark.parametrize(
    ("variant", "frozen"), [(name, frozen) for name, can in FREEZABLE.items() for frozen in (False, True)[: 1 + can]]
)
def test_detections_are_the_same(variant: str, frozen: bool) -> None:
    ours, theirs = pair(variant, frozen)
    assert layout(ours) == layout(theirs)
    with torch.inference_mode():
        mine, wanted = ours.eval()(images()), theirs.eval()(images())
    assert len(mine) == len(SIZES)
    for one, other in zip(mine, wanted):
        assert len(other["boxes"])
        assert_same(one, other)


@EVERY
def test_losses_and_gradients_are_the_same(variant: str) -> None:
    ours, theirs = pair(variant)
    mine, wanted = (step(module) for module in (ours, theirs))
    assert all(loss.isfinite() and loss for loss in wanted.values())
    assert_same(mine, wanted)
    assert_same(gradients(ours), gradients(theirs))


def step(module: nn.Module) -> dict[str, Tensor]:
    torch.manual_seed(3)
    losses: dict[str, Tensor] = module.train()(images(), targets())
    torch.stack(list(losses.values())).sum().backward()
    return losses


def gradients(module: nn.Module) -> dict[str, Tensor]:
    return {name: each.grad for name, each in module.named_parameters() if each.grad is not None}


def assert_same(mine: dict[str, Tensor], wanted: dict[str, Tensor]) -> None:
    assert list(mine) == list(wanted)
    for name, each in wanted.items():
        assert torch.equal(mine[name], each), name
