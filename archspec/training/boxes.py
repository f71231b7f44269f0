"""Found objects drawn on a copy of their image."""

from __future__ import annotations

import io
import zlib

import torch

from archspec.training.data import read_image
from archspec.training.prediction import Predicted

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, one for each class by its name."""
LETTERS = 40
"""The height of an image is so many times that of its letters, within reason."""


def drawn(predicted: Predicted) -> bytes:
    """The image as PNG, with the boxes, classes and scores of the objects in it."""
    from torchvision.transforms.v2 import functional
    from torchvision.utils import draw_bounding_boxes

    image = read_image(predicted.path, 3)
    height = min(max(image.shape[-2] // LETTERS, 10), 32)
    found = predicted.objects
    if found:
        image = draw_bounding_boxes(
            image,
            torch.tensor([each.box for each in found]),
            labels=[f"{each.name} {each.score:.0%}" for each in found],
            colors=[_colour(each.name) for each in found],
            width=max(2, height // 8),
            font=_font(),
            font_size=height,
            fill_labels=True,
        )
    target = io.BytesIO()
    functional.to_pil_image(image).save(target, "PNG")
    return target.getvalue()


def _colour(name: str) -> str:
    return COLOURS[zlib.crc32(name.encode()) % len(COLOURS)]


def _font() -> str:
    """matplotlib's own font, which is there wherever it is."""
    from matplotlib.font_manager import findfont

    return findfont("DejaVu Sans")
