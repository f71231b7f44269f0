"""Pictures as addresses that hold them, for a page that stands alone."""

from __future__ import annotations

import io
from base64 import b64encode

from torch import Tensor

LARGEST = 160
"""The greatest side of a shown image in pixels."""


def svg_uri(svg: bytes) -> str:
    """An SVG."""
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"


def png_uri(image: Tensor) -> str:
    """An image `[C, H, W]` as a network was fed with it, its values spread over all shades."""
    from torchvision.transforms.v2 import functional

    low, high = image.min(), image.max()
    picture = functional.to_pil_image((image - low) / (high - low).clamp(min=1e-12))
    picture.thumbnail((LARGEST, LARGEST))
    target = io.BytesIO()
    picture.save(target, "PNG")
    return f"data:image/png;base64,{b64encode(target.getvalue()).decode()}"
