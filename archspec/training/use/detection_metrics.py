"""How well objects are found: COCO's mean average precision, by torchmetrics and pycocotools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torchmetrics.detection import MeanAveragePrecision

SHOWN = ("map", "map_50", "map_75")
"""The mean over overlaps from 0.5 to 0.95, and those at 0.5 and 0.75."""
OVERLAPS = [number / 100 for number in range(50, 100, 5)]
RECALLS = [number / 100 for number in range(101)]
"""COCO's. torchmetrics' own are rounded to 32 bits, so that an overlap of exactly 0.6 is not enough for 0.6."""
KINDS = {"bbox": "", "segm": "mask_"}
"""torchmetrics' words for what is held against what, and how the names begin that we give."""


class ObjectPrecision(MeanAveragePrecision):
    """The precision of boxes, and of masks where there are `masks`, over all processes of a run.

    torchmetrics gathers image by image, and waits for ever where processes have seen different numbers of them.
    """

    def __init__(self, masks: bool = False, by_class: bool = False) -> None:
        self.masks = masks
        kinds: Any = ("bbox", "segm") if masks else ("bbox",)
        super().__init__(iou_type=kinds, iou_thresholds=OVERLAPS, rec_thresholds=RECALLS, class_metrics=by_class)
        self.warn_on_many_detections = False  # the hundred surest count, as in COCO's own evaluation

    def update(self, preds: list[dict[str, Tensor]], target: list[dict[str, Tensor]]) -> None:
        """Count what was found in some images, masks as shares of each pixel, against what is there."""
        super().update([self._found(each) for each in preds], target)

    def _found(self, found: Mapping[str, Tensor]) -> dict[str, Tensor]:
        kept = {name: found[name] for name in ("boxes", "scores", "labels")}
        return {**kept, "masks": found["masks"].squeeze(1) > 0.5} if self.masks else kept

    def _sync_dist(self, dist_sync_fn: Any = None, process_group: Any = None) -> None:
        world = torch.distributed.get_world_size(process_group)
        for name in self._reductions:
            shares: list[Any] = [None] * world
            torch.distributed.all_gather_object(shares, getattr(self, name), group=process_group)
            setattr(self, name, [each for share in shares for each in share])


def precisions(computed: Mapping[str, Tensor] | None, masks: bool) -> dict[str, Any]:
    """The precisions that are told, of what the metric computed; `None` for each where nothing was.

    >>> list(precisions(None, masks=True))
    ['map', 'map_50', 'map_75', 'mask_map', 'mask_map_50', 'mask_map_75']
    """
    kinds = KINDS if masks else ("bbox",)
    return {
        f"{KINDS[kind]}{name}": computed and computed[f"{kind}_{name}" if masks else name]
        for kind in kinds
        for name in SHOWN
    }
