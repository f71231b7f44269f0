"""The plot of a study: each network at two of its figures, with those that no other beats joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from archspec.pictures.plots.figure import Palette, drawing, written
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Spots: TypeAlias = Sequence[tuple[float, float]]


class Cloud(Struct, frozen=True):
    """The networks of a study by what became of them, each at its two figures."""

    title: str
    across: str
    """What the horizontal axis shows."""
    up: str
    others: Spots
    """Those that miss a condition."""
    feasible: Spots
    front: Spots


def plot_front(cloud: Cloud, theme: Theme = "light", format: str = "svg") -> bytes:
    """The networks as points, as `svg`, `png` or `pdf`; raises `SpecError` where matplotlib is missing."""
    with drawing(theme) as palette:
        return written(front_figure(cloud, palette), format, cloud.title)


def front_figure(cloud: Cloud, palette: Palette) -> Figure:
    """The plot before it is written."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.6, 4.6), layout="constrained")
    axes = figure.subplots()
    _scatter(axes, cloud.others, 9, palette.grid, "not feasible")
    _scatter(axes, cloud.feasible, 22, palette.series[0], "feasible")
    if cloud.front:
        across, up = zip(*sorted(cloud.front))
        label = "on the front"
        axes.plot(across, up, color=palette.series[1], marker="D", markersize=5, linewidth=1, label=label, zorder=4)
    axes.set_title(cloud.title, loc="left", fontsize=11, fontweight="bold")
    axes.set_xlabel(cloud.across)
    axes.set_ylabel(cloud.up)
    axes.grid(color=palette.grid, linewidth=0.7, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3)
    _amounts(axes)
    axes.legend(frameon=False, fontsize=8)
    return figure


def _scatter(axes: Axes, spots: Spots, size: float, colour: str, label: str) -> None:
    if spots:
        across, up = zip(*spots)
        axes.scatter(across, up, s=size, color=colour, linewidths=0, label=label, zorder=3)


def _amounts(axes: Axes) -> None:
    """Numbers along the axes as 10 M and 2 G."""
    from matplotlib.ticker import EngFormatter

    axes.xaxis.set_major_formatter(EngFormatter())
    axes.yaxis.set_major_formatter(EngFormatter())
