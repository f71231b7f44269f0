"""The Pareto front: the points than which none is better in every aim."""

from __future__ import annotations

from collections.abc import Sequence

from archspec.search.study.space import Point


def front_of(points: Sequence[Point]) -> list[Point]:
    """Those that no other is at least as good as in every aim and better in one; the first aim's best comes first.

    In order of their aims a point can only be worse than one before it, so that each is held against the front alone.
    """
    front: list[Point] = []
    for point in sorted(points, key=lambda each: (each.aims, each.number)):
        if not any(_better(other, point) for other in front):
            front.append(point)
    return front


def _better(one: Point, other: Point) -> bool:
    return one.aims != other.aims and all(a <= b for a, b in zip(one.aims, other.aims))
