"""SVG → PNG, by resvg: one small wheel without system libraries, which draws the same everywhere."""

from __future__ import annotations

from importlib.util import find_spec

from archspec.language.diagnostics import Diagnostic, SpecError

SCALE = 2.0
"""Pixels for each unit of the SVG."""


def png(svg: str, scale: float = SCALE) -> bytes:
    """A picture as PNG; its SVG must hold one theme, since nobody prefers any here.

    Raises `SpecError` where the package that draws it is not installed.
    """
    if find_spec("resvg_py") is None:
        message = "a PNG of this picture is drawn by `resvg-py`, which is not installed"
        raise SpecError([Diagnostic("picture", message, help="pip install 'archspec-nn[png]', or write an SVG")])
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale))
