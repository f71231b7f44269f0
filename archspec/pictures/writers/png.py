"""SVG → PNG, by resvg: one small wheel without system libraries, which draws the same everywhere."""

from __future__ import annotations

from archspec.pictures.fonts import FACES, covered, font_file

SCALE = 2.0
"""Pixels for each unit of the SVG."""


def png(svg: str, scale: float = SCALE) -> bytes:
    """A picture as PNG, in the fonts that come with archspec.

    Its SVG must hold one theme, since nobody prefers any here. The system's fonts are looked through only for
    characters that those fonts lack.
    """
    import resvg_py

    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            font_files=[str(font_file(face)) for face in FACES],
            skip_system_fonts=covered(svg),
            font_family="Arimo",
            sans_serif_family="Arimo",
        )
    )
