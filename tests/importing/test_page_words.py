"""What a page says in place of what was traced: modules once more, reshapes without sizes, and nothing idle."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import archspec


def graph_of(module: nn.Module, *inputs: Tensor) -> str:
    """The lines of a module's page from `graph` on."""
    page = archspec.from_module(module, *inputs).to_yaml()
    return page[page.index("\ngraph:") + 1 :]


class Again(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc, self.act = nn.Linear(8, 8), nn.ReLU()
        self.block = nn.Sequential(nn.Linear(8, 8), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.fc(self.act(self.fc(x))))
        return self.block(self.block(x))


def test_a_module_that_is_called_again_is_shared() -> None:
    page = graph_of(Again(), torch.rand(2, 8))
    assert "fc_2: {share: fc}" in page
    assert "block_2: {share: block}" in page
    assert "act_2: relu" in page


class Heads(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.drop = nn.Linear(12, 36), nn.Dropout(0.0)

    def forward(self, x: Tensor) -> Tensor:
        batch, tokens, width = x.shape
        q, k, v = self.drop(self.qkv(x)).reshape(batch, tokens, 3, 2, 6).unbind(2)
        return (q + k * v).reshape(batch, tokens, width)


def test_a_reshape_needs_no_sizes_but_those_that_it_splits() -> None:
    page = graph_of(Heads(), torch.rand(2, 5, 12))
    assert "{unflatten: [3, 2, 6], dim: 2}" in page
    assert "{flatten: 2}" in page
    assert "drop" not in page
    assert "5" not in page


def test_a_size_that_follows_from_the_input_is_said_by_it() -> None:
    class Scaled(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.gamma = nn.Parameter(torch.rand(width))
            self.conv = nn.Conv2d(width, 2 * width, 1)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x * self.gamma.reshape(1, -1, 1, 1))

    page = archspec.from_module(nn.Sequential(Scaled(4), Scaled(8), Scaled(16)), torch.rand(2, 4, 6, 6)).to_yaml()
    assert "gamma: {parameter: [input.channels]}" in page
    assert "conv: {conv: 2 * input.channels, kernel_size: 1}" in page
