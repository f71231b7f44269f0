"""The plot of a family: each architecture at its MACs and parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import hypot, sqrt
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.graph.model import Graph
from archspec.ops.shapes import known
from archspec.pictures.plots.figure import Palette, drawing, refuse_empty, refuse_symbolic, written
from archspec.pictures.render.themes import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FONT = 7.5
NEAR = 5.0
"""Points that are nearer to each other, in points of 1/72 inch, share a label."""
REACHES = (6, 12, 20, 30, 42, 56, 72, 90, 110, 132, 156, 182, 210, *range(240, 1000, 40))
"""How far from its point a label may stand, the nearest free place first."""
FAR = 12.0
"""From here on a line leads from the point to its label."""
DIRECTIONS = ((1, 0), (0.7, 0.7), (0.7, -0.7), (0, 1), (0, -1), (-1, 0), (-0.7, 0.7), (-0.7, -0.7))
NAMED = 3
"""So many families are named in the title; the legend names all."""
WIDTH, HEIGHT = 6.6, 4.6
"""The size of a plot in inches."""
MANY = 20
"""From so many architectures on it is larger, so that each has as much room."""


class Spot(Struct, frozen=True):
    """A point that has a label: its counts, its place in pixels, and the architectures there."""

    macs: int
    params: int
    x: float
    y: float
    names: tuple[str, ...]


def plot_family(graphs: Sequence[Graph], theme: Theme = "light", format: str = "svg") -> bytes:
    """Parameters against MACs, a point an architecture and a sign a spec, as `svg`, `png` or `pdf`.

    Raises `SpecError` where matplotlib is missing, or where a count is symbolic or zero, which has no place on a
    logarithmic scale.
    """
    for graph in graphs:
        counts = graph.counts
        if not known(counts.params, counts.macs):
            raise refuse_symbolic(graph.name)
        if not counts.params or not counts.macs:
            raise refuse_empty(graph.name)
    with drawing(theme) as palette:
        return written(family_figure(graphs, palette), format, _title(graphs))


def family_figure(graphs: Sequence[Graph], palette: Palette) -> Figure:
    """The plot before it is written."""
    from matplotlib.figure import Figure

    larger = sqrt(max(1.0, len(graphs) / MANY))
    figure = Figure(figsize=(WIDTH * larger, HEIGHT * larger), layout="constrained")
    axes = figure.subplots()
    families = list(dict.fromkeys(graph.document for graph in graphs))
    for number, family in enumerate(families):
        _points(axes, [graph for graph in graphs if graph.document == family], number, palette)
    _scales(axes, palette)
    if len(families) > 1:
        axes.legend(frameon=False, fontsize=8, loc="lower right")
    axes.set_title(_title(graphs), loc="left", fontsize=11, fontweight="bold")
    # The labels are placed by where the points come to stand.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    _labels(figure, axes, graphs, palette)
    return figure


def _title(graphs: Sequence[Graph]) -> str:
    titles = dict.fromkeys(graph.title for graph in graphs)
    return f"{', '.join(titles)}: parameters and MACs" if len(titles) <= NAMED else "parameters and MACs"


def _points(axes: Axes, graphs: Sequence[Graph], number: int, palette: Palette) -> None:
    marker, colour = palette.point(number)
    axes.scatter(
        [graph.counts.macs for graph in graphs],
        [graph.counts.params for graph in graphs],
        s=34,
        marker=marker,
        color=colour,
        edgecolors=palette.ink,
        linewidths=0.6,
        label=graphs[0].title,
        zorder=3,
    )


def _scales(axes: Axes, palette: Palette) -> None:
    """Logarithmic scales that say 10 M and 2 G, with room around for labels."""
    for axis, name in ((axes.xaxis, "MACs"), (axes.yaxis, "parameters")):
        axis.set_label_text(name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.margins(0.14, 0.1)
    for axis, bounds in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
        ticks = _ticks(*bounds)
        axis.set_ticks(ticks, [_tick_text(tick) for tick in ticks])
        axis.set_ticks([], minor=True)
    axes.grid(color=palette.grid, linewidth=0.7, zorder=0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(length=3)


def _ticks(low: float, high: float) -> list[int]:
    """Round numbers between two bounds: those of each decade, or where there is not one, as on a linear scale."""
    from matplotlib.ticker import MaxNLocator

    every = [step * 10**decade for decade in range(14) for step in (1, 2, 5) if low <= step * 10**decade <= high]
    if len(every) > 8:
        return [tick for tick in every if str(tick).startswith("1")]
    if len(every) > 2:
        return every
    return [round(tick) for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]


def _tick_text(tick: int) -> str:
    """A tick in full: those that are near to each other must not read alike."""
    from matplotlib.ticker import EngFormatter

    return EngFormatter().format_eng(tick).strip()


def _labels(figure: Figure, axes: Axes, graphs: Sequence[Graph], palette: Palette) -> None:
    """A name beside each point, where it lies over no point and no other name; a line leads to a far one."""
    from matplotlib.transforms import Bbox

    spots = _spots(axes, graphs)
    unit = figure.dpi / 72
    taken: list[Any] = [Bbox.from_extents(*_around(spot.x, spot.y, 4 * unit)) for spot in spots]
    legend = axes.get_legend()
    taken += [legend.get_window_extent()] if legend else []
    for spot in spots:
        words = "\n".join(spot.names)
        place = next(_places(spot, _size(axes, words), taken, axes.bbox, unit))
        taken.append(place)
        near = min(max(spot.x, place.x0), place.x1), min(max(spot.y, place.y0), place.y1)
        far = hypot(near[0] - spot.x, near[1] - spot.y) > FAR * unit
        axes.annotate(
            words,
            (spot.macs, spot.params),
            ((place.x0 - spot.x) / unit, (place.y0 - spot.y) / unit),
            textcoords="offset points",
            fontsize=FONT,
            color=palette.ink,
            bbox={"facecolor": palette.ground, "edgecolor": "none", "pad": 0.4},
            zorder=4,
        )
        if far:
            offset = (near[0] - spot.x) / unit, (near[1] - spot.y) / unit
            line = {"arrowstyle": "-", "color": palette.faint, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 4}
            axes.annotate("", (spot.macs, spot.params), offset, textcoords="offset points", arrowprops=line, zorder=2)


def _size(axes: Axes, words: str) -> tuple[float, float]:
    """The width and height of a label in pixels, with what formats that hint otherwise may need more."""
    text = axes.text(0, 0, words, fontsize=FONT)
    extent = text.get_window_extent()
    text.remove()
    return extent.width * 1.1 + 2, extent.height * 1.1 + 3


def _spots(axes: Axes, graphs: Sequence[Graph]) -> list[Spot]:
    """The points by place, those that lie on each other as one; from the lower left on."""
    figure = axes.figure
    near = NEAR * figure.dpi / 72
    found: list[Spot] = []
    for graph in sorted(graphs, key=lambda each: (each.counts.macs, each.counts.params)):
        x, y = axes.transData.transform((graph.counts.macs, graph.counts.params))
        for number, spot in enumerate(found):
            if hypot(spot.x - x, spot.y - y) < near:
                found[number] = replace(spot, names=(*spot.names, graph.name))
                break
        else:
            found.append(Spot(graph.counts.macs, graph.counts.params, float(x), float(y), (graph.name,)))
    return found


def _around(x: float, y: float, reach: float) -> tuple[float, float, float, float]:
    return x - reach, y - reach, x + reach, y + reach


def _places(spot: Spot, size: tuple[float, float], taken: Sequence[Any], inside: Any, unit: float) -> Iterator[Any]:
    """The free places of a label, the nearest first; where there is none, the first."""
    from matplotlib.transforms import Bbox

    width, height = size
    places = []
    for reach in REACHES:
        for across, up in DIRECTIONS:
            x = spot.x + across * reach * unit - (width if across < 0 else width / 2 if across == 0 else 0)
            y = spot.y + up * reach * unit - (height if up < 0 else height / 2 if up == 0 else 0)
            places.append(Bbox.from_extents(x, y, x + width, y + height))
    for place in places:
        within = inside.x0 <= place.x0 and place.x1 <= inside.x1 and inside.y0 <= place.y0 and place.y1 <= inside.y1
        if within and not any(place.overlaps(other) for other in taken):
            yield place
    yield places[0]
