"""The plot of the confusion matrix: which classes were taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from archspec.pictures.plots.figure import Palette, drawing, written
from archspec.pictures.render.themes import Theme
from archspec.training.use.results import Evaluated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NUMBERED = 25
"""Up to so many classes each field carries its number."""
NAMED = 60
"""Up to so many classes each row and column carries its class."""
FAINT = 0.6
"""The power of a share that its shade follows, so that few mistakes among many items are seen."""


def confusion(evaluated: Evaluated, title: str | None, theme: Theme = "light", format: str = "png") -> bytes:
    """The confusion matrix as `svg`, `png` or `pdf`: rows are what items are, columns what they were taken for.

    A field is the darker, the greater its share of its row.
    """
    count = len(evaluated.classes)
    with drawing(theme) as palette:
        from matplotlib.colors import LinearSegmentedColormap, PowerNorm
        from matplotlib.figure import Figure

        side = min(1.6 + 0.36 * max(count, 4), 8.5)
        figure = Figure(figsize=(side + 0.6, side), layout="constrained")
        axes = figure.subplots()
        shades = LinearSegmentedColormap.from_list("shades", [palette.ground, _full(palette)])
        shares = [[number / max(sum(row), 1) for number in row] for row in evaluated.confusion]
        axes.imshow(shares, cmap=shades, norm=PowerNorm(FAINT, 0, 1), interpolation="nearest")
        _name(axes, evaluated.classes)
        if count <= NUMBERED:
            _number(axes, evaluated.confusion, shares, palette)
        if title:
            axes.set_title(title, fontsize=9, loc="left")
        axes.set_xlabel("taken for", fontsize=8)
        axes.set_ylabel("class", fontsize=8)
        axes.spines[:].set_color(palette.grid)
        return written(figure, format, "Confusion matrix")


def _full(palette: Palette) -> str:
    """The colour of a whole row in one field."""
    return palette.ink if palette.series[0] == palette.ground else palette.series[0]


def _name(axes: Axes, classes: tuple[str, ...]) -> None:
    """The classes along both sides, slanted below where they are wide."""
    axes.tick_params(length=0, labelsize=8 if len(classes) <= NUMBERED else 5)
    if len(classes) > NAMED:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    names = [name if len(name) <= 24 else f"{name[:23]}…" for name in classes]
    wide = max(map(len, names)) > max(4, 16 // len(names))
    slanted: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if wide else {}
    axes.set_xticks(range(len(names)), names, **slanted)
    axes.set_yticks(range(len(names)), names)


def _number(axes: Axes, confusion: list[list[int]], shares: list[list[float]], palette: Palette) -> None:
    """Each field's number, in the colour that is seen on its ground; none of nothing."""
    for row, (numbers, parts) in enumerate(zip(confusion, shares)):
        for column, (number, share) in enumerate(zip(numbers, parts)):
            if number:
                ink = palette.ground if share**FAINT > 0.5 else palette.ink
                axes.text(column, row, str(number), ha="center", va="center", fontsize=7, color=ink)
