"""Constants of a module: said by an op where one makes them, kept in the state_dict, or computed as they were."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.importing.prove import prove


class Biased(nn.Module):
    """Adds a table's entries, by an index that is kept in one of several ways."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way = way
        self.table = nn.Parameter(torch.randn(9, 8))
        places = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")).flatten(1)
        down, right = places[:, :, None] - places[:, None]
        self.register_buffer("index", (down + 1) * 3 + right + 1, persistent=way == "persistent")
        self.register_buffer("chosen", torch.tensor([3, 0, 7, 5]))

    def forward(self, x: Tensor) -> Tensor:
        if self.way == "computed":
            places = torch.stack(torch.meshgrid(torch.arange(2), torch.arange(2), indexing="ij")).flatten(1)
            down, right = places[:, :, None] - places[:, None]
            return x + self.table[(down + 1) * 3 + right + 1].mean(1)
        if self.way == "state":
            return x + self.table[self.chosen]
        return x + self.table[self.index.view(-1)].view(4, 4, 8).mean(1)


WORDS = {
    "persistent": "{relative_position_index: 2, persistent: true}",
    "kept": "{relative_position_index: 2, flat: true}",
    "computed": "{relative_position_index: 2}",
    "state": "{buffer: [4], type: int64}",
}


@pytest.mark.parametrize(("way", "word"), WORDS.items())
def test_an_index_is_said_by_the_op_that_makes_it(way: str, word: str) -> None:
    torch.manual_seed(0)
    module, example = Biased(way), torch.randn(3, 4, 8)
    page = archspec.from_module(module, example, proof=False)
    assert word in page.to_yaml()
    proof = prove(module, page.build(), (example,), {})
    assert (proof.difference, proof.added, proof.misshapen) == (0, (), ())


class Masked(nn.Module):
    """Makes a mask by writing into parts of a tensor, which is no word of its own."""

    def forward(self, x: Tensor) -> Tensor:
        mask = x.new_zeros(4, 4)
        for row in range(4):
            mask[row, row + 1 :] = float("-inf")
        return (x + mask).softmax(-1)


def test_what_is_written_in_parts_is_computed_first() -> None:
    page = archspec.from_module(nn.Sequential(nn.Linear(4, 4), Masked()), torch.randn(2, 4, 4))
    assert "{causal_mask: 4, additive: true}" in page.to_yaml()


class InPlace(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        y = x * 2
        same = y.contiguous()
        copy = y.clone()
        y += 1
        return y * same + copy


def test_after_an_operation_in_place_all_readers_see_it() -> None:
    archspec.from_module(nn.Sequential(nn.Linear(4, 4), InPlace()), torch.randn(2, 4))


class Rates(nn.Module):
    """Noise of rate 0, whose input others read too."""

    def __init__(self) -> None:
        super().__init__()
        self.branch = nn.Sequential(nn.Dropout(0.0), nn.Linear(4, 4))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(x)
        return x + self.branch(x)


def test_noise_of_rate_0_is_read_inside_its_module_alone() -> None:
    page = archspec.from_module(nn.Sequential(Rates(), Rates()), torch.randn(2, 4))
    assert "out0" not in page.to_yaml()


class Tabled(nn.Module):
    """A module of torch's own takes a tensor that the network keeps, and that no op makes."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(30, 4)
        self.register_buffer("numbers", torch.arange(30.0).sin()[None], persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.fc(self.numbers)


def test_a_kept_tensor_that_no_op_makes_is_listed() -> None:
    architecture = archspec.from_module(nn.Sequential(Tabled(), nn.ReLU()), torch.randn(2, 4))
    (warning,) = architecture.warnings
    assert "`buffer`" in warning.message
    assert architecture.params == 124
