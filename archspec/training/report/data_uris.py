"""Pictures as addresses that hold them, for a page that stands alone."""

from __future__ import annotations

import io
from base64 import b64encode

from PIL.Image import Image as Picture
from torch import Tensor, uint8

from archspec.training.use.draw_boxes import scaled, with_boxes
from archspec.training.use.results import Scene

LARGEST = 160
"""The greatest side of a shown image in pixels."""
SCENE = 400
"""The greatest side of one with objects in it."""


def png_uri(image: Tensor) -> str:
    """An image `[C, H, W]` as a network was fed with it, its values spread over all shades."""
    from torchvision.transforms.v2 import functional

    picture = functional.to_pil_image(_spread(image))
    picture.thumbnail((LARGEST, LARGEST))
    return _uri(picture)


def scene_uri(scene: Scene) -> str:
    """An image with what was found in it; small ones are made larger, so that what is written there can be read."""
    from torchvision.transforms.v2 import functional

    scale = SCENE / max(scene.image.shape[-2:])
    size = [max(round(side * scale), 1) for side in scene.image.shape[-2:]]
    image = functional.to_dtype(functional.resize(_spread(scene.image), size), uint8, scale=True)
    found = [scaled(each, scale) for each in scene.found]
    there = [[side * scale for side in box] for box in scene.there]
    return _uri(functional.to_pil_image(with_boxes(image, found, there, letters=SCENE // 20)))


def _spread(image: Tensor) -> Tensor:
    low, high = image.min(), image.max()
    return (image - low) / (high - low).clamp(min=1e-12)


def _uri(picture: Picture) -> str:
    target = io.BytesIO()
    picture.save(target, "PNG")
    return f"data:image/png;base64,{b64encode(target.getvalue()).decode()}"
