"""Found objects drawn on a copy of their image."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from archspec.training.data import read_image
from archspec.training.use.predict import Predicted
from archspec.training.use.results import Found

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, one for each class by its name."""
THERE = "#FFFFFF"
"""The colour of boxes as they are annotated."""
LEAST = 320
"""The larger side of an image on which what is written can be read, in pixels."""
LETTERS = 40
"""The height of an image is so many times that of its letters, within reason."""


def drawn(predicted: Predicted) -> bytes:
    """The image as PNG, with the boxes, classes and scores of the objects in it; a small one some times as large."""
    from torchvision.transforms.v2 import functional

    image = read_image(predicted.path, 3)
    times = -(-LEAST // max(image.shape[-2:]))
    larger = image.repeat_interleave(times, -2).repeat_interleave(times, -1)
    image = with_boxes(larger, [scaled(each, times) for each in predicted.objects])
    target = io.BytesIO()
    functional.to_pil_image(image).save(target, "PNG")
    return target.getvalue()


def with_boxes(
    image: Tensor, found: Sequence[Found], there: Sequence[Sequence[float]] = (), letters: int | None = None
) -> Tensor:
    """An image `[3, H, W]` of whole numbers with the objects found in it, over the boxes of those that are `there`.

    `letters` is the height of what is written, in pixels.
    """
    from torchvision.utils import draw_bounding_boxes

    height = letters or min(max(image.shape[-2] // LETTERS, 10), 32)
    width = max(2, height // 8)
    if there:
        image = draw_bounding_boxes(image, torch.tensor(there), colors=THERE, width=width)
    if found:
        image = draw_bounding_boxes(
            image,
            torch.tensor([each.box for each in found]),
            labels=[f"{each.name} {each.score:.0%}" for each in found],
            colors=[_colour(each.name) for each in found],
            width=width,
            font=_font(),
            font_size=height,
            fill_labels=True,
        )
    return image


def scaled(found: Found, times: float) -> Found:
    """The object in its image when that is so many times as large."""
    return replace(found, box=tuple(side * times for side in found.box))


def _colour(name: str) -> str:
    return COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]


def _font() -> str:
    """matplotlib's own font, which is there wherever it is."""
    from matplotlib.font_manager import findfont

    return findfont("DejaVu Sans")
