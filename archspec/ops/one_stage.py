"""Detectors without proposals: every anchor is classified."""

from typing import Literal

from archspec.ops import carried_checks
from archspec.ops.base import Module, Op, OpError, register
from archspec.ops.field_types import Positive, Probability, differ
from archspec.ops.proposals import TARGETS, Ratios, Sizes, check_anchors
from archspec.ops.shapes import Carried, Shape, image_sizes, records, scalars

ANCHOR_DETECTIONS = '''
class AnchorDetections(retinanet.RetinaNet):
    """In evaluation the objects that the anchors' scores and deltas show, in training the losses (Lin et al. 2017)."""

    BETWEEN_THRESHOLDS = Matcher.BETWEEN_THRESHOLDS

    def __init__(
        self,
        sizes,
        aspect_ratios=(0.5, 1.0, 2.0),
        score_thresh=0.05,
        nms_thresh=0.5,
        detections_per_img=300,
        topk_candidates=1000,
        fg_iou_thresh=0.5,
        bg_iou_thresh=0.4,
        box_loss="l1",
    ):
        nn.Module.__init__(self)
        self.anchor_generator = AnchorGenerator(sizes, (aspect_ratios,) * len(sizes))
        self.proposal_matcher = Matcher(fg_iou_thresh, bg_iou_thresh, allow_low_quality_matches=True)
        self.box_coder = BoxCoder(weights=(1.0, 1.0, 1.0, 1.0))
        self.score_thresh = score_thresh
        self.nms_thresh = nms_thresh
        self.detections_per_img = detections_per_img
        self.topk_candidates = topk_candidates
        self._loss_type = box_loss

    def forward(self, images, sizes, targets, *maps):
        scores, deltas = maps[: len(maps) // 2], maps[len(maps) // 2 :]
        anchors = self.anchor_generator(ImageList(images, sizes), scores)
        per_place = self.anchor_generator.num_anchors_per_location()
        counts = [count * level[0, 0].numel() for count, level in zip(per_place, scores)]
        outputs = {
            "cls_logits": torch.cat([self.rows(*each) for each in zip(scores, per_place)], dim=1),
            "bbox_regression": torch.cat([self.rows(*each) for each in zip(deltas, per_place)], dim=1),
        }
        if self.training:
            matched = [self.matched(*each) for each in zip(targets, anchors)]
            # The losses of torchvision's heads read none of the heads' weights.
            class_loss = retinanet.RetinaNetClassificationHead.compute_loss
            box_loss = retinanet.RetinaNetRegressionHead.compute_loss
            return [], {
                "classification": class_loss(self, targets, outputs, matched),
                "bbox_regression": box_loss(self, targets, outputs, anchors, matched),
            }
        levels = {name: list(each.split(counts, dim=1)) for name, each in outputs.items()}
        return self.postprocess_detections(levels, [each.split(counts) for each in anchors], sizes), {}

    def rows(self, maps, count):
        n, channels, height, width = maps.shape
        maps = maps.view(n, count, channels // count, height, width)
        return maps.permute(0, 3, 4, 1, 2).reshape(n, -1, channels // count)

    def matched(self, target, anchors):
        if len(target["boxes"]) == 0:
            return torch.full((len(anchors),), -1, dtype=torch.int64, device=anchors.device)
        return self.proposal_matcher(box_iou(target["boxes"], anchors))
'''


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
    inputs = (5, None)
    outputs = ("detections", "losses")
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
        detection = "torchvision.models.detection"
        return Module(
            "AnchorDetections",
            self.settings(),
            ANCHOR_DETECTIONS,
            (
                f"{detection}._utils.BoxCoder",
                f"{detection}._utils.Matcher",
                f"{detection}.anchor_utils.AnchorGenerator",
                f"{detection}.image_list.ImageList",
                f"{detection}.retinanet",
                "torchvision.ops.box_iou",
            ),
        )
