"""Wires that turn in one gap between ranks: each on a track of its own, in the order in which they cross least."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

CLEAR = 2.0
"""Between runs on one track."""
OVER = 100
"""Crossings that are better than that one wire runs over another."""
MANY = 40
"""Nets in one gap, from here on, keep the order in which they are given."""


class Run(Struct):
    """A horizontal stretch of a wire in the gap below a rank; those of one `net` may lie over each other.

    A net is a box and whether the wires come `from` it or go `to` it. The wire comes to the stretch from above at
    `start`, and leaves it downwards at `end`. A run is `inner` where it lies in all frames that begin in its gap and
    that it would else cross, and `low` where it lies right above what the wire goes to.
    """

    gap: int
    net: tuple[str, str]
    start: float
    end: float
    track: int = 0
    inner: bool = False
    low: bool = False

    @property
    def left(self) -> float:
        return min(self.start, self.end)

    @property
    def right(self) -> float:
        return max(self.start, self.end)


class _Net(Struct, frozen=True, dict=True, eq=False):
    """The runs of one net in a gap, which lie on one track."""

    runs: Sequence[Run]

    @cached_property
    def left(self) -> float:
        return min(run.left for run in self.runs)

    @cached_property
    def right(self) -> float:
        return max(run.right for run in self.runs)

    @cached_property
    def starts(self) -> set[float]:
        return {run.start for run in self.runs}

    @cached_property
    def ends(self) -> set[float]:
        return {run.end for run in self.runs}

    @property
    def arrives(self) -> bool:
        return self.runs[0].net[0] == "to"

    def meets(self, other: _Net) -> bool:
        """Whether the two would touch on one track."""
        return self.left <= other.right + CLEAR and other.left <= self.right + CLEAR

    def crosses(self, other: _Net) -> int:
        """How much oftener the two cross where this one is above the other than where it is below."""
        return self._met(other) - other._met(self) if self.meets(other) else 0

    def _met(self, other: _Net) -> int:
        """How often the two cross where this one is above the other; very often, where one would lie on the other."""
        if any(abs(end - start) < CLEAR for end in self.ends for start in other.starts):
            return OVER
        mine, its = (
            (self.left < x < self.right for x in other.starts),
            (other.left < x < other.right for x in self.ends),
        )
        return sum(mine) + sum(its)


def numbered(runs: Sequence[Run]) -> dict[int, int]:
    """Gives each run a track in its gap, nets that would touch different ones; says how many each gap has."""
    nets: dict[int, dict[tuple[str, str], list[Run]]] = defaultdict(lambda: defaultdict(list))
    for run in runs:
        nets[run.gap][run.net].append(run)
    return {gap: _numbered([_Net(each) for each in together.values()]) for gap, together in nets.items()}


def _numbered(nets: Sequence[_Net]) -> int:
    order = _ordered(sorted(nets, key=lambda net: (net.arrives, net.left)))
    tracks: list[list[_Net]] = []
    for number, net in enumerate(order):
        over = [other for other in order[:number] if other.crosses(net) < 0]
        first = max((track + 1 for track, held in enumerate(tracks) if any(each in over for each in held)), default=0)
        clear = (track for track in range(first, len(tracks)) if not any(map(net.meets, tracks[track])))
        track = next(clear, len(tracks))
        tracks += [[]] if track == len(tracks) else []
        tracks[track].append(net)
    low: list[_Net] = []
    for track, held in reversed(list(enumerate(tracks))):
        under = [net for each in tracks[track + 1 :] for net in each]
        low += [net for net in held if net.arrives and all(each in low for each in under if net.meets(each))]
        for run in (run for net in held for run in net.runs):
            run.track = track
    for run in (run for net in low for run in net.runs):
        run.low = True
    return len(tracks)


def _ordered(nets: Sequence[_Net]) -> list[_Net]:
    """From above: each before those that it would cross if it were below them, as far as that does not go round."""
    left, order = list(nets), []
    while 1 < len(left) <= MANY:
        wrong = [sum(max(0, net.crosses(other)) for other in left) for net in left]
        order.append(left.pop(wrong.index(min(wrong))))
    return [*order, *left]
