"""Detectors that find an object from each place of a map, without anchors of several shapes."""

from collections.abc import Sequence
from typing import Annotated

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Positive, PositiveReal, Probability, differ
from archspec.ops.proposals import TARGETS
from archspec.ops.shapes import Carried, Shape, image_sizes, records, scalars, shape_text


@register
class PointDetections(Op):
    """Objects from the scores and distances of places: torchvision.models.detection.FCOS (Tian et al. 2019).

    Of each feature map the `topk_candidates` best scores above `score_thresh`; of all the best `detections_per_img`
    after non-maximum suppression in each class. Inputs: the batch of images `[3, H, W]`, the sizes of the images in
    it, the targets, then of each map the scores `[K, h, w]` of K classes, of each the distances `[4, h, w]` to the
    left, top, right and bottom in `strides`, and of each the centre-ness `[1, h, w]`. Outputs: the detections, a list
    of mappings with `boxes`, `scores` and `labels`, and in training the losses `classification`, `bbox_regression` and
    `bbox_ctrness`. Errors: maps that do not fit each other.
    """

    name = "point_detections"
    main = "strides"
    kind = "detection"
    inputs = (6, None)
    outputs = ("detections", "losses")
    training_outputs = ("losses",)
    takes = "anything"
    example = (
        "{point_detections: [8, 16], detections_per_img: 20, "
        "from: [images, sizes, targets, score1, score2, distance1, distance2, center1, center2]}"
    )
    example_inputs = (
        (3, 64, 96),
        image_sizes(60, 90),
        TARGETS,
        *((3, 8, 12), (3, 4, 6)),
        *((4, 8, 12), (4, 4, 6)),
        *((1, 8, 12), (1, 4, 6)),
    )

    strides: Annotated[tuple[Positive, ...], Expects("a list of whole numbers from 1, one for each feature map")]
    score_thresh: Probability = 0.2
    nms_thresh: Probability = 0.6
    detections_per_img: Positive = 100
    topk_candidates: Positive = 1000
    center_sampling_radius: PositiveReal = 1.5

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        images, sizes, targets, *maps = inputs
        carried_checks.feature_map(self.name, images)
        carried_checks.image_sizes(self.name, sizes)
        carried_checks.targets(self.name, targets)
        self._check_maps(maps)
        count = self.detections_per_img
        found = records(boxes=(count, 4), scores=(count,), labels=Carried((count,), dtype="int64"))
        return found, scalars("classification", "bbox_regression", "bbox_ctrness")

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.point_detections.PointDetections", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        first, maps = names[:3], names[3:]
        third = len(maps) // 3
        return *first, *(f"[{', '.join(maps[start : start + third])}]" for start in range(0, len(maps), third))

    def _check_maps(self, maps: Sequence[Shape]) -> None:
        levels = len(self.strides)
        if len(maps) != 3 * levels:
            raise OpError(
                "anchors",
                f"`strides` names {levels} feature maps, and {len(maps) / 3:g} have scores, distances and centre-ness",
                field="strides",
                expected="a stride for each feature map",
                found=", ".join(map(shape_text, maps)),
            )
        scores, distances, centers = maps[:levels], maps[levels : 2 * levels], maps[2 * levels :]
        for channels, group in ((scores[0][:1], scores), ((4,), distances), ((1,), centers)):
            for each, like in zip(group, scores):
                shape = carried_checks.feature_map(self.name, each)
                if any(map(differ, shape, (*channels, *like[1:]))):
                    expected = shape_text((*channels, *like[1:]))
                    raise carried_checks.refuse(self.name, "a map", each, expected)
