"""Pages of networks that are not bundled against torch modules of the same papers, with the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import archspec

from .plain_modules import WRITTEN, Written
from .reference import scatter, values

PAGES = Path(__file__).parent / "pages"
ROUNDING = 1e-5
"""How far outputs may be apart, relative to the greatest, where they come of other kernels."""


def test_every_page_is_compared() -> None:
    assert sorted(each.stem for each in PAGES.iterdir()) == sorted(each.name for each in WRITTEN)


@pytest.mark.parametrize("case", WRITTEN, ids=[case.name for case in WRITTEN])
def test_a_page_is_the_module(case: Written) -> None:
    torch.manual_seed(0)
    ours, theirs = archspec.load(PAGES / f"{case.name}.yaml"), case.module()
    scatter(theirs)
    give(theirs, ours)
    found = []
    for module in (ours, theirs):
        torch.manual_seed(4)
        with torch.no_grad():
            found.append(values(module.eval()(*case.inputs())))
    assert [each.shape for each in found[0]] == [each.shape for each in found[1]]
    assert any(each.std() > 0 for each in found[1])
    for one, other in zip(*found):
        assert other.isfinite().all()
        assert (one - other).abs().max() <= ROUNDING * other.abs().max()


def give(theirs: nn.Module, ours: nn.Module) -> None:
    """Their tensors to ours: those of one name, and of the others those of one shape in their order."""
    wanted, left = ours.state_dict(), dict(theirs.state_dict())
    given = {name: left.pop(name) for name in wanted if name in left}
    for name in [each for each in wanted if each not in given]:
        given[name] = left.pop(next(each for each, tensor in left.items() if tensor.shape == wanted[name].shape))
    assert not left
    ours.load_state_dict(given)
