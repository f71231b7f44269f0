"""Regions that may hold an object: proposed, sampled for training, kept for a second look."""

import torch
from torch import Tensor, nn
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.roi_heads import RoIHeads
from torchvision.models.detection.rpn import RegionProposalNetwork, concat_box_prediction_layers


class RegionProposals(RegionProposalNetwork):
    """What a network's scores and box deltas propose (Ren et al. 2015, section 3)."""

    def __init__(
        self,
        sizes: tuple[tuple[int, ...], ...],
        aspect_ratios: tuple[float, ...] = (0.5, 1.0, 2.0),
        pre_nms_top_n_train: int = 2000,
        pre_nms_top_n_test: int = 1000,
        post_nms_top_n_train: int = 2000,
        post_nms_top_n_test: int = 1000,
        nms_thresh: float = 0.7,
        score_thresh: float = 0.0,
        fg_iou_thresh: float = 0.7,
        bg_iou_thresh: float = 0.3,
        batch_size_per_image: int = 256,
        positive_fraction: float = 0.5,
    ) -> None:
        super().__init__(
            AnchorGenerator(sizes, (aspect_ratios,) * len(sizes)),
            None,
            fg_iou_thresh,
            bg_iou_thresh,
            batch_size_per_image,
            positive_fraction,
            {"training": pre_nms_top_n_train, "testing": pre_nms_top_n_test},
            {"training": post_nms_top_n_train, "testing": post_nms_top_n_test},
            nms_thresh,
            score_thresh,
        )

    def forward(
        self,
        images: Tensor,
        sizes: list[tuple[int, int]],
        targets: list[dict[str, Tensor]] | None,
        objectness: list[Tensor],
        deltas: list[Tensor],
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        anchors = self.anchor_generator(ImageList(images, sizes), objectness)
        counts = [level[0].numel() for level in objectness]
        scores, moves = concat_box_prediction_layers(objectness, deltas)
        boxes = self.box_coder.decode(moves.detach(), anchors).view(len(sizes), -1, 4)
        proposals, _ = self.filter_proposals(boxes, scores, sizes, counts)
        losses: dict[str, Tensor] = {}
        if self.training and targets is not None:
            labels, matched_boxes = self.assign_targets_to_anchors(anchors, targets)
            wanted = self.box_coder.encode(matched_boxes, anchors)
            loss_objectness, loss_rpn_box_reg = self.compute_loss(scores, moves, labels, wanted)
            losses = {"loss_objectness": loss_objectness, "loss_rpn_box_reg": loss_rpn_box_reg}
        return proposals, losses


class SampleProposals(RoIHeads):
    """In training a sample of the proposals, with what each should become (Ren et al. 2015)."""

    def __init__(
        self,
        batch_size_per_image: int = 512,
        positive_fraction: float = 0.25,
        fg_iou_thresh: float = 0.5,
        bg_iou_thresh: float = 0.5,
        bbox_reg_weights: tuple[float, float, float, float] = (10.0, 10.0, 5.0, 5.0),
    ) -> None:
        sampling = (fg_iou_thresh, bg_iou_thresh, batch_size_per_image, positive_fraction)
        super().__init__(None, None, None, *sampling, bbox_reg_weights, None, None, None)

    def forward(
        self, proposals: list[Tensor], targets: list[dict[str, Tensor]] | None
    ) -> tuple[list[Tensor], list[dict[str, Tensor]] | None]:
        if not self.training:
            return proposals, None
        proposals, objects, labels, deltas = self.select_training_samples(proposals, targets)
        samples: list[dict[str, Tensor]] = []
        for matched, label, delta in zip(objects, labels, deltas):
            samples.append({"matched_idxs": matched, "labels": label, "regression_targets": delta})
        return proposals, samples


class InstanceProposals(nn.Module):
    """The boxes to look at once more: the detected ones, in training the positive samples."""

    def forward(
        self,
        detections: list[dict[str, Tensor]],
        proposals: list[Tensor],
        samples: list[dict[str, Tensor]] | None,
    ) -> tuple[list[Tensor], list[Tensor] | None]:
        if samples is None or not self.training:
            return [each["boxes"] for each in detections], None
        positive = [torch.where(each["labels"] > 0)[0] for each in samples]
        boxes = [each[kept] for each, kept in zip(proposals, positive)]
        return boxes, [each["matched_idxs"][kept] for each, kept in zip(samples, positive)]
