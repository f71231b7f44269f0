"""Containers whose items the block around them calls: functions between the items stand in the container."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import archspec
from archspec.importing.prove import prove


class Split(nn.Module):
    """Each part is added to what the convolution before gave (Gao et al. 2019), the last one goes by."""

    def __init__(self, reverse: bool = False) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))
        self.reverse = reverse

    def forward(self, x: Tensor) -> Tensor:
        parts = x.chunk(4, 1)
        given, last = [], parts[0]
        for conv, part in zip(reversed(self.convs) if self.reverse else self.convs, parts[1:]):
            last = torch.relu(conv(last + part))
            given.append(last)
        return torch.cat([*given, parts[0]], 1)


def test_functions_between_the_items_of_a_list_stand_in_it() -> None:
    torch.manual_seed(0)
    module, example = nn.Sequential(Split(), Split(), nn.Flatten(), nn.Linear(1024, 3)), torch.randn(2, 16, 8, 8)
    page = archspec.from_module(module, example, proof=False)
    assert prove(module, page.build(), (example,), {}).exact


def test_items_may_run_in_another_order_than_they_stand() -> None:
    torch.manual_seed(0)
    module, example = nn.Sequential(Split(reverse=True), nn.ReLU()), torch.randn(2, 16, 8, 8)
    page = archspec.from_module(module, example, proof=False)
    proof = prove(module, page.build(), (example,), {})
    assert (proof.same_tensors, proof.difference) == (True, 0)
