"""Conversion between grey and colour images."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def with_channels(images: Tensor, channels: int | None) -> Tensor:
    """Images `[…, C, H, W]`, grey as colour and colour as grey where the network takes them so."""
    from torchvision.transforms.v2 import functional

    own = images.shape[-3]
    if channels == 3 and own == 1:
        return images.expand(*images.shape[:-3], 3, -1, -1)
    grey: Tensor = functional.rgb_to_grayscale(images) if channels == 1 and own == 3 else images
    return grey
