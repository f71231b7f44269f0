"""Detectors that find an object from each place of a map, without anchors of several shapes."""

import torch
from torch import Tensor, nn
from torchvision.models.detection._utils import BoxLinearCoder
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.fcos import FCOS, FCOSHead
from torchvision.models.detection.image_list import ImageList


class PointLosses(FCOSHead):
    """The losses of scores, distances and centre-ness, without the layers that compute these."""

    def __init__(self) -> None:
        nn.Module.__init__(self)
        self.box_coder = BoxLinearCoder(normalize_by_size=True)

    def forward(
        self,
        targets: list[dict[str, Tensor]],
        outputs: dict[str, Tensor],
        anchors: list[Tensor],
        matched: list[Tensor],
    ) -> dict[str, Tensor]:
        return self.compute_loss(targets, outputs, anchors, matched)


class PointDetections(FCOS):
    """In evaluation the objects that the places show, in training the losses (Tian et al. 2019)."""

    def __init__(
        self,
        strides: tuple[int, ...],
        score_thresh: float = 0.2,
        nms_thresh: float = 0.6,
        detections_per_img: int = 100,
        topk_candidates: int = 1000,
        center_sampling_radius: float = 1.5,
    ) -> None:
        nn.Module.__init__(self)
        sizes = tuple((stride,) for stride in strides)
        self.anchor_generator = AnchorGenerator(sizes, ((1.0,),) * len(strides))
        self.box_coder = BoxLinearCoder(normalize_by_size=True)
        self.head = PointLosses()
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.detections_per_img = detections_per_img
        self.topk_candidates = topk_candidates
        self.center_sampling_radius = center_sampling_radius

    def forward(
        self,
        images: Tensor,
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None,
        scores: list[Tensor],
        distances: list[Tensor],
        centers: list[Tensor],
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        anchors = self.anchor_generator(ImageList(images, sizes), scores)
        counts = [level[0, 0].numel() for level in scores]
        outputs = {
            "cls_logits": self.rows(scores),
            "bbox_regression": self.rows(distances),
            "bbox_ctrness": self.rows(centers),
        }
        if self.training and targets is not None:
            return [], self.compute_loss(targets, outputs, anchors, counts)
        levels = {name: list(each.split(counts, dim=1)) for name, each in outputs.items()}
        places = [list(each.split(counts)) for each in anchors]
        return self.postprocess_detections(levels, places, sizes), {}

    def rows(self, maps: list[Tensor]) -> Tensor:
        return torch.cat([each.flatten(2).transpose(1, 2) for each in maps], dim=1)
