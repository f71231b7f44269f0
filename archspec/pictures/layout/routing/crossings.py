"""How often wires of different values go over each other.

Two wires whose ends stand in opposite orders cross once:

>>> from archspec.pictures.layout.graphviz import Route, Wire
>>> wires = [Wire('a', 'd'), Wire('b', 'c')]
>>> crossings(wires, [Route(((0, 0), (0, 5), (9, 5), (9, 9))), Route(((9, 0), (9, 4), (4, 4), (4, 9)))])
1
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from archspec.pictures.layout.graphviz import Route, Wire

BAND = 60.0
"""The height of the bands in which upright stretches are looked up."""
CLEAR = 0.3
"""How near its end a stretch may be touched."""


def crossings(wires: Sequence[Wire], routes: Sequence[Route]) -> int:
    """At how many places a wire goes over one of another value; wires of one value that lie over each other are one."""
    upright: dict[int, list[tuple[float, float, float, tuple[str, float]]]] = defaultdict(list)
    level: list[tuple[float, float, float, tuple[str, float]]] = []
    for wire, route in zip(wires, routes):
        net = wire.source, wire.offset
        for (x, y), (other_x, other_y) in pairwise(route.points):
            if abs(other_x - x) > CLEAR:
                level.append((min(x, other_x) + CLEAR, max(x, other_x) - CLEAR, y, net))
            else:
                low, high = min(y, other_y) + CLEAR, max(y, other_y) - CLEAR
                for band in range(int(low // BAND), int(high // BAND) + 1):
                    upright[band].append((low, high, x, net))
    return len(
        {
            (round(x), round(y))
            for left, right, y, net in level
            for low, high, x, other in upright[int(y // BAND)]
            if left < x < right and low < y < high and other != net
        }
    )
