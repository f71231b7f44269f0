"""The plot of one architecture: parameters, MACs and activation memory by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archspec.graph.labels import rounded_text, shapes_text
from archspec.graph.model import Graph
from archspec.language.identifiers import same_name
from archspec.pictures.plots.costs import Cost, costs, for_one
from archspec.pictures.plots.figure import Palette, drawing, refuse_symbolic, written
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUANTITIES = (("params", "parameters", ""), ("macs", "MACs", ""), ("memory", "activations, float32", "B"))
"""What is plotted: an attribute of `Cost`, its title and its unit."""
ROW = 0.24
"""The height of a row in inches."""


def plot_stages(graph: Graph, theme: Theme = "light", format: str = "svg") -> bytes:
    """Parameters, MACs and the bytes of activations for one example, by stage, as `svg`, `png` or `pdf`.

    Where they are in proportion to a symbolic size, they are those for one: one frame, one target. Raises `SpecError`
    where matplotlib is missing, or where a count depends otherwise on a symbolic size.
    """
    counted = for_one(costs(graph))
    if counted is None:
        raise refuse_symbolic(graph.name)
    found, sizes = counted
    title = ", ".join([_title(graph), *(f"{size} = 1" for size in sizes)])
    with drawing(theme) as palette:
        from matplotlib.figure import Figure

        height = 1.25 + ROW * len(found)
        figure = Figure(figsize=(8.4, height), layout="constrained")
        axes = figure.subplots(1, len(QUANTITIES), sharey=True)
        for number, each in enumerate(axes):
            _bars(each, found, number, palette)
        axes[0].set_yticks(range(len(found)), [_label(each) for each in found])
        axes[0].invert_yaxis()
        figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
        return written(figure, format, f"{title}: parameters, MACs and activations by stage")


def _bars(axes: Axes, found: Sequence[Cost], number: int, palette: Palette) -> None:
    """One quantity: a bar a stage, with its value at its end."""
    attribute, title, unit = QUANTITIES[number]
    values = [getattr(each, attribute) for each in found]
    most = max([*values, 1])
    axes.barh(
        range(len(found)),
        values,
        height=0.68,
        color=palette.series[number % len(palette.series)],
        hatch=palette.hatches[number],
        edgecolor=palette.ink,
        linewidth=0.5,
    )
    for row, value in enumerate(values):
        text = f"{rounded_text(value)}{unit if value > 999 else ' ' + unit}" if value else "–"
        axes.text(value + most * 0.02, row, text.strip(), va="center", fontsize=7.5, color=palette.ink)
    total = rounded_text(sum(values))
    axes.set_title(f"{title}: {total}{unit}", fontsize=9, loc="left")
    axes.set_xlim(0, most * 1.3)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)


def _label(cost: Cost) -> str:
    return cost.address + (" (training only)" if cost.training else "")


def _title(graph: Graph) -> str:
    name = graph.title if same_name(graph.name, graph.title) else f"{graph.title} ({graph.name})"
    return f"{name}, input {shapes_text(graph.root.input_shapes)}"
