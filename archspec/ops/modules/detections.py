"""What a detector's heads compute → detections in evaluation, losses in training."""

from torch import Tensor, nn
from torchvision.models.detection.roi_heads import (
    RoIHeads,
    fastrcnn_loss,
    keypointrcnn_inference,
    keypointrcnn_loss,
    maskrcnn_inference,
    maskrcnn_loss,
)
from torchvision.models.detection.transform import GeneralizedRCNNTransform


class BoxDetections(RoIHeads):
    """In evaluation the objects that scores and deltas show, in training losses (Girshick 2015)."""

    def __init__(
        self,
        score_thresh: float = 0.05,
        nms_thresh: float = 0.5,
        detections_per_img: int = 100,
        bbox_reg_weights: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0),
    ) -> None:
        thresholds = (score_thresh, nms_thresh, detections_per_img)
        super().__init__(None, None, None, 0.5, 0.5, 512, 0.25, bbox_reg_weights, *thresholds)

    def forward(
        self,
        class_logits: Tensor,
        box_regression: Tensor,
        proposals: list[Tensor],
        samples: list[dict[str, Tensor]] | None,
        sizes: list[tuple[int, int]],
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        detections: list[dict[str, Tensor]] = []
        losses: dict[str, Tensor] = {}
        if self.training and samples is not None:
            labels = [each["labels"] for each in samples]
            wanted = [each["regression_targets"] for each in samples]
            loss_classifier, loss_box_reg = fastrcnn_loss(
                class_logits, box_regression, labels, wanted
            )
            losses = {"loss_classifier": loss_classifier, "loss_box_reg": loss_box_reg}
        else:
            found = self.postprocess_detections(class_logits, box_regression, proposals, sizes)
            for box, score, label in zip(found[0], found[1], found[2]):
                detections.append({"boxes": box, "labels": label, "scores": score})
        return detections, losses


class MaskDetections(nn.Module):
    """In evaluation each object's mask of its class, in training the loss (He et al. 2017)."""

    def forward(
        self,
        logits: Tensor,
        detections: list[dict[str, Tensor]],
        boxes: list[Tensor],
        matched_idxs: list[Tensor] | None,
        targets: list[dict[str, Tensor]] | None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        segmented: list[dict[str, Tensor]] = []
        losses: dict[str, Tensor] = {}
        if self.training and targets is not None and matched_idxs is not None:
            masks, labels = (
                [each["masks"] for each in targets],
                [each["labels"] for each in targets],
            )
            losses = {"loss_mask": maskrcnn_loss(logits, boxes, masks, labels, matched_idxs)}
        else:
            found = maskrcnn_inference(logits, [each["labels"] for each in detections])
            for detection, mask in zip(detections, found):
                whole = detection.copy()
                whole["masks"] = mask
                segmented.append(whole)
        return segmented, losses


class KeypointDetections(nn.Module):
    """In evaluation each object's keypoints and scores, in training the loss (He et al. 2017)."""

    def forward(
        self,
        logits: Tensor,
        detections: list[dict[str, Tensor]],
        boxes: list[Tensor],
        matched_idxs: list[Tensor] | None,
        targets: list[dict[str, Tensor]] | None,
    ) -> tuple[list[dict[str, Tensor]], dict[str, Tensor]]:
        posed: list[dict[str, Tensor]] = []
        losses: dict[str, Tensor] = {}
        if self.training and targets is not None and matched_idxs is not None:
            keypoints = [each["keypoints"] for each in targets]
            losses = {"loss_keypoint": keypointrcnn_loss(logits, boxes, keypoints, matched_idxs)}
        else:
            found, scores = keypointrcnn_inference(logits, boxes)
            for detection, points, score in zip(detections, found, scores):
                whole = detection.copy()
                whole["keypoints"] = points
                whole["keypoints_scores"] = score
                posed.append(whole)
        return posed, losses


class Detections(GeneralizedRCNNTransform):
    """In evaluation the detections in pixels of the images as given, in training all losses."""

    def __init__(self) -> None:
        super().__init__(0, 0, [], [])

    def forward(
        self,
        detections: list[dict[str, Tensor]],
        sizes: list[tuple[int, int]],
        original_sizes: list[tuple[int, int]],
        losses: list[dict[str, Tensor]],
    ) -> list[dict[str, Tensor]] | dict[str, Tensor]:
        if self.training:
            together: dict[str, Tensor] = {}
            for each in losses:
                together.update(each)
            return together
        return self.postprocess([each.copy() for each in detections], sizes, original_sizes)

    __repr__ = nn.Module.__repr__
