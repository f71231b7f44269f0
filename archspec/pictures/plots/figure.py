"""What all plots share: themes, fonts, and bytes that are the same for the same plot."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.pictures.fonts import FACES, font_file
from archspec.pictures.render.themes import BLACK, WHITE, Theme, paints

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("svg", "png", "pdf")
DPI = 160
"""Pixels an inch of a PNG."""
_UNSIGNED: Mapping[str, dict[str, Any]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
"""What would make the bytes depend on the day and on matplotlib's version."""


class Palette(Struct, frozen=True):
    """The colours of a theme; `series` tell rows and families apart, in print by hatches and by what is filled.

    The colours are Okabe and Ito's, made to be told apart by colour-blind readers (https://jfly.uni-koeln.de/color/).
    """

    ground: str
    ink: str
    faint: str
    grid: str
    series: tuple[str, ...]
    hatches: tuple[str, ...] = ("", "", "")

    def point(self, number: int) -> tuple[str, str]:
        """The marker and the colour of one of many families: no two are alike in both.

        Where all shapes have been used in all colours, a family's sign is its number.
        """
        colours, shape = divmod(number, len(MARKERS))
        if colours >= len(self.series):
            return f"${number + 1}$", self.ink
        return MARKERS[shape], self.series[(number + colours) % len(self.series)]


def _palette(theme: Theme, grid: str, series: tuple[str, ...], hatches: tuple[str, ...] = ("", "", "")) -> Palette:
    named = paints(theme)
    return Palette(named["page"], named["ink"], named["muted"], grid, series, hatches)


_OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442")
PALETTES: Mapping[Theme, Palette] = {
    "light": _palette("light", "#E3E6EA", _OKABE_ITO),
    "dark": _palette("dark", "#30363D", ("#56B4E9", "#E69F00", "#2FBF94", "#CC79A7", "#D55E00", "#FFFFFF", "#F0E442")),
    "print": _palette("print", BLACK, (WHITE, BLACK), ("////", "", "....")),
}
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*", "p", "h")


@contextmanager
def drawing(theme: Theme) -> Iterator[Palette]:
    """The settings under which a plot is drawn and written.

    Raises `SpecError` where matplotlib is not installed.
    """
    if find_spec("matplotlib") is None:
        message = "plots are drawn by `matplotlib`, which is not installed"
        raise SpecError([Diagnostic("picture", message, help="pip install 'archspec-nn[plots]'")])
    import matplotlib

    palette = PALETTES[theme]
    settings: dict[Any, Any] = {
        "font.family": "sans-serif",
        "font.sans-serif": ["Arimo", "Helvetica", "Arial", "Liberation Sans", "DejaVu Sans"],
        "font.size": 9,
        "svg.fonttype": "none",
        "svg.hashsalt": "archspec",
        "pdf.fonttype": 42,
        "text.color": palette.ink,
        "axes.labelcolor": palette.ink,
        "axes.edgecolor": palette.faint,
        "xtick.color": palette.faint,
        "ytick.color": palette.faint,
        "xtick.labelcolor": palette.ink,
        "ytick.labelcolor": palette.ink,
        "figure.facecolor": palette.ground,
        "axes.facecolor": palette.ground,
        "grid.linestyle": ":" if theme == "print" else "-",
        "hatch.linewidth": 0.6,
        "hatch.color": palette.ink,
    }
    _know_fonts()
    with matplotlib.rc_context():
        # Neither the user's own settings nor a matplotlibrc file may change a plot.
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        yield palette


def _know_fonts() -> None:
    """Tell matplotlib of the fonts that come with archspec, which all its pictures are set in."""
    from matplotlib.font_manager import fontManager

    known = {font.fname for font in fontManager.ttflist}
    for file in (str(font_file(face)) for face in FACES):
        if file not in known:
            fontManager.addfont(file)


def written(figure: Figure, format: str, title: str) -> bytes:
    """The figure as `svg`, `png` or `pdf`; the same figure gives the same bytes."""
    target = io.BytesIO()
    metadata = {**_UNSIGNED[format], "Title": title}
    figure.savefig(target, format=format, dpi=DPI, metadata=metadata, facecolor=figure.get_facecolor())
    return target.getvalue()


def refuse_symbolic(name: str) -> SpecError:
    """What is said of an architecture whose counts are no numbers."""
    message = f"the costs of `{name}` depend on symbolic sizes, so they cannot be plotted"
    return SpecError([Diagnostic("picture", message, help="give the spec numbers for its input")])


def refuse_empty(name: str) -> SpecError:
    """What is said of an architecture that has no place on a logarithmic scale."""
    message = f"`{name}` has no parameters or no MACs, and so cannot be placed among the others"
    return SpecError([Diagnostic("picture", message, help="plot its stages")])
