"""Colours. They never say alone what a box is: its text does, and its outline helps.

The hues are those of Okabe and Ito, made to be told apart by colour-blind readers (https://jfly.uni-koeln.de/color/),
lightened for black text and darkened for white; they have no violet, which is for detection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from archspec.backends.drawing.colouring import STEPS

Theme = Literal["light", "dark", "print"]

_HUES: Mapping[str, tuple[str, str, str, str]] = {
    # light fill, light line, dark fill, dark line
    "convolution": ("#C5E3F7", "#0072B2", "#174A6B", "#56B4E9"),
    "linear": ("#F9D3BC", "#C04F00", "#6B3413", "#F08A4B"),
    "normalization": ("#FAF5B5", "#8F8400", "#504C13", "#E6DC4A"),
    "activation": ("#C2E8DC", "#00785A", "#12503F", "#35C69B"),
    "pooling": ("#F1D7E6", "#A5507F", "#5A2E48", "#DE94BC"),
    "regularization": ("#E4E4E4", "#6E6E6E", "#3F3F3F", "#B0B0B0"),
    "shape": ("#FFFFFF", "#6E6E6E", "#26282C", "#B0B0B0"),
    "join": ("#FFFFFF", "#222222", "#26282C", "#E8E8E8"),
    "recurrent": ("#FBE2B0", "#A87300", "#5B4410", "#F0B93A"),
    "detection": ("#DDD4EF", "#5B3A8E", "#41305F", "#B79BE3"),
    "other": ("#FFFFFF", "#444444", "#26282C", "#CCCCCC"),
    "block": ("#ECEEF1", "#30363D", "#30353C", "#D5D9DE"),
}

_STATUSES: Mapping[str, tuple[str, str, str, str, str, str]] = {
    # light fill, light line, dark fill, dark line, print fill, print line
    "unchanged": ("#FFFFFF", "#A3A9B1", "#16181B", "#626870", "#FFFFFF", "#8A8A8A"),
    "changed": ("#FDEBC0", "#A86E00", "#574008", "#F0B93A", "#E4E4E4", "#000000"),
    "added": ("#C2E8DC", "#00785A", "#12503F", "#35C69B", "#FFFFFF", "#000000"),
    "removed": ("#FADCCB", "#C04F00", "#5F2E11", "#F08A4B", "#FFFFFF", "#000000"),
}

_PRINT: Mapping[str, str] = {
    "convolution": "#FFFFFF",
    "linear": "#E2E2E2",
    "pooling": "#EFEFEF",
    "block": "#FFFFFF",
}

_PLAIN: Mapping[str, tuple[str, str, str]] = {
    # light, dark, print
    "page": ("#FFFFFF", "#16181B", "#FFFFFF"),
    "ink": ("#111111", "#F2F2F2", "#000000"),
    "muted": ("#4A4F57", "#B4BAC2", "#000000"),
    "muted-box": ("#2F343A", "#D6DAE0", "#000000"),
    "line": ("#3C434B", "#AEB4BC", "#000000"),
    "rule": ("#30363D", "#AEB4BC", "#000000"),
    "frame-0": ("#F7F8FA", "#1E2125", "#FFFFFF"),
    "frame-1": ("#EEF0F4", "#282C31", "#F6F6F6"),
    "frame-line": ("#B9BFC7", "#555B63", "#777777"),
    "faded": ("#6A7079", "#969CA4", "#555555"),
    "panel": ("#FFFFFF", "#16181B", "#FFFFFF"),
}


_SHADES = (("#FFFFFF", "#F28E2B"), ("#26282C", "#B8560A"), ("#FFFFFF", "#9C9C9C"))
"""From nothing to the largest amount, light, dark and in print."""


def paints(theme: Theme) -> dict[str, str]:
    """Every paint by its name."""
    place = ("light", "dark", "print").index(theme)
    found = {name: values[place] for name, values in _PLAIN.items()}
    for role, (light, line, dark, dark_line) in _HUES.items():
        found[f"fill-{role}"] = (light, dark, _PRINT.get(role, "#FFFFFF"))[place]
        found[f"line-{role}"] = (line, dark_line, "#000000")[place]
    for status, pairs in _STATUSES.items():
        found[f"fill-{status}"], found[f"line-{status}"] = pairs[2 * place : 2 * place + 2]
    start, end = _SHADES[place]
    found |= {f"shade-{step}": _between(start, end, step / STEPS) for step in range(STEPS + 1)}
    return found


def _between(start: str, end: str, part: float) -> str:
    """A colour between two."""
    pairs = ((int(start[at : at + 2], 16), int(end[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (other - one) * part):02X}" for one, other in pairs)
