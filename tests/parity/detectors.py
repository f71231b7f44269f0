"""torchvision's detectors with the same settings and weights as ours, and small images to hold them to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.models import mobilenet_v3_large, resnet50
from torchvision.models.detection import (
    FCOS,
    FasterRCNN,
    KeypointRCNN,
    MaskRCNN,
    RetinaNet,
    fasterrcnn_mobilenet_v3_large_320_fpn,
    ssd300_vgg16,
    ssdlite320_mobilenet_v3_large,
)
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.backbone_utils import _mobilenet_extractor, _resnet_fpn_extractor
from torchvision.models.detection.faster_rcnn import FastRCNNConvFCHead
from torchvision.models.detection.mask_rcnn import MaskRCNNHeads
from torchvision.models.detection.retinanet import RetinaNetHead, _default_anchorgen
from torchvision.models.detection.rpn import RPNHead
from torchvision.ops import FrozenBatchNorm2d
from torchvision.ops.feature_pyramid_network import LastLevelP6P7

import archspec

from .reference import scatter

SIZES = ((90, 120), (80, 64))
"""Of the images of a batch."""
SMALL = {"min_size": 96, "max_size": 160}
"""Settings that we share with torchvision, for the sake of time."""
PROPOSALS = {f"rpn_{when}_nms_top_n_{mode}": 60 for when in ("pre", "post") for mode in ("train", "test")}
MOBILE_320 = "fasterrcnn_mobilenet_v3_large_320_fpn"
RCNN: dict[str, Any] = {**SMALL, **PROPOSALS, "box_score_thresh": 0.0, "box_detections_per_img": 10}


def resnet_fpn(frozen: bool, **settings: Any) -> nn.Module:
    """A ResNet-50 and its pyramid as torchvision's first forms have them."""
    norm = partial(FrozenBatchNorm2d, eps=0.0) if frozen else nn.BatchNorm2d
    return _resnet_fpn_extractor(resnet50(weights=None, norm_layer=norm), 5, **settings)


def second_form() -> dict[str, Any]:
    """What torchvision's second forms of the R-CNNs have in common."""
    head = FastRCNNConvFCHead((256, 7, 7), [256] * 4, [1024], norm_layer=nn.BatchNorm2d)
    return {"rpn_head": RPNHead(256, 3, conv_depth=2), "box_head": head}


def faster_rcnn(frozen: bool) -> nn.Module:
    return FasterRCNN(resnet_fpn(frozen), 91, **RCNN)


def faster_rcnn_v2(_: bool) -> nn.Module:
    return FasterRCNN(resnet_fpn(False, norm_layer=nn.BatchNorm2d), 91, **second_form(), **RCNN)


def faster_rcnn_mobile(frozen: bool, settings: Mapping[str, Any] = RCNN) -> nn.Module:
    norm = FrozenBatchNorm2d if frozen else nn.BatchNorm2d
    backbone = _mobilenet_extractor(mobilenet_v3_large(weights=None, norm_layer=norm), True, 6)
    anchors = AnchorGenerator(((32, 64, 128, 256, 512),) * 3, ((0.5, 1.0, 2.0),) * 3)
    return FasterRCNN(backbone, 91, rpn_anchor_generator=anchors, rpn_score_thresh=0.05, **settings)


def faster_rcnn_mobile_320(frozen: bool) -> nn.Module:
    """At the sizes that set it apart from the other form: torchvision's own, which freezes only with its weights."""
    settings: dict[str, Any] = {"box_score_thresh": 0.0, "box_detections_per_img": 10}
    if not frozen:
        return fasterrcnn_mobilenet_v3_large_320_fpn(weights=None, weights_backbone=None, **settings)
    sizes = {"min_size": 320, "max_size": 640, "rpn_pre_nms_top_n_test": 150, "rpn_post_nms_top_n_test": 150}
    return faster_rcnn_mobile(True, {**settings, **sizes})


def mask_rcnn(frozen: bool) -> nn.Module:
    return MaskRCNN(resnet_fpn(frozen), 91, **RCNN)


def mask_rcnn_v2(_: bool) -> nn.Module:
    head = MaskRCNNHeads(256, [256] * 4, 1, norm_layer=nn.BatchNorm2d)
    return MaskRCNN(resnet_fpn(False, norm_layer=nn.BatchNorm2d), 91, mask_head=head, **second_form(), **RCNN)


def keypoint_rcnn(frozen: bool) -> nn.Module:
    return KeypointRCNN(resnet_fpn(frozen), 2, num_keypoints=17, **RCNN)


def retinanet(frozen: bool) -> nn.Module:
    backbone = resnet_fpn(frozen, returned_layers=[2, 3, 4], extra_blocks=LastLevelP6P7(256, 256))
    return RetinaNet(backbone, 91, score_thresh=0.0, detections_per_img=10, **SMALL)


