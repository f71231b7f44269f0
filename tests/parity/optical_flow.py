"""torchvision's networks of optical flow with the same weights as ours, and two images to hold them to."""

from __future__ import annotations

import torch
from torch import Tensor, nn

import archspec

from .reference import bare, scatter

NETWORKS = ("raft_large", "raft_small")
SIZE = (128, 160)
UPDATES = 3


def pair(variant: str) -> tuple[nn.Module, nn.Module]:
    """Ours, of few updates on small images, and torchvision's on tensors of its own."""
    ours = archspec.load(variant, size=list(SIZE), updates=UPDATES)
    scatter(ours)
    theirs = bare(variant)
    theirs.load_state_dict({name: each.clone() for name, each in ours.state_dict().items()}, assign=True)
    for parameter in theirs.parameters():
        parameter.requires_grad_()
    return ours, theirs


def images() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(2)
    one, other = (2 * torch.rand(2, 3, *SIZE, generator=generator) - 1 for _ in range(2))
    return one, other
