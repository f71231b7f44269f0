"""Detectors with default boxes, whose classes have a background among them."""

import torch
from torch import Tensor, nn
from torchvision.models.detection._utils import BoxCoder, Matcher
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_iou


class DefaultBoxDetections(SSD):
    """In evaluation the objects of default boxes, in training the losses (Liu et al. 2016)."""

    def __init__(
        self,
        aspect_ratios: tuple[tuple[float, ...], ...],
        scales: tuple[float, ...] | None = None,
        min_ratio: float = 0.15,
        max_ratio: float = 0.9,
        steps: tuple[int, ...] | None = None,
        clip: bool = True,
        score_thresh: float = 0.01,
        nms_thresh: float = 0.45,
        detections_per_img: int = 200,
        topk_candidates: int = 400,
        iou_thresh: float = 0.5,
        positive_fraction: float = 0.25,
    ) -> None:
        nn.Module.__init__(self)
        self.anchor_generator = DefaultBoxGenerator(
            [list(each) for each in aspect_ratios],
            min_ratio,
            max_ratio,
            None if scales is None else list(scales),
            None if steps is None else list(steps),
            clip,
        )
        self.box_coder = BoxCoder(weights=(10.0, 10.0, 5.0, 5.0))
        self.proposal_matcher = Matcher(iou_thresh, iou_thresh)
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.detections_per_img = detections_per_img
        self.topk_candidates = topk_candidates
        self.neg_to_pos_ratio = (1.0 - positive_fraction) / positive_fraction

    def forward(
        self,
        images: Tensor,
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None,
        scores: list[Tensor],
        deltas: list[Tensor],
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        anchors = self.anchor_generator(ImageList(images, sizes), scores)
        counts = self.anchor_generator.num_anchors_per_location()
        outputs = {
            "cls_logits": self.rows(scores, counts),
            "bbox_regression": self.rows(deltas, counts),
        }
        if self.training and targets is not None:
            matched = [self.matched(target, each) for target, each in zip(targets, anchors)]
            return [], self.compute_loss(targets, outputs, anchors, matched)
        return self.postprocess_detections(outputs, anchors, sizes), {}

    def rows(self, maps: list[Tensor], counts: list[int]) -> Tensor:
        levels = []
        for each, count in zip(maps, counts):
            n, channels, height, width = each.shape
            each = each.view(n, count, channels // count, height, width)
            levels.append(each.permute(0, 3, 4, 1, 2).reshape(n, -1, channels // count))
        return torch.cat(levels, dim=1)

    def matched(self, target: dict[str, Tensor], anchors: Tensor) -> Tensor:
        if len(target["boxes"]) == 0:
            return torch.full((len(anchors),), -1, dtype=torch.int64, device=anchors.device)
        overlaps = box_iou(target["boxes"], anchors)
        matched = self.proposal_matcher(overlaps)
        # Each object has the box that overlaps it most, however little that is.
        matched[overlaps.argmax(dim=1)] = torch.arange(len(overlaps), device=anchors.device)
        return matched
