"""Detectors with default boxes, whose classes have a background among them."""

from collections.abc import Sequence
from typing import Annotated

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Expects, Module, Op, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import Flag, Positive, PositiveReal, Probability, differ
from archspec.ops.proposals import TARGETS, scores_and_deltas
from archspec.ops.shapes import Carried, Shape, image_sizes, records, scalars, shape_text

Ratios = Annotated[
    tuple[tuple[PositiveReal, ...], ...], Expects("a list that holds, for each feature map, the list of its ratios")
]


@register
class DefaultBoxDetections(Op):
    """Objects from the scores and deltas of default boxes: torchvision.models.detection.SSD (Liu et al. 2016).

    Each place of a map has a box of its scale, one between its scale and the next, and two for each of the map's
    `aspect_ratios`. The scales go from `min_ratio` to `max_ratio` of the image unless `scales` lists them, one more
    than maps; `steps` are how far places lie apart, the image's size by the map's if not given. Of each class the
    `topk_candidates` best scores above `score_thresh`; of all the best `detections_per_img` after non-maximum
    suppression. Inputs: the batch of images `[3, H, W]`, the sizes of the images in it, the targets, then of each map
    the scores `[A·K, h, w]` of K classes, the background first, then of each map the deltas `[4·A, h, w]`. Outputs: the
    detections, a list of mappings with `boxes`, `scores` and `labels`, and in training the losses `bbox_regression`
    and `classification`. Errors: maps that do not fit the boxes.
    """

    name = "default_box_detections"
    main = "aspect_ratios"
    kind = "detection"
    unlabelled = ("aspect_ratios",)
    inputs = (5, None)
    outputs = ("detections", "losses")
    training_outputs = ("losses",)
    takes = "anything"
    example = (
        "{default_box_detections: [[2], [2, 3]], detections_per_img: 20, "
        "from: [images, sizes, targets, score1, score2, delta1, delta2]}"
    )
    example_inputs = (
        (3, 64, 96),
        image_sizes(60, 90),
        TARGETS,
        *((12, 8, 12), (18, 4, 6)),
        *((16, 8, 12), (24, 4, 6)),
    )

    aspect_ratios: Ratios
    scales: Annotated[tuple[PositiveReal, ...] | None, Expects("a list of numbers above 0, or null")] = None
    min_ratio: PositiveReal = 0.15
    max_ratio: PositiveReal = 0.9
    steps: Annotated[tuple[Positive, ...] | None, Expects("a list of whole numbers from 1, or null")] = None
    clip: Flag = True
    score_thresh: Probability = 0.01
    nms_thresh: Probability = 0.45
    detections_per_img: Positive = 200
    topk_candidates: Positive = 400
    iou_thresh: Probability = 0.5
    positive_fraction: Probability = 0.25

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        images, sizes, targets, *maps = inputs
        carried_checks.feature_map(self.name, images)
        carried_checks.image_sizes(self.name, sizes)
        carried_checks.targets(self.name, targets)
        self._check_lists(len(maps))
        self._check_maps(maps)
        count = self.detections_per_img
        found = records(boxes=(count, 4), scores=(count,), labels=Carried((count,), dtype="int64"))
        return found, scalars("bbox_regression", "classification")

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.default_boxes.DefaultBoxDetections", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        return scores_and_deltas(names)

    def _check_lists(self, maps: int) -> None:
        levels = len(self.aspect_ratios)
        wanted = {"scales": levels + 1, "steps": levels}
        for field, count in wanted.items():
            given = getattr(self, field)
            if given is not None and len(given) != count:
                message = f"`{field}` has {len(given)} numbers for {levels} feature maps"
                raise OpError("anchors", message, field=field, expected=f"{count} numbers", found=str(list(given)))
        if maps != 2 * levels:
            raise OpError(
                "anchors",
                f"`aspect_ratios` has boxes for {levels} feature maps, and {maps / 2:g} have scores and deltas",
                field="aspect_ratios",
                expected="a list of ratios for each feature map",
            )

    def _check_maps(self, maps: Sequence[Shape]) -> None:
        """Hold the maps against the boxes of each place, and their classes against each other."""
        levels, classes = len(self.aspect_ratios), None
        for place, (score, delta) in enumerate(zip(maps[:levels], maps[levels:])):
            boxes = 2 + 2 * len(self.aspect_ratios[place])
            given = carried_checks.feature_map(self.name, score)[0], carried_checks.feature_map(self.name, delta)[0]
            if not possible(divisible_by(given[0], boxes)) or differ(given[1], 4 * boxes):
                raise OpError(
                    "anchors",
                    f"feature map {place} has {boxes} boxes in each position",
                    expected=f"a multiple of {boxes} channels of scores, and {4 * boxes} of deltas",
                    found=f"{given[0]} and {given[1]}",
                )
            if any(map(differ, score[1:], delta[1:])):
                wanted = f"as many positions as {shape_text(score)}"
                raise carried_checks.refuse(self.name, f"the deltas of feature map {place}", delta, wanted)
            own = given[0] // boxes
            if classes is not None and differ(classes, own):
                message = f"the feature maps have scores of {classes} and {own} classes"
                raise OpError("anchors", message, expected="as many everywhere")
            classes = own
