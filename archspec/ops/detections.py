"""What a detector's heads compute → detections in evaluation, losses in training."""

from abc import ABC, abstractmethod
from typing import ClassVar

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Module, Op, register
from archspec.ops.field_types import Positive, Probability, differ
from archspec.ops.proposals import TARGETS, BoxWeights, samples
from archspec.ops.shapes import Carried, Dim, Shape, folded, image_sizes, listed, records, scalars


@register
class BoxDetections(Op):
    """Objects from the scores and deltas of regions: torchvision.models.detection.roi_heads.RoIHeads (Girshick 2015).

    Per class the boxes with a score above `score_thresh` that are left after non-maximum suppression; of all the best
    `detections_per_img`. Class 0 is the background. Inputs: for each region the scores `[K]` of K classes and the
    deltas `[4·K]`, the regions' boxes, the samples of `sample_proposals`, and the images' sizes. Outputs: the
    detections, a list of mappings with `boxes`, `labels` and `scores`, and in training the losses `loss_classifier`
    and `loss_box_reg`. Errors: deltas that are not 4 for each class.
    """

    name = "box_detections"
    main = "detections_per_img"
    kind = "detection"
    inputs = (5, 5)
    outputs = ("detections", "losses")
    training_outputs = ("losses",)
    takes = "anything"
    example = "{box_detections: 20, from: [scores, deltas, proposals, samples, sizes]}"
    example_inputs = (folded((3,), 50), folded((12,), 50), listed(50, 4), samples(50), image_sizes(64, 64))

    score_thresh: Probability = 0.05
    nms_thresh: Probability = 0.5
    detections_per_img: Positive = 100
    bbox_reg_weights: BoxWeights = (10.0, 10.0, 5.0, 5.0)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        logits, deltas, proposals, drawn, sizes = inputs
        regions = carried_checks.boxes(self.name, "proposals", proposals)
        (classes,) = carried_checks.per_region(self.name, "scores", logits, regions, 1, "the scores of the classes")
        (given,) = carried_checks.per_region(self.name, "deltas", deltas, regions, 1, "4 deltas of each class")
        if differ(given, 4 * classes):
            raise carried_checks.refuse(
                self.name, "deltas", deltas, f"4 for each of the {classes} classes, {4 * classes}"
            )
        carried_checks.records(self.name, "samples", drawn, "labels", "regression_targets")
        carried_checks.image_sizes(self.name, sizes)
        count = self.detections_per_img
        found = records(boxes=(count, 4), labels=Carried((count,), dtype="int64"), scores=(count,))
        return found, scalars("loss_classifier", "loss_box_reg")

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.detections.BoxDetections", self.settings())


class _InstanceDetections(Op, ABC):
    """Detections with more fields, from a map for each box."""

    kind = "detection"
    inputs = (5, 5)
    outputs = ("detections", "losses")
    training_outputs = ("losses",)
    takes = "anything"

    needs: ClassVar[str]
    """What training needs of the targets."""
    loss: ClassVar[str]

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        logits, detections, boxes, matched, targets = inputs
        count = carried_checks.boxes(self.name, "boxes", boxes)
        size = carried_checks.per_region(self.name, "logits", logits, count, 3, "maps `[K, height, width]`")
        found = carried_checks.records(self.name, "detections", detections, "boxes", "labels")
        if matched[:1] != boxes[:1]:
            raise carried_checks.refuse(
                self.name, "matches", matched, "those that `instance_proposals` gives with the boxes"
            )
        carried_checks.targets(self.name, targets, self.needs)
        return records(**found, **self._added(count, size)), scalars(self.loss)

    @abstractmethod
    def _added(self, count: Dim, size: Shape) -> dict[str, Shape]:
        """The new fields of `count` detections with maps of some size."""

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.detections.{type(self).__name__}")


FOUND = records(boxes=(20, 4), labels=Carried((20,), dtype="int64"), scores=(20,))
"""Detections for an example."""
MATCHED = Carried((20,), "list", dtype="int64", optional=True)


def _targets(**more: Shape) -> Carried:
    return Carried((), "records", fields={**dict(TARGETS.fields), **more}, optional=True)


@register
class MaskDetections(_InstanceDetections):
    """The masks of objects: torchvision.models.detection.roi_heads.maskrcnn_inference and its loss (He et al. 2017).

    Inputs: for each box a mask `[K, M, M]` of each of K classes, the detections, the boxes and matches of
    `instance_proposals`, and the targets with the `masks` `[N, H, W]` of the objects. Outputs: the detections with
    `masks`, that of the detected class, and in training the loss `loss_mask`. Errors: targets without masks.
    """

    name = "mask_detections"
    needs = "masks"
    loss = "loss_mask"
    example = "{mask_detections: , from: [logits, detections, boxes, matches, targets]}"
    example_inputs = (
        folded((3, 14, 14), 20),
        FOUND,
        listed(20, 4),
        MATCHED,
        _targets(masks=Carried((5, 64, 64), dtype="uint8")),
    )

    def _added(self, count: Dim, size: Shape) -> dict[str, Shape]:
        return {"masks": (count, 1, *size[1:])}


@register
class KeypointDetections(_InstanceDetections):
    """The keypoints of objects: torchvision's keypointrcnn_inference and its loss (He et al. 2017, section 5).

    Inputs: for each box a heatmap `[K, M, M]` of each of K keypoints, the detections, the boxes and matches of
    `instance_proposals`, and the targets with the `keypoints` `[N, K, 3]`: x, y and whether it is visible. Outputs: the
    detections with `keypoints` and `keypoints_scores`, and in training the loss `loss_keypoint`. Errors: targets
    without keypoints.
    """

    name = "keypoint_detections"
    needs = "keypoints"
    loss = "loss_keypoint"
    example = "{keypoint_detections: , from: [logits, detections, boxes, matches, targets]}"
    example_inputs = (folded((17, 14, 14), 20), FOUND, listed(20, 4), MATCHED, _targets(keypoints=(5, 17, 3)))

    def _added(self, count: Dim, size: Shape) -> dict[str, Shape]:
        return {"keypoints": (count, size[0], 3), "keypoints_scores": (count, size[0])}


@register
class Detections(Op):
    """A detector's result: torchvision.models.detection's GeneralizedRCNNTransform.postprocess.

    Inputs: the detections, the sizes of the images as they were resized and as they were given, and the losses in their
    order. Output: in evaluation the detections in pixels of the images as given, masks of the images' own size among
    them; in training one mapping of all losses. Errors: inputs of other kinds.
    """

    name = "detections"
    kind = "detection"
    inputs = (3, None)
    takes = "anything"
    example = "{detections: , from: [found, sizes, original_sizes, losses]}"
    example_inputs = (
        FOUND,
        image_sizes(64, 64),
        image_sizes(80, 80),
        scalars("loss_classifier", "loss_box_reg"),
    )

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        found, sizes, original_sizes, *losses = inputs
        fields = carried_checks.records(self.name, "detections", found, "boxes")
        carried_checks.image_sizes(self.name, sizes)
        size = carried_checks.image_sizes(self.name, original_sizes)
        if "masks" in fields:
            fields["masks"] = (*fields["masks"][:2], *size)
        names = [name for each in losses for name in carried_checks.losses(self.name, each)]
        return (Carried((), "records", fields=fields, in_training=scalars(*names) if names else None),)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.detections.Detections")

    def arguments(self, *names: str) -> tuple[str, ...]:
        found, sizes, original_sizes, *losses = names
        return found, sizes, original_sizes, f"[{', '.join(losses)}]"
