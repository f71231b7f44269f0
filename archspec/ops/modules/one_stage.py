"""Detectors without proposals: every anchor is classified."""

import torch
from torch import Tensor, nn
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.retinanet import (
    RetinaNet,
    RetinaNetClassificationHead,
    RetinaNetRegressionHead,
)
from torchvision.ops import box_iou


class AnchorClassLoss(RetinaNetClassificationHead):
    """The focal loss of the anchors' scores, without the layers that compute these."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.BETWEEN_THRESHOLDS = Matcher.BETWEEN_THRESHOLDS

    def forward(
        self, targets: list[dict[str, Tensor]], outputs: dict[str, Tensor], matched: list[Tensor]
    ) -> Tensor:
        return self.compute_loss(targets, outputs, matched)


class AnchorBoxLoss(RetinaNetRegressionHead):
    """The loss of the anchors' deltas, without the layers that compute these."""

    def __init__(self, loss: str) -> None:
        nn.Module.__init__(self)
        self.box_coder = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0))
        self._loss_type = loss

    def forward(
        self,
        targets: list[dict[str, Tensor]],
        outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched: list[Tensor],
    ) -> Tensor:
        return self.compute_loss(targets, outputs, anchors, matched)


class AnchorDetections(RetinaNet):
    """In evaluation the objects that the anchors show, in training the losses (Lin et al. 2017)."""

    def __init__(
        self,
        sizes: tuple[tuple[int, ...], ...],
        aspect_ratios: tuple[float, ...] = (0.5, 1.0, 2.0),
        score_thresh: float = 0.05,
        nms_thresh: float = 0.5,
        detections_per_img: int = 300,
        topk_candidates: int = 1000,
        fg_iou_thresh: float = 0.5,
        bg_iou_thresh: float = 0.4,
        box_loss: str = "l1",
    ) -> None:
        nn.Module.__init__(self)
        self.anchor_generator = AnchorGenerator(sizes, (aspect_ratios,) * len(sizes))
        self.proposal_matcher = Matcher(
            fg_iou_thresh, bg_iou_thresh, allow_low_quality_matches=True
        )
        self.box_coder = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0))
        self.class_loss = AnchorClassLoss()
        self.box_loss = AnchorBoxLoss(box_loss)
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.detections_per_img = detections_per_img
        self.topk_candidates = topk_candidates

    def forward(
        self,
        images: Tensor,
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None,
        scores: list[Tensor],
        deltas: list[Tensor],
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        anchors = self.anchor_generator(ImageList(images, sizes), scores)
        per_place = self.anchor_generator.num_anchors_per_location()
        counts = [count * level[0, 0].numel() for count, level in zip(per_place, scores)]
        outputs = {
            "cls_logits": torch.cat(
                [self.rows(level, count) for level, count in zip(scores, per_place)], dim=1
            ),
            "bbox_regression": torch.cat(
                [self.rows(level, count) for level, count in zip(deltas, per_place)], dim=1
            ),
        }
        if self.training and targets is not None:
            matched = [self.matched(target, each) for target, each in zip(targets, anchors)]
            return [], {
                "classification": self.class_loss(targets, outputs, matched),
                "bbox_regression": self.box_loss(targets, outputs, anchors, matched),
            }
        levels = {name: list(each.split(counts, dim=1)) for name, each in outputs.items()}
        return self.postprocess_detections(
            levels, [list(each.split(counts)) for each in anchors], sizes
        ), {}

    def rows(self, maps: Tensor, count: int) -> Tensor:
        n, channels, height, width = maps.shape
        maps = maps.view(n, count, channels // count, height, width)
        return maps.permute(0, 3, 4, 1, 2).reshape(n, -1, channels // count)

    def matched(self, target: dict[str, Tensor], anchors: Tensor) -> Tensor:
        if len(target["boxes"]) == 0:
            return torch.full((len(anchors),), -1, dtype=torch.int64, device=anchors.device)
        return self.proposal_matcher(box_iou(target["boxes"], anchors))