def retinanet_v2(_: bool) -> nn.Module:
    backbone = resnet_fpn(False, returned_layers=[2, 3, 4], extra_blocks=LastLevelP6P7(2048, 256))
    head = RetinaNetHead(256, 9, 91, norm_layer=partial(nn.GroupNorm, 32))
    head.regression_head._loss_type = "giou"
    return RetinaNet(
        backbone, 91, anchor_generator=_default_anchorgen(), head=head, score_thresh=0.0, detections_per_img=10, **SMALL
    )


def fcos(frozen: bool) -> nn.Module:
    resnet = resnet50(weights=None, norm_layer=FrozenBatchNorm2d if frozen else nn.BatchNorm2d)
    levels: dict[str, Any] = {"returned_layers": [2, 3, 4], "extra_blocks": LastLevelP6P7(256, 256)}
    backbone = _resnet_fpn_extractor(resnet, 5, **levels)
    return FCOS(backbone, 91, score_thresh=0.0, detections_per_img=10, **SMALL)


def ssd300(_: bool) -> nn.Module:
    return ssd300_vgg16(weights=None, weights_backbone=None, score_thresh=0.0, detections_per_img=10)


def ssdlite320(_: bool) -> nn.Module:
    """torchvision runs the backbone to see its channels."""
    with torch.device("cpu"):
        return ssdlite320_mobilenet_v3_large(
            weights=None, weights_backbone=None, score_thresh=0.0, detections_per_img=10
        )


DETECTORS: Mapping[str, Callable[[bool], nn.Module]] = {
    "fasterrcnn_resnet50_fpn": faster_rcnn,
    "fasterrcnn_resnet50_fpn_v2": faster_rcnn_v2,
    "fasterrcnn_mobilenet_v3_large_fpn": faster_rcnn_mobile,
    MOBILE_320: faster_rcnn_mobile_320,
    "maskrcnn_resnet50_fpn": mask_rcnn,
    "maskrcnn_resnet50_fpn_v2": mask_rcnn_v2,
    "keypointrcnn_resnet50_fpn": keypoint_rcnn,
    "retinanet_resnet50_fpn": retinanet,
    "retinanet_resnet50_fpn_v2": retinanet_v2,
    "fcos_resnet50_fpn": fcos,
    "ssd300_vgg16": ssd300,
    "ssdlite320_mobilenet_v3_large": ssdlite320,
}
"""torchvision's builders' networks at our sizes, by name; told whether the backbone's norms are frozen."""


def pair(variant: str, frozen: bool = False) -> tuple[nn.Module, nn.Module]:
    """Ours and torchvision's with the same weights.

    All scores pass, none of them is 0, and boxes move but little, so that there is something to detect.
    """
    torch.manual_seed(0)
    ours = archspec.load(variant, **our_words(variant, frozen))
    scatter(ours)
    with torch.no_grad():
        for name, tensor in ours.named_parameters():
            if name.startswith("roi_heads.box_predictor"):
                tensor.div_(1000)
    with torch.device("meta"):
        theirs = DETECTORS[variant](frozen)
    theirs.load_state_dict({name: tensor.clone() for name, tensor in ours.state_dict().items()}, assign=True)
    for parameter in theirs.parameters():
        parameter.requires_grad_()
    return ours, theirs


def our_words(variant: str, frozen: bool) -> dict[str, Any]:
    """Those of the settings above that the variant's document knows."""
    settings = {"frozen": frozen, "score_thresh": 0.0, "detections": 10}
    if variant != MOBILE_320:
        settings |= {"proposals": [60, 60], **SMALL}
    params = archspec.read(variant).document.params
    return {name: value for name, value in settings.items() if name in params}


def images() -> list[Tensor]:
    generator = torch.Generator().manual_seed(2)
    return [torch.rand(3, *size, generator=generator) for size in SIZES]


def targets(keypoints: int = 17) -> list[dict[str, Tensor]]:
    """Two objects in the first image and none in the second."""
    boxes = torch.tensor([[10.0, 12, 70, 80], [60, 8, 110, 50]])
    masks = torch.zeros(2, *SIZES[0], dtype=torch.uint8)
    masks[0, 20:70, 15:60] = masks[1, 10:40, 70:100] = 1
    points = torch.rand(2, keypoints, 3, generator=torch.Generator().manual_seed(4))
    points[..., :2] = boxes[:, None, :2] + points[..., :2] * (boxes[:, None, 2:] - boxes[:, None, :2])
    points[..., 2] = points[..., 2] > 0.3
    return [
        {"boxes": boxes, "labels": torch.tensor([1, 1]), "masks": masks, "keypoints": points},
        {
            "boxes": torch.zeros(0, 4),
            "labels": torch.zeros(0, dtype=torch.int64),
            "masks": torch.zeros(0, *SIZES[1], dtype=torch.uint8),
            "keypoints": torch.zeros(0, keypoints, 3),
        },
    ]
