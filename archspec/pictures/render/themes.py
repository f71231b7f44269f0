"""Colours. They never say alone what a box is: its outline does too, in every theme.

The hues are those of Okabe and Ito, made to be told apart by colour-blind readers (https://jfly.uni-koeln.de/color/),
lightened for black text and darkened for white; they have no violet, which is for detection. The theme for print is of
black and white alone, without a grey that a photocopier would lose.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from archspec.pictures.drawing.cost_colours import STEPS

Theme = Literal["light", "dark", "print"]

_HUES: Mapping[str, tuple[str, str, str, str]] = {
    # light fill, light line, dark fill, dark line
    "convolution": ("#C5E3F7", "#0072B2", "#174A6B", "#56B4E9"),
    "linear": ("#F9D3BC", "#C04F00", "#6B2F13", "#F08A4B"),
    "normalization": ("#FBF8C0", "#857B00", "#4E4B14", "#F0E978"),
    "activation": ("#B8E8D2", "#00785A", "#0F5634", "#4FD39A"),
    "pooling": ("#F4D2E5", "#A5507F", "#632C4D", "#E79CC4"),
    "regularization": ("#E8E8E8", "#7F7F7F", "#3F3F3F", "#8C8C8C"),
    "shape": ("#FFFFFF", "#6E6E6E", "#26282C", "#B0B0B0"),
    "join": ("#FFFFFF", "#222222", "#26282C", "#E8E8E8"),
    "recurrent": ("#EBC67E", "#7D5500", "#6E4C08", "#D69C26"),
    "detection": ("#DDD4EF", "#5B3A8E", "#544172", "#DAC8F8"),
    "other": ("#FFFFFF", "#444444", "#26282C", "#CCCCCC"),
    "input": ("#FFFFFF", "#6E6E6E", "#26282C", "#B0B0B0"),
    "block": ("#ECEEF1", "#30363D", "#3B424B", "#D5D9DE"),
}

_STATUSES: Mapping[str, tuple[str, str, str, str]] = {
    # light fill, light line, dark fill, dark line
    "unchanged": ("#FFFFFF", "#A3A9B1", "#16181B", "#626870"),
    "changed": ("#FDEBC0", "#A86E00", "#574008", "#F0B93A"),
    "added": ("#C2E8DC", "#00785A", "#12503F", "#35C69B"),
    "removed": ("#FADCCB", "#C04F00", "#5F2E11", "#F08A4B"),
}

BLACK, WHITE = "#000000", "#FFFFFF"
NONE = "none"
"""The paint of lines that a theme does not show."""

_PLAIN: Mapping[str, tuple[str, str, str]] = {
    # light, dark, print
    "page": ("#FFFFFF", "#16181B", WHITE),
    "ink": ("#111111", "#F2F2F2", BLACK),
    "muted": ("#4A4F57", "#B4BAC2", BLACK),
    "muted-box": ("#2F343A", "#D6DAE0", BLACK),
    "line": ("#3C434B", "#AEB4BC", BLACK),
    "rule": ("#30363D", "#AEB4BC", BLACK),
    "frame-0": ("#F7F8FA", "#1E2125", WHITE),
    "frame-1": ("#EEF0F4", "#282C31", WHITE),
    "frame-line": ("#B9BFC7", "#555B63", BLACK),
    "fan": ("#EEF0F3", "#24282D", WHITE),
    "hatch": (NONE, NONE, BLACK),
    "faded": ("#6A7079", "#969CA4", BLACK),
    "emphasis": ("#D55E00", "#FF9A4D", BLACK),
    "panel": ("#FFFFFF", "#16181B", WHITE),
}

_SHADES = (("#FFFFFF", "#F28E2B"), ("#26282C", "#8F4308"))
"""From nothing to the largest amount, light and dark; in print a bar says it alone."""


def paints(theme: Theme) -> dict[str, str]:
    """Every paint by its name."""
    place = ("light", "dark", "print").index(theme)
    found = {name: values[place] for name, values in _PLAIN.items()}
    for name, pairs in ({**_HUES, **_STATUSES}).items():
        found[f"fill-{name}"], found[f"line-{name}"] = (*pairs, WHITE, BLACK)[2 * place : 2 * place + 2]
    for name in _HUES:
        fill, line = found[f"fill-{name}"], found[f"line-{name}"]
        found[f"top-{name}"] = (_between(fill, WHITE, 0.55), _between(fill, line, 0.22), WHITE)[place]
        found[f"side-{name}"] = (_between(fill, line, 0.3), _between(fill, BLACK, 0.35), WHITE)[place]
    start, end = (*_SHADES, (WHITE, WHITE))[place]
    found |= {f"shade-{step}": _between(start, end, step / STEPS) for step in range(STEPS + 1)}
    return found


def _between(start: str, end: str, part: float) -> str:
    """A colour between two."""
    pairs = ((int(start[at : at + 2], 16), int(end[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * part):02X}" for one, other in pairs)
