"""The targets of detection: what of them survives the transforms, in the form torchvision's models take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch


def finished(target: Mapping[str, Any], *, training: bool) -> dict[str, Any]:
    """Plain tensors of one image's objects, keypoints with their visibility; boxes `[N, 4]` as x1, y1, x2, y2.

    In training, an object that the transforms left no box of is dropped.
    """
    from torchvision.transforms.v2.functional import clamp_bounding_boxes
    from torchvision.tv_tensors import BoundingBoxes

    boxes = target["boxes"]
    if isinstance(boxes, BoundingBoxes):
        boxes = clamp_bounding_boxes(boxes)
    kept = torch.ones(len(boxes), dtype=torch.bool)
    if training:
        kept = ((boxes[:, 2:] - boxes[:, :2]) >= 1).all(1)
    plain = {**target, "boxes": boxes}
    values = {name: _plain(value)[kept] if _of_objects(name) else _plain(value) for name, value in plain.items()}
    if "keypoints" in values:
        seen = values.pop("visibility")
        values["keypoints"] = torch.cat([values["keypoints"], seen.unsqueeze(-1)], -1)
    return values


def _of_objects(name: str) -> bool:
    return name != "image_id"


def _plain(value: Any) -> Any:
    return value.as_subclass(torch.Tensor) if isinstance(value, torch.Tensor) else value
