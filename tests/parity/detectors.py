"""torchvision's detectors with the same settings and weights as ours, and small images to hold them to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import resnet50
from torchvision.models.detection import FasterRCNN
from torchvision.models.detection.backbone_utils import _resnet_fpn_extractor
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FrozenBatchNorm2d

import archspec

from .reference import scatter

SIZES = ((90, 120), (80, 64))
"""Of the images of a batch."""
SMALL = {"min_size": 96, "max_size": 160}
"""Settings that we share with torchvision, for the sake of time."""
PROPOSALS = {f"rpn_{when}_nms_top_n_{mode}": 60 for when in ("pre", "post") for mode in ("train", "test")}


def resnet_fpn(frozen: bool, **settings: Any) -> nn.Module:
    """A ResNet-50 and its pyramid as torchvision's first forms have them."""
    norm = partial(FrozenBatchNorm2d, eps=0.0) if frozen else nn.BatchNorm2d
    return _resnet_fpn_extractor(resnet50(weights=None, norm_layer=norm), 5, **settings)


def faster_rcnn(frozen: bool) -> nn.Module:
    return FasterRCNN(resnet_fpn(frozen), 91, **SMALL, **PROPOSALS)


def faster_rcnn_v2(frozen: bool) -> nn.Module:
    norm = nn.BatchNorm2d
    backbone = resnet_fpn(False, norm_layer=norm)
    heads = {
        "rpn_head": RPNHead(256, 3, conv_depth=2),
        "box_head": FastRCNNConvFCHead((256, 7, 7), [256] * 4, [1024], norm_layer=norm),
    }
    return FasterRCNN(backbone, 91, **heads, **SMALL, **PROPOSALS)


DETECTORS: Mapping[str, Callable[[bool], nn.Module]] = {
    "fasterrcnn_resnet50_fpn": faster_rcnn,
    "fasterrcnn_resnet50_fpn_v2": faster_rcnn_v2,
}


def pair(variant: str, frozen: bool = False) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's with the same weights, which are such that there is something to detect."""
    ours = archspec.load(variant, frozen=frozen, proposals=[60, 60], **SMALL)
    scatter(ours)
    with torch.no_grad():
        for name, tensor in ours.named_parameters():
            if name.endswith(("cls_score.weight", "mask_fcn_logits.weight")):
                tensor.mul_(40)
    with torch.device("meta"):
        theirs = DETECTORS[variant](frozen)
    theirs.load_state_dict({name: tensor.clone() for name, tensor in ours.state_dict().items()}, assign=True)
    for parameter in theirs.parameters():
        parameter.requires_grad_()
    return ours, theirs


def images() -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.rand(3, *size, generator=generator) for size in SIZES]


def targets() -> list[dict[str, Tensor]]:
    """Two objects in the first image and none in the second."""
    return [
        {"boxes": torch.tensor([[10.0, 12, 70, 80], [60, 8, 110, 50]]), "labels": torch.tensor([1, 2])},
        {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)},
    ]
