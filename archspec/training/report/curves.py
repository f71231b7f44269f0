"""The plot of how training went: losses, measures and the learning rate, epoch by epoch."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from archspec.pictures.plots.figure import Palette, drawing, written
from archspec.pictures.render.themes import Theme
from archspec.training.run.metrics_log import Row
from archspec.training.use.metric_text import measure_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SPLITS = {"train": "training", "val": "validation"}
"""The parts of the data as the columns call them, and as a reader does."""
FEW = 40
"""Up to so many epochs each has a mark."""
COLUMNS = 4
"""So many plots stand side by side."""
RANGE = 20
"""From this ratio of the greatest to the least, learning rates are drawn on a logarithmic scale."""


def curves(rows: Sequence[Row], title: str | None, theme: Theme = "light", format: str = "png") -> bytes:
    """Each measure of training and validation over the epochs, and the learning rate, as `svg`, `png` or `pdf`."""
    panes = list(_panes(list(measured(rows))))
    with drawing(theme) as palette:
        from matplotlib.figure import Figure

        columns = min(len(panes) + 1, COLUMNS)
        lines = -(-(len(panes) + 1) // columns)
        figure = Figure(figsize=(3.3 * columns, 2.9 * lines), layout="constrained")
        axes = figure.subplots(lines, columns, squeeze=False).flatten()[: len(panes) + 1]
        for empty in figure.axes[len(panes) + 1 :]:
            empty.remove()
        for each, names in zip(axes, panes):
            _draw(each, names, rows, palette)
            _finish(each, measure_words(names[0]), rows, palette)
        _line(axes[-1], rows, "learning_rate", "", palette, 2)
        _scale(axes[-1], [float(row["learning_rate"]) for row in rows])
        _finish(axes[-1], "learning rate", rows, palette)
        _explain(list(axes))
        if title:
            figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        return written(figure, format, "Training, epoch by epoch")


def measured(rows: Sequence[Row]) -> Iterator[str]:
    """The names of what was measured, without the part of the data."""
    names = dict.fromkeys(name for row in rows for name in row)
    yield from dict.fromkeys(name.partition("_")[2] for name in names if name.partition("_")[0] in SPLITS)


def _panes(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """What is drawn together: precisions at several overlaps."""
    for _, group in groupby(names, lambda name: re.sub(r"(map)_\d+$", r"\1", name)):
        yield tuple(group)


def _draw(axes: Axes, names: tuple[str, ...], rows: Sequence[Row], palette: Palette) -> None:
    """One measure of training and of validation, or several of validation."""
    if len(names) > 1:
        for number, name in enumerate(names):
            _line(axes, rows, f"val_{name}", f"validation, {measure_words(name)}", palette, number)
        return
    for number, split in enumerate(SPLITS):
        _line(axes, rows, f"{split}_{names[0]}", SPLITS[split], palette, number)
    if names[0].startswith("accuracy"):
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")


def _explain(axes: Sequence[Axes]) -> None:
    """Say which line is which, where it is first seen."""
    told: set[str] = set()
    for each in axes:
        labels = set(each.get_legend_handles_labels()[1])
        if labels - told:
            each.legend(frameon=False, fontsize=8)
        told |= labels


def _line(axes: Axes, rows: Sequence[Row], name: str, label: str, palette: Palette, number: int) -> None:
    points = [(int(row["epoch"]), float(row[name])) for row in rows if name in row]
    if points:
        axes.plot(
            *zip(*points),
            color=_colours(palette)[number],
            linestyle=("-", "--", ":")[number],
            marker=("o", "s", "o")[number] if len(points) <= FEW else "",
            markersize=3,
            linewidth=1.4,
            label=label,
        )


def _colours(palette: Palette) -> tuple[str, ...]:
    """The colours of lines: print's are for faces, where white is one."""
    printed = palette.series[0] == palette.ground
    return (palette.ink,) * 3 if printed else palette.series


def _scale(axes: Axes, rates: Sequence[float]) -> None:
    if min(rates) > 0 and max(rates) / min(rates) >= RANGE:
        axes.set_yscale("log")


def _finish(axes: Axes, title: str, rows: Sequence[Row], palette: Palette) -> None:
    """The title, the axis of epochs, and where a phase gives way to the next."""
    from matplotlib.ticker import MaxNLocator

    phases = [(str(name), [int(row["epoch"]) for row in group]) for name, group in groupby(rows, _phase)]
    axes.set_title(title, fontsize=9, loc="left", pad=16 if len(phases) > 1 else 6)
    axes.set_xlabel("epoch", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(axis="y", color=palette.grid, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    for name, epochs in phases if len(phases) > 1 else ():
        if epochs[0] != 1:
            axes.axvline(epochs[0] - 0.5, color=palette.faint, linewidth=0.8, linestyle=":")
        place = (epochs[0] - 0.4 if epochs[0] != 1 else 1, 1.0)
        axes.annotate(name, place, xycoords=("data", "axes fraction"), fontsize=7, color=palette.faint, va="bottom")


def _phase(row: Row) -> str:
    return str(row["phase"])
