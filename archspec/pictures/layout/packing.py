"""Rectangles → places on a page that waste little of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import sqrt
from typing import TypeAlias

from archspec.pictures.layout.graphviz import Point

Extent: TypeAlias = tuple[float, float]
"""A width and a height."""


def skyline(extents: Sequence[Extent], width: float, between: float) -> list[Point]:
    """Upper left corners on a page of a width, one rectangle after the other as high as it fits, then as far left.

    >>> skyline([(60, 100), (30, 40), (30, 40), (50, 20)], 100, 10)
    [(0.0, 0.0), (70.0, 0.0), (70.0, 50.0), (0.0, 110.0)]
    """
    edge: list[tuple[float, float]] = [(0.0, 0.0)]
    """Where, from the left, the free room begins: from each place on, below a height."""
    found: list[Point] = []
    for across, down in extents:
        starts = [x for x, _ in edge if not x or x + across <= width + 0.01]
        y, x = min((max(_under(edge, start, across + between)), start) for start in starts)
        found.append((x, y))
        edge = _raised(edge, x, x + across + between, y + down + between)
    return found


def _under(edge: Sequence[tuple[float, float]], start: float, across: float) -> list[float]:
    """The heights of the edge below a stretch of the page."""
    ends = [*(x for x, _ in edge[1:]), float("inf")]
    return [low for (x, low), end in zip(edge, ends) if end > start and x < start + across]


def _raised(edge: Sequence[tuple[float, float]], start: float, end: float, low: float) -> list[tuple[float, float]]:
    """The edge with a stretch of it at another height."""
    after = [height for x, height in edge if x <= end][-1]
    kept = [(x, height) for x, height in edge if x < start]
    return [*kept, (start, low), (end, after), *((x, height) for x, height in edge if x > end)]


def widths(extents: Sequence[Extent], between: float, ideal: float) -> list[float]:
    """Widths that a page of these rectangles may well have."""
    least = max(across for across, _ in extents)
    whole = sum((across + between) * (down + between) for across, down in extents)
    rows = accumulate(across + between for across, _ in extents)
    given = {
        least,
        *(row - between for row in rows),
        *(sqrt(whole * ideal) * part for part in (0.7, 0.85, 1, 1.2, 1.45)),
    }
    return sorted(width for width in given if width >= least)
