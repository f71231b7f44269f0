"""Image files → tensors, with what is wrong with a file said by name."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from torchvision.tv_tensors import Image

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".pgm", ".bmp", ".tif", ".tiff", ".webp", ".gif"})
"""The names of files that are taken for images."""
_MODES = {1: "L", 3: "RGB"}
_DEEP = ("I;16", "I;16B", "I;16L", "I", "F")
"""Pillow's modes of more than eight bits, which it would clip."""


class UnreadableError(Exception):
    """A file is gone, or is no whole image; `reason` says what is wrong with it.

    Subclasses say by `code`, `what` and `help` what else a file can be at fault for.
    """

    code = "data-unreadable"
    what = "cannot be read"
    help = "the data changed while it was read: restore the file, or start a new run without it"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def read_image(path: Path, channels: int | None) -> Image:
    """The image `[C, H, W]` of a file in whole numbers up to 255, upright; grey for one channel, RGB for three.

    Raises `UnreadableError` where the file is gone, truncated or no image.
    """
    from torchvision.transforms.v2 import functional
    from torchvision.tv_tensors import Image

    return Image(functional.pil_to_tensor(load(path, channels)))


def load(path: Path, channels: int | None, *, upright: bool = True) -> Picture:
    """As `read_image`, but Pillow's own image; `upright` or as it lies in its file."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as picture:
                picture.load()
                turned = ImageOps.exif_transpose(picture) if upright else picture
                return _converted(turned, _MODES.get(channels or 3, "RGB"))
    except FileNotFoundError:
        raise UnreadableError(path, "it does not exist") from None
    except Exception as error:  # Pillow's decoders raise many kinds for a file that is not whole
        raise UnreadableError(path, _reason(error)) from None


def _converted(picture: Picture, mode: str) -> Picture:
    if picture.mode in _DEEP:
        import numpy as np
        from PIL import Image

        values = np.asarray(picture, dtype="float64")
        top = 65535.0 if values.max() > 255 else 255.0
        picture = Image.fromarray((values.clip(0, top) * (255 / top)).round().astype("uint8"))
    return picture if picture.mode == mode else picture.convert(mode)


def _reason(error: Exception) -> str:
    text = str(error).strip() or type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
    if text.startswith("cannot identify image file"):
        return "it is not an image"
    return text[:1].lower() + text[1:]
