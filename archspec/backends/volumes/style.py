"""The themes: colours of faces, lines and texts as CSS. Colour never says alone what made a map: the words do.

The colours are Paul Tol's "light" scheme, made to be told apart by colour-blind readers with black text beside them
(https://personal.sron.nl/~pault/).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

from archspec.backends.fonts import FAMILY
from archspec.backends.volumes.maps import Role
from archspec.backends.volumes.scene import BOLD, FONT_SIZES

Theme: TypeAlias = Literal["light", "dark", "print"]

COLOURS: dict[Role, str] = {
    "input": "#DDDDDD",
    "convolution": "#77AADD",
    "pooling": "#FFAABB",
    "block": "#AAAADD",
    "linear": "#EE8866",
    "join": "#99DDFF",
    "recurrent": "#AAAA00",
    "shape": "#DDDDDD",
    "other": "#BBCC33",
}
GROUND = {"light": "#FFFFFF", "dark": "#16191D", "print": "#FFFFFF"}
INK = {"light": "#1F2328", "dark": "#E6E8EA", "print": "#000000"}
FAINT = {"light": "#59636E", "dark": "#9DA7B1", "print": "#000000"}
EDGE = {"light": "#3D4A57", "dark": "#C9D1D9", "print": "#000000"}
SHADES = {"front": 0.0, "top": 0.45, "side": -0.18}
"""How much lighter or darker than its colour a face is."""


def style_sheet(theme: Theme | None, roles: Iterable[Role]) -> str:
    """The CSS of a picture: of one theme, or where that is `None` of the one that the reader prefers."""
    roles = list(roles)
    texts = "".join(
        f".{style}{{font-size:{size:g}px{';font-weight:bold' if style in BOLD else ''}}}"
        for style, size in FONT_SIZES.items()
    )
    common = (
        f"text{{font-family:{FAMILY}}}{texts}.middle{{text-anchor:middle}}"
        "polygon,path,line{stroke-linejoin:round;fill:none}polygon{stroke-width:.8}"
        ".window{stroke-width:.9}.ray{stroke-width:.6}.flow{stroke-width:1.1}.fan{stroke:none}"
        "g:focus-visible polygon{stroke-width:2.2}"
    )
    if theme is not None:
        return common + _theme(theme, roles)
    dark = f"@media (prefers-color-scheme:dark){{{_theme('dark', roles)}}}"
    return common + _theme("light", roles) + dark + f"@media print{{{_theme('print', roles)}}}"


def _theme(theme: Theme, roles: Iterable[Role]) -> str:
    faces = "".join(_faces(theme, role) for role in roles) + ".key,.legend{display:none}" * (theme == "print")
    return (
        f".ground{{fill:{GROUND[theme]}}}text{{fill:{INK[theme]}}}.note{{fill:{FAINT[theme]}}}"
        f"polygon{{stroke:{EDGE[theme]}}}.window{{fill:{GROUND[theme]};fill-opacity:.55;stroke:{INK[theme]}}}"
        f".ray{{stroke:{INK[theme]}}}.flow{{stroke:{EDGE[theme]}}}.tip{{fill:{EDGE[theme]};stroke:none}}"
        f".fan{{fill:{EDGE[theme]};fill-opacity:.13}}{faces}"
    )


def _faces(theme: Theme, role: Role) -> str:
    colour = COLOURS.get(role, "#DDDDDD")
    if theme == "print":
        shades = {"front": "#FFFFFF", "top": "#FFFFFF", "side": "#E4E4E4"}
    else:
        base = _mixed(colour, "#000000", 0.28) if theme == "dark" else colour
        shades = {
            face: _mixed(base, "#FFFFFF" if shade > 0 else "#000000", abs(shade)) for face, shade in SHADES.items()
        }
    return "".join(f".{role} .{face},.key.{role}.{face}{{fill:{shade}}}" for face, shade in shades.items())


def _mixed(colour: str, other: str, share: float) -> str:
    """One colour with a share of another."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{round(one + (two - one) * share):02X}" for one, two in pairs)
