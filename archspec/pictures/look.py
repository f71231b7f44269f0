"""How a picture is to look on paper: its size there, its text, its ground.

>>> paper_of('3.5in'), paper_of('16:9')
(Paper(width=252.0, height=None), Paper(width=960.0, height=540.0))
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, SpecError

UNITS: Mapping[str, float] = {"mm": 72 / 25.4, "cm": 720 / 25.4, "in": 72.0, "pt": 1.0}
"""Points in each unit of length."""
SLIDE = 960.0
"""The width of a slide in points, as PowerPoint has it."""
LEAST, MOST = 36.0, 4000.0
"""How wide paper may be, in points."""


class Paper(Struct, frozen=True):
    """What a picture must fit on, in points; without a height it is as high as it needs to be."""

    width: float
    height: float | None = None


class Look(Struct, frozen=True):
    """How a picture looks, whatever it shows.

    It is laid out for its `paper`, with text of `min_pt` points at least where that can be. `scale` makes all larger,
    `dpi` are the pixels of a PNG to an inch. A `font` is the family of its text where a format can name one.
    """

    paper: Paper | None = None
    min_pt: float = 6.0
    scale: float = 1.0
    dpi: float | None = None
    transparent: bool = False
    font: str | None = None


PLAIN = Look()
"""By itself, at its own size."""


def look_of(
    width: str | None = None,
    min_pt: float = 6.0,
    scale: float = 1.0,
    dpi: float | None = None,
    transparent: bool = False,
    font: str | None = None,
) -> Look:
    """The look that these options ask for; raises `SpecError` for one that no picture can have."""
    for name, number, (least, most) in (("min_pt", min_pt, POINTS), ("scale", scale, SCALES), ("dpi", dpi, DENSITIES)):
        if number is not None and not least <= number <= most:
            raise _refused(f"`{name}` of a picture is {number:g}", f"a number from {least:g} to {most:g}")
    if font is not None and not re.fullmatch(r"[\w -]{1,60}", font):
        raise _refused(f"`{font}` is no name of a font", "letters, digits, spaces and hyphens")
    return Look(paper_of(width) if width else None, min_pt, scale, dpi, transparent, font)


POINTS, SCALES, DENSITIES = (1.0, 40.0), (0.1, 10.0), (20.0, 2400.0)
"""The least and the most that options may be."""


def _refused(message: str, expected: str, help: str | None = None) -> SpecError:
    return SpecError([Diagnostic("unknown-choice", message, expected=expected, help=help)])


def paper_of(text: str) -> Paper:
    """The paper of a width, `85mm`, `3.5in` or `252pt`, or a slide of a ratio, `16:9`; raises `SpecError`."""
    if length := re.fullmatch(rf"(\d+(?:\.\d+)?)\s*({'|'.join(UNITS)})", text.strip()):
        width = float(length[1]) * UNITS[length[2]]
        if LEAST <= width <= MOST:
            return Paper(width)
    ratio = re.fullmatch(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)", text.strip())
    if ratio and float(ratio[1]) > 0 and 0.2 <= float(ratio[2]) / float(ratio[1]) <= 5:
        return Paper(SLIDE, SLIDE * float(ratio[2]) / float(ratio[1]))
    raise _refused(
        f"`{text}` is no width of a picture",
        "a length from 13mm to 1400mm (in mm, cm, in or pt), or the ratio of a slide",
        "a column of a paper is `85mm`, its page `178mm`, a slide `16:9`",
    )
