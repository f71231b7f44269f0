"""Detectors without proposals: every anchor is classified."""

from typing import Literal

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Module, Op, OpError, register
from archspec.ops.field_types import Positive, Probability, differ
from archspec.ops.proposals import TARGETS, Ratios, Sizes, check_anchors, scores_and_deltas
from archspec.ops.shapes import Carried, Shape, image_sizes, records, scalars


@register
class AnchorDetections(Op):
    """Objects from the scores and deltas of anchors: torchvision.models.detection.RetinaNet (Lin et al. 2017).

    Of each feature map the `topk_candidates` best scores above `score_thresh`; of all the best `detections_per_img`
    after non-maximum suppression in each class. Inputs: the batch of images `[3, H, W]`, the sizes of the images in
    it, the targets, then of each map the scores `[A·K, h, w]` of K classes, then of each map the deltas `[4·A, h, w]`,
    for A anchors: each of the map's `sizes` in each of the `aspect_ratios`. Outputs: the detections, a list of
    mappings with `boxes`, `scores` and `labels`, and in training the losses `classification` (the focal loss) and
    `bbox_regression`. Errors: maps that do not fit the anchors.
    """

    name = "anchor_detections"
    main = "sizes"
    kind = "detection"
    unlabelled = ("sizes", "aspect_ratios")
    inputs = (5, None)
    outputs = ("detections", "losses")
    training_outputs = ("losses",)
    takes = "anything"
    example = (
        "{anchor_detections: [[32], [64]], detections_per_img: 20, "
        "from: [images, sizes, targets, score1, score2, delta1, delta2]}"
    )
    example_inputs = (
        (3, 64, 96),
        image_sizes(60, 90),
        TARGETS,
        (6, 8, 12),
        (6, 4, 6),
        (12, 8, 12),
        (12, 4, 6),
    )

    sizes: Sizes
    aspect_ratios: Ratios = (0.5, 1.0, 2.0)
    score_thresh: Probability = 0.05
    nms_thresh: Probability = 0.5
    detections_per_img: Positive = 300
    topk_candidates: Positive = 1000
    fg_iou_thresh: Probability = 0.5
    bg_iou_thresh: Probability = 0.4
    box_loss: Literal["l1", "smooth_l1", "giou", "diou", "ciou"] = "l1"

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        images, sizes, targets, *maps = inputs
        carried_checks.feature_map(self.name, images)
        carried_checks.image_sizes(self.name, sizes)
        carried_checks.targets(self.name, targets)
        check_anchors(self.name, self.sizes, self.aspect_ratios, maps, None)
        classes = [shape[0] // (len(each) * len(self.aspect_ratios)) for shape, each in zip(maps, self.sizes)]
        if any(differ(classes[0], each) for each in classes):
            raise OpError(
                "anchors", f"the feature maps have scores of {classes} classes", expected="as many everywhere"
            )
        count = self.detections_per_img
        found = records(boxes=(count, 4), scores=(count,), labels=Carried((count,), dtype="int64"))
        return found, scalars("classification", "bbox_regression")

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.one_stage.AnchorDetections", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        return scores_and_deltas(names)
