"""SVG → PNG, by resvg: one small wheel without system libraries, which draws the same everywhere."""

from __future__ import annotations

import struct
import zlib

from archspec.pictures.fonts import FACES, covered, font_file

SCALE = 2.0
"""Pixels for each unit of the SVG."""


INCH = 96.0
"""Of an SVG's units."""


def png(svg: str, scale: float = SCALE, dpi: float | None = None, font: str | None = None) -> bytes:
    """A picture as PNG, in the fonts that come with archspec, or in a family that the system has.

    Its SVG must hold one theme, since nobody prefers any here. The system's fonts are looked through only for
    characters that those fonts lack. With `dpi` it has so many pixels to an inch, and says so.
    """
    made = _drawn(svg, dpi / INCH if dpi else scale, font)
    return with_density(made, dpi) if dpi else made


def with_density(content: bytes, dpi: float) -> bytes:
    """A PNG that says how large it is: a chunk of pixels to a metre, after its header."""
    data = struct.pack(">IIB", *[round(dpi / 0.0254)] * 2, 1)
    chunk = struct.pack(">I", len(data)) + b"pHYs" + data + struct.pack(">I", zlib.crc32(b"pHYs" + data))
    return content[:HEADER] + chunk + content[HEADER:]


HEADER = 33
"""The bytes of a PNG's signature and header."""


def _drawn(svg: str, scale: float, font: str | None) -> bytes:
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            font_files=[str(font_file(face)) for face in FACES],
            skip_system_fonts=font is None and covered(svg),
            font_family="Arimo",
            sans_serif_family="Arimo",
        )
    )
