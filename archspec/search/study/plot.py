"""What a study found → the plot of it: its first two aims, or parameters against MACs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archspec.pictures.plots.front import Cloud, plot_front
from archspec.pictures.render.themes import Theme
from archspec.search.study.explore import Explored
from archspec.search.study.page import Aim
from archspec.search.study.space import Point


def plot_study(found: Explored, theme: Theme = "light", format: str = "svg") -> bytes:
    """The networks of a study as `svg`, `png` or `pdf`; raises `SpecError` where matplotlib is missing."""
    return plot_front(cloud_of(found), theme, format)


def cloud_of(found: Explored) -> Cloud:
    """Where each counted network stands, and what became of it."""
    aims = found.study.counted_aims[:2]
    two = len(aims) == 2

    def spots(points: Iterable[Point]) -> list[tuple[float, float]]:
        return list(dict.fromkeys(_by_aims(point, aims) if two else _by_counts(point) for point in points))

    others = (point for point in found.points if point.counted is not None and not point.feasible)
    across, up = (aim.formula.text for aim in aims) if two else ("macs", "params")
    front = spots(found.front) if two else []
    return Cloud(found.study.name, across, up, spots(others), spots(found.distinct), front)


def _by_aims(point: Point, aims: Sequence[Aim]) -> tuple[float, float]:
    """Where it stands by two aims, which are kept so that the least is best."""
    across, up = (-value if aim.largest else value for aim, value in zip(aims, point.aims))
    return across, up


def _by_counts(point: Point) -> tuple[float, float]:
    counted = point.counted or {}
    return counted["macs"], counted["params"]
