"""Regions that may hold an object: proposed by a network, sampled for training, kept for a second look."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from archspec.ops import carried_checks
from archspec.ops.base import MODULES, Expects, Module, Op, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import Positive, PositiveReal, Probability, differ
from archspec.ops.shapes import Carried, Shape, image_sizes, listed, records, scalars, shape_text

Some = Annotated[tuple[Positive, ...], Field(min_length=1)]
Sizes = Annotated[
    tuple[Some, ...],
    Field(min_length=1),
    Expects("a list with the list of anchor sizes, in pixels, of each feature map"),
]
Ratios = Annotated[tuple[PositiveReal, ...], Field(min_length=1), Expects("a list of heights over widths")]
BoxWeights = Annotated[
    tuple[PositiveReal, PositiveReal, PositiveReal, PositiveReal],
    Expects("4 numbers above 0, for the center's x and y, the width and the height"),
]
TARGETS = Carried((), "records", fields={"boxes": (5, 4), "labels": Carried((5,), dtype="int64")}, optional=True)
"""Targets for an example."""


@register
class RegionProposals(Op):
    """Proposals from scores and deltas: torchvision.models.detection.rpn.RegionProposalNetwork (Ren et al. 2015).

    The anchors of all feature maps, moved by their deltas; of each map the best `pre_nms_top_n` by score, of them
    after non-maximum suppression the best `post_nms_top_n`. Inputs: the batch of images `[3, H, W]`, the sizes of the
    images in it, the targets, then of each map the objectness `[A, h, w]`, then of each map the deltas `[4·A, h, w]`,
    for A anchors: each of the map's `sizes` in each of the `aspect_ratios`. Outputs: the proposals, a list of
    `[N, 4]`, and in training the losses `loss_objectness` and `loss_rpn_box_reg`. Errors: maps that do not fit the
    anchors.
    """

    name = "region_proposals"
    main = "sizes"
    kind = "detection"
    unlabelled = ("sizes", "aspect_ratios")
    inputs = (5, None)
    sized_by = (0,)
    outputs = ("proposals", "losses")
    training_outputs = ("losses",)
    takes = "anything"
    example = (
        "{region_proposals: [[32], [64]], post_nms_top_n_test: 50, "
        "from: [images, sizes, targets, score1, score2, delta1, delta2]}"
    )
    example_inputs = (
        (3, 64, 96),
        image_sizes(60, 90),
        TARGETS,
        (3, 8, 12),
        (3, 4, 6),
        (12, 8, 12),
        (12, 4, 6),
    )

    sizes: Sizes
    aspect_ratios: Ratios = (0.5, 1.0, 2.0)
    pre_nms_top_n_train: Positive = 2000
    pre_nms_top_n_test: Positive = 1000
    post_nms_top_n_train: Positive = 2000
    post_nms_top_n_test: Positive = 1000
    nms_thresh: Probability = 0.7
    score_thresh: Probability = 0.0
    fg_iou_thresh: Probability = 0.7
    bg_iou_thresh: Probability = 0.3
    batch_size_per_image: Positive = 256
    positive_fraction: Probability = 0.5

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        images, sizes, targets, *maps = inputs
        carried_checks.feature_map(self.name, images)
        carried_checks.image_sizes(self.name, sizes)
        carried_checks.targets(self.name, targets)
        check_anchors(self.name, self.sizes, self.aspect_ratios, maps, 1)
        return listed(self.post_nms_top_n_test, 4), scalars("loss_objectness", "loss_rpn_box_reg")

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.proposals.RegionProposals", self.settings())

    def arguments(self, *names: str) -> tuple[str, ...]:
        return scores_and_deltas(names)


def scores_and_deltas(names: Sequence[str]) -> tuple[str, ...]:
    """The arguments of a module that takes images, sizes and targets, then a list of scores and one of deltas.

    >>> scores_and_deltas(("images", "sizes", "targets", "score1", "score2", "delta1", "delta2"))
    ('images', 'sizes', 'targets', '[score1, score2]', '[delta1, delta2]')
    """
    first, maps = names[:3], names[3:]
    half = len(maps) // 2
    return *first, f"[{', '.join(maps[:half])}]", f"[{', '.join(maps[half:])}]"


def check_anchors(
    op: str, sizes: tuple[tuple[int, ...], ...], ratios: tuple[float, ...], maps: list[Shape], scores: int | None
) -> None:
    """Hold maps, first of scores and then of deltas, against their anchors; `None` for any number of scores each."""
    levels = len(sizes)
    if len(maps) != 2 * levels:
        raise OpError(
            "anchors",
            f"`sizes` has anchors for {levels} feature maps, and {len(maps) / 2:g} have scores and deltas",
            field="sizes",
            expected="a list of anchor sizes for each feature map",
            found=", ".join(map(shape_text, maps)),
        )
    for place, (score, delta) in enumerate(zip(maps[:levels], maps[levels:])):
        anchors = len(sizes[place]) * len(ratios)
        given = carried_checks.feature_map(op, score)[0], carried_checks.feature_map(op, delta)[0]
        fits = possible(divisible_by(given[0], anchors)) if scores is None else not differ(given[0], scores * anchors)
        if not fits or differ(given[1], 4 * anchors):
            raise OpError(
                "anchors",
                f"feature map {place} has {anchors} anchors in each position",
                expected=f"{anchors * (scores or 1)} channels of scores and {4 * anchors} of deltas",
                found=f"{given[0]} and {given[1]}",
            )
        if any(map(differ, score[1:], delta[1:])):
            raise carried_checks.refuse(
                op, f"the deltas of feature map {place}", delta, f"as many positions as {shape_text(score)}"
            )


@register
class SampleProposals(Op):
    """Proposals to train on: torchvision.models.detection.roi_heads.RoIHeads.select_training_samples (Girshick 2015).

    In training the objects' own boxes join the proposals, and `batch_size_per_image` are drawn, at most
    `positive_fraction` of them positive: with an overlap of `fg_iou_thresh` with an object. In evaluation they pass
    through. Inputs: the proposals, a list of `[N, 4]`, and the targets. Outputs: the proposals, and in training what
    each is matched with. Errors: targets without `boxes` or `labels`.
    """

    name = "sample_proposals"
    main = "batch_size_per_image"
    kind = "detection"
    inputs = (2, 2)
    outputs = ("proposals", "samples")
    takes = "anything"
    shares_memory = True
    example = "{sample_proposals: 64, from: [proposals, targets]}"
    example_inputs = (listed(50, 4), TARGETS)

    batch_size_per_image: Positive = 512
    positive_fraction: Probability = 0.25
    fg_iou_thresh: Probability = 0.5
    bg_iou_thresh: Probability = 0.5
    bbox_reg_weights: BoxWeights = (10.0, 10.0, 5.0, 5.0)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        proposals, targets = inputs
        carried_checks.boxes(self.name, "proposals", proposals)
        carried_checks.targets(self.name, targets)
        count = self.batch_size_per_image
        return proposals, samples(count)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.proposals.SampleProposals", self.settings())


def samples(count: int) -> Carried:
    """What each of `count` proposals is matched with in training: an object, its label, and the deltas to its box."""
    whole = Carried((count,), dtype="int64")
    fields = {"matched_idxs": whole, "labels": whole, "regression_targets": (count, 4)}
    return Carried((), "records", fields=fields, optional=True)


@register
class InstanceProposals(Op):
    """The boxes to look at once more, for a mask or keypoints: no torch class (He et al. 2017, section 3.1).

    Inputs: the detections, the proposals that they were made of, and the samples of `sample_proposals`. Outputs: the
    boxes, a list of `[N, 4]`: in evaluation the detected ones, in training the positive samples; and for training the
    number of the object that each is matched with. Errors: inputs of other kinds.
    """

    name = "instance_proposals"
    kind = "detection"
    inputs = (3, 3)
    outputs = ("boxes", "matched_idxs")
    takes = "anything"
    shares_memory = True
    example = "{instance_proposals: , from: [detections, proposals, samples]}"
    example_inputs = (
        records(boxes=(20, 4), labels=Carried((20,), dtype="int64"), scores=(20,)),
        listed(50, 4),
        samples(50),
    )

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        detections, proposals, drawn = inputs
        found = carried_checks.records(self.name, "detections", detections, "boxes", "labels")["boxes"]
        carried_checks.boxes(self.name, "proposals", proposals)
        carried_checks.records(self.name, "samples", drawn, "matched_idxs", "labels")
        return listed(*found), Carried(found[:1], "list", dtype="int64", optional=True)

    def module(self, *inputs: Shape) -> Module:
        return Module(f"{MODULES}.proposals.InstanceProposals")
