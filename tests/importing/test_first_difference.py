"""Two networks that should be one: the first node at which they are not is named, with both values."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from archspec.importing.first_difference import first_difference
from archspec.importing.prove import prove


class Net(nn.Module):
    def __init__(self, factor: float = 1.0, slope: float = 0.0, padding: int = 0) -> None:
        super().__init__()
        self.factor = factor
        self.stem = nn.Sequential(nn.Conv2d(3, 4, 1), nn.LeakyReLU(slope, inplace=True))
        self.conv = nn.Conv2d(4, 4, 3, padding=padding)
        self.head = nn.Linear(4, 2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv(self.stem(x))
        return self.head(x.mean((2, 3)) * self.factor)


def differing(made: nn.Module) -> str:
    torch.manual_seed(0)
    original = Net()
    proof = prove(original, made, (torch.randn(2, 3, 8, 8),), {})
    assert not proof.holds
    return str(proof.first)


@pytest.mark.parametrize(
    ("made", "first"),
    [
        (Net(slope=0.5), "`stem.1` gives "),
        (Net(factor=2.0), "`head` takes "),
        (Net(padding=1), "`conv` gives values of another shape"),
    ],
)
def test_the_first_node_that_differs_is_named(made: nn.Module, first: str) -> None:
    assert differing(made).startswith(first)


def test_both_values_are_told() -> None:
    made = Net(factor=3.0)
    difference = first_difference(Net(), made, (torch.ones(1, 3, 8, 8),), {})
    assert difference is not None
    assert difference.original != difference.made


def test_what_runs_outside_of_all_modules_is_the_networks_own() -> None:
    class Doubled(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return 2 * super().forward(x)

    assert differing(Doubled()).startswith("the network gives ")


def test_what_is_equal_has_no_difference() -> None:
    original = Net()
    made = copy.deepcopy(original)
    assert first_difference(original, made, (torch.randn(2, 3, 8, 8),), {}) is None


def test_rounding_is_no_difference_and_more_is() -> None:
    class Off(Net):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) + self.factor

    module, example = Net(), (torch.randn(2, 3, 8, 8),)
    assert prove(module, Off(factor=1.0), example, {}).holds is False
    near = prove(module, copy.deepcopy(module), example, {})
    assert near.exact
    assert near.flops == 2 * (3 * 4 * 64 + 4 * 4 * 9 * 36 + 8)
