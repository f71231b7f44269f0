"""The start of training against torchvision's: each tensor's distribution, over several seeds."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import pytest
import torch
from torch import Tensor, nn

import archspec

from .reference import FAMILIES, reference

SEEDS = range(3)
SAMPLE = 50_000
"""Elements looked at in each tensor; the largest have a hundred million."""
SIGMAS = 6


@pytest.mark.parametrize("variant", FAMILIES)
def test_each_tensor_starts_as_torchvisions(variant: str) -> None:
    ours = samples(lambda: archspec.load(variant))
    theirs = samples(lambda: reference(variant))
    assert ours.keys() == theirs.keys()
    differing = {name: words for name in theirs if (words := difference(ours[name], theirs[name]))}
    assert not differing


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (torch.zeros(64), torch.ones(64)),
        (torch.zeros(64), torch.randn(64)),
        (torch.randn(10_000), torch.randn(10_000) * 1.1),
        (torch.randn(10_000), torch.randn(10_000) + 0.2),
        (torch.randn(10_000), (torch.rand(10_000) - 0.5) * sqrt(12)),
    ],
    ids=["constant", "constant and random", "deviation", "mean", "shape"],
)
def test_another_start_is_noticed(one: Tensor, other: Tensor) -> None:
    assert difference(one, other)


def samples(make: Callable[[], nn.Module]) -> dict[str, Tensor]:
    """Each tensor's elements under all seeds, one after another."""
    found: dict[str, list[Tensor]] = {}
    for seed in SEEDS:
        torch.manual_seed(seed)
        for name, tensor in make().state_dict().items():
            found.setdefault(name, []).append(tensor.flatten()[:SAMPLE].double())
    return {name: torch.cat(parts) for name, parts in found.items()}


def difference(one: Tensor, other: Tensor) -> str | None:
    """How two samples show that they are not of one distribution; `None` where they do not.

    Mean, deviation and fourth moment are each held to six of their own standard errors.
    """
    if one.std() == 0 or other.std() == 0:
        words = f"{one.mean():g} ± {one.std():g}, not {other.mean():g} ± {other.std():g}"
        return None if torch.equal(one, other) else words
    for what, moment in (("mean", lambda x: x), ("deviation", lambda x: x**2), ("shape", lambda x: x**4)):
        mine, theirs = (moment((x - (0 if what == "mean" else x.mean())) / other.std()) for x in (one, other))
        error = sqrt((mine.var() + theirs.var()) / len(mine))
        if abs(mine.mean() - theirs.mean()) > SIGMAS * error:
            return f"{what}: {mine.mean():g}, not {theirs.mean():g} (± {error:g})"
    return None
