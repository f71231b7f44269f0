"""What a module is called with: tensors inside lists and mappings, by keyword, and arguments that are no tensors."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.importing.example_inputs import parse_inputs, tensors_of


class Batched(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Linear(8, 8)
        self.places = nn.Linear(4, 8)

    def forward(
        self, batch: dict[str, Any], scale: float = 1.0, mask: Tensor | None = None, *, more: Tensor | None = None
    ) -> dict[str, Any]:
        y = self.words(batch["words"]) * scale + self.places(batch["places"][0])
        y = y if mask is None else y * mask
        y = y if more is None else y + more
        return {"out": y, "pair": (y, batch["words"])}


BATCH = {"words": torch.randn(2, 8), "places": [torch.randn(2, 4)]}
CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any], int]] = {
    "a mapping": ((BATCH,), {}, 2),
    "and by keyword": ((BATCH,), {"mask": torch.randn(2, 8)}, 3),
    "and a number": ((BATCH, 2.0), {"more": torch.randn(2, 8)}, 3),
    "keywords in another order": ((), {"more": torch.randn(2, 8), "mask": torch.randn(2, 8), "batch": BATCH}, 4),
}


@pytest.mark.parametrize(("inputs", "keywords", "count"), CALLS.values(), ids=CALLS)
def test_each_tensor_is_an_input_of_the_page(inputs: tuple[Any, ...], keywords: dict[str, Any], count: int) -> None:
    architecture = archspec.from_module(Batched(), *inputs, **keywords)
    assert len(architecture.graph.root.input_shapes) == count
    assert [result.name for result in architecture.graph.root.results] == ["out", "pair_0", "pair_1"]


def test_a_mapping_is_given_by_its_entries() -> None:
    ordered, named = tensors_of(parse_inputs(["3x8x8", "batch.words=8", "batch.more.mask=4:bool"]))
    assert [tuple(each.shape) for each in ordered] == [(2, 3, 8, 8)]
    assert tuple(named["batch"]["words"].shape) == (2, 8)
    assert named["batch"]["more"]["mask"].dtype is torch.bool
