"""Detections from places and default boxes: as torchvision's own detectors give them, losses too."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torchvision.models.detection import FCOS
from torchvision.models.detection.anchor_utils import DefaultBoxGenerator
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.ssd import SSD
from torchvision.ops import box_iou

from archspec.ops import OpError, ops

from .realising import make, realise

LEVELS = [(8, 12), (4, 6), (2, 3)]
IMAGES, SIZES = torch.rand(2, 3, 64, 96), [(64, 96), (60, 90)]


class Backbone(nn.Module):
    """Stands in for layers: the detectors are compared from the maps of their heads on."""

    out_channels = 32


def targets() -> list[dict[str, Tensor]]:
    boxes = torch.tensor([[3.0, 4.0, 40.0, 50.0], [20.0, 10.0, 80.0, 60.0], [30.0, 30.0, 45.0, 40.0]])
    return [
        {"boxes": boxes, "labels": torch.tensor([1, 2, 1])},
        {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)},
    ]


def maps(*channels: int) -> list[Tensor]:
    return [torch.randn(2, count, *size) for count, size in zip(channels, LEVELS)]


def rows(levels: list[Tensor], counts: list[int]) -> Tensor:
    """The maps' columns as torchvision's heads arrange them."""
    found = []
    for each, count in zip(levels, counts):
        n, channels, height, width = each.shape
        each = each.view(n, -1, channels // count, height, width).permute(0, 3, 4, 1, 2)
        found.append(each.reshape(n, -1, channels // count))
    return torch.cat(found, 1)


def same(ours: Any, theirs: Any) -> None:
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs):
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)


def test_places_are_torchvisions_fcos() -> None:
    scores, distances, centers = maps(3, 3, 3), [each.relu() for each in maps(4, 4, 4)], maps(1, 1, 1)
    op = make("point_detections", strides=[8, 16, 32], detections_per_img=30)
    inputs = (
        *ops()["point_detections"].example_inputs[:3],
        *(tuple(each.shape[1:]) for each in scores + distances + centers),
    )
    assert len(op.infer(*inputs)) == 2
    ours = realise(op, *inputs)
    theirs = FCOS(Backbone(), 3, detections_per_img=30)
    theirs.anchor_generator.sizes = ((8,), (16,), (32,))
    theirs.anchor_generator.cell_anchors = theirs.anchor_generator.cell_anchors[:3]
    outputs: dict[str, Any] = {"cls_logits": scores, "bbox_regression": distances, "bbox_ctrness": centers}
    outputs = {name: rows(each, [1, 1, 1]) for name, each in outputs.items()}
    anchors, counts = (
        theirs.anchor_generator(ImageList(IMAGES, SIZES), scores),
        [height * width for height, width in LEVELS],
    )
    ours.train()
    _, losses = ours(IMAGES, SIZES, targets(), *scores, *distances, *centers)
    expected = theirs.compute_loss(targets(), outputs, anchors, counts)
    same([losses], [expected])
    found, none = ours.eval()(IMAGES, SIZES, None, *scores, *distances, *centers)
    levels = {name: list(each.split(counts, 1)) for name, each in outputs.items()}
    same(found, theirs.postprocess_detections(levels, [list(each.split(counts)) for each in anchors], SIZES))
    assert not none and all(len(each["boxes"]) for each in found)


@pytest.mark.parametrize("more", [{}, {"scales": [0.1, 0.3, 0.6, 1.0]}, {"steps": [8, 16, 32], "clip": False}])
def test_default_boxes_are_torchvisions_ssd(more: dict[str, Any]) -> None:
    ratios, counts = [[2], [2, 3], []], [4, 6, 2]
    scores, deltas = maps(*(3 * count for count in counts)), maps(*(4 * count for count in counts))
    op = make("default_box_detections", aspect_ratios=ratios, detections_per_img=30, **more)
    inputs = (*ops()["default_box_detections"].example_inputs[:3], *(tuple(each.shape[1:]) for each in scores + deltas))
    assert len(op.infer(*inputs)) == 2
    ours = realise(op, *inputs)
    theirs = SSD(
        Backbone(), DefaultBoxGenerator(ratios, **more), (64, 96), 3, head=nn.Identity(), detections_per_img=30
    )
    outputs = {"cls_logits": rows(scores, counts), "bbox_regression": rows(deltas, counts)}
    anchors = theirs.anchor_generator(ImageList(IMAGES, SIZES), scores)
    first, second = targets()
    matched = [
        theirs.proposal_matcher(box_iou(first["boxes"], anchors[0])),
        torch.full((len(anchors[1]),), -1, dtype=torch.int64),
    ]
    _, losses = ours.train()(IMAGES, SIZES, targets(), *scores, *deltas)
    same([losses], [theirs.compute_loss([first, second], outputs, anchors, matched)])
    found, _ = ours.eval()(IMAGES, SIZES, None, *scores, *deltas)
    same(found, theirs.postprocess_detections(outputs, anchors, SIZES))
    assert all(len(each["boxes"]) for each in found)


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("point_detections", {"strides": [8]}, "strides"),
        ("default_box_detections", {"aspect_ratios": [[2]]}, "aspect_ratios"),
        ("default_box_detections", {"aspect_ratios": [[2], [2, 3]], "scales": [0.1, 0.2]}, "scales"),
        ("default_box_detections", {"aspect_ratios": [[2], [2, 3]], "steps": [8]}, "steps"),
    ],
)
def test_lists_of_another_length(name: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(OpError) as caught:
        make(name, **fields).infer(*ops()[name].example_inputs)
    assert caught.value.field == field
