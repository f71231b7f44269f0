"""Wires that run over each other are drawn once: each from where it parts from others, to where it meets them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import dist, inf

from msgspec import Struct

from archspec.pictures.drawing import Edge
from archspec.pictures.layout.graphviz import Point, Route
from archspec.pictures.render.marks import BEND

SAME = 0.05
"""Places closer than this are one."""


class Strand(Struct, frozen=True):
    """What is drawn of a wire; it has a tip where it is the first that comes to its end."""

    points: tuple[Point, ...]
    tipped: bool = True


def strands(edges: Sequence[Edge], routes: Sequence[Route]) -> list[Strand]:
    """What is drawn of each wire: whole ones before dashed ones, else the first before those after it."""
    found: dict[int, Strand] = {}
    parting: dict[tuple[object, ...], list[tuple[Point, ...]]] = defaultdict(list)
    meeting: dict[tuple[object, ...], list[tuple[Point, ...]]] = defaultdict(list)
    for number in sorted(range(len(edges)), key=lambda number: edges[number].broken):
        edge, points = edges[number], routes[number].points
        there, back = parting[(edge.source, edge.status)], meeting[(edge.target, edge.status)]
        reverse = points[::-1]
        start = max((shared(points, other) for other in there), default=0.0)
        end = 0.0 if edge.broken else max((shared(reverse, other) for other in back), default=0.0)
        there.append(points)
        back.append(reverse)
        left = tuple(rest(points, start - BEND))
        length = sum(dist(one, other) for one, other in pairwise(points))
        if 0.0 < end < length - start:
            left = tuple(rest(left[::-1], end - BEND))[::-1]
        found[number] = Strand(left, end == 0.0)
    return [found[number] for number in range(len(edges))]


def shared(one: Sequence[Point], other: Sequence[Point]) -> float:
    """How far two ways go together from where they start."""
    if dist(one[0], other[0]) > SAME:
        return 0.0
    far = 0.0
    for (start, end), (_, another) in zip(pairwise(one), pairwise(other)):
        own, its = dist(start, end), dist(start, another)
        together = min(own, its)
        if dist(_toward(start, end, together), _toward(start, another, together)) > SAME:
            return far
        far += together
        if abs(own - its) > SAME:
            return far
    return far


def rest(points: Sequence[Point], far: float) -> Iterator[Point]:
    """What is left of a way after its first stretch."""
    if far <= 0.0:
        yield from points
        return
    for number, (start, end) in enumerate(pairwise(points)):
        own = dist(start, end)
        if far < own:
            yield _toward(start, end, far)
            yield from points[number + 1 :]
            return
        far -= own
    yield from points[-2:]


def _toward(start: Point, end: Point, far: float) -> Point:
    whole = dist(start, end) or inf
    return start[0] + (end[0] - start[0]) * far / whole, start[1] + (end[1] - start[1]) * far / whole
