"""torchvision's published detectors were saved under names that its modules have changed since."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch
from torchvision.models import get_model

import archspec

BEFORE = (
    (r"(inner_blocks|layer_blocks)\.(\d+)\.0\.", r"\1.\2."),
    (r"^rpn\.head\.conv\.0\.0\.", "rpn.head.conv."),
    (r"mask_head\.(\d)\.0\.", lambda now: f"mask_head.mask_fcn{int(now[1]) + 1}."),
    (r"_head\.conv\.(\d)\.0\.", lambda now: f"_head.conv.{2 * int(now[1])}."),
)


def as_published(name: str) -> str:
    for pattern, old in BEFORE:
        name = re.sub(pattern, old, name)
    return name


@pytest.mark.parametrize("name", ["maskrcnn_resnet50_fpn", "retinanet_resnet50_fpn"])
def test_old_names_find_their_tensors(name: str, tmp_path: Path) -> None:
    theirs = get_model(name, weights=None, weights_backbone=None).state_dict()
    published = {as_published(key): tensor for key, tensor in theirs.items()}
    assert sum(key not in theirs for key in published) >= 12
    file = tmp_path / "published.pth"
    torch.save(published, file)
    mine = archspec.load(name, weights=file, frozen=False).state_dict()
    assert all(torch.equal(mine[key], tensor) for key, tensor in theirs.items())
    assert get_model(name, weights=None, weights_backbone=None).load_state_dict(published)
