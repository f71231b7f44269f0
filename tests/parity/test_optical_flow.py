"""RAFT against torchvision's: keys in their order, the flow after each update, and gradients."""

from __future__ import annotations

import torch

from .optical_flow import UPDATES, images, pair
from .test_modules import ROUNDING, apart, assert_same_tensors, gradients, largest, layout


def test_it_finds_the_same_flow_and_learns_alike() -> None:
    ours, theirs = pair("raft_small")
    assert list(layout(ours).items()) == list(layout(theirs).items())
    mine, wanted = ours.train()(*images()), theirs.train()(*images(), num_flow_updates=UPDATES)
    assert len(mine) == len(wanted) == UPDATES
    for one, other in zip(mine, wanted):
        assert apart(one, other) <= ROUNDING * largest([other])
    for flows in (mine, wanted):
        torch.stack([each.square().mean() for each in flows]).sum().backward()
    assert_same_tensors(gradients(ours), gradients(theirs), exact=False)
