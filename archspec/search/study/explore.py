"""Every point of a study counted, on all cores, and what is found: the feasible, the distinct, the front."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from itertools import groupby

from msgspec import Struct

from archspec.api.architecture import Architecture, read_document, setting_trees
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.source import Source
from archspec.search.figures import FIGURES
from archspec.search.study.front import front_of
from archspec.search.study.page import Study, parse_study
from archspec.search.study.space import Counter, Point, Told, numbers_of, size_of

CHUNK = 64
"""So many neighbouring points are counted in one go: they share most of their blocks."""
ENOUGH = 4 * CHUNK
"""Fewer points are counted sooner than other processes begin."""
NEAREST = 3


class Explored(Struct, frozen=True, dict=True):
    """What counting the points of a study found."""

    study: Study
    size: int
    points: Sequence[Point]

    @property
    def sampled(self) -> bool:
        """Whether the points are drawn from more."""
        return len(self.points) < self.size

    @property
    def networks(self) -> int:
        """How many of the counted points make a network."""
        return sum(point.counted is not None for point in self.points)

    @cached_property
    def feasible(self) -> list[Point]:
        """The points that meet every condition."""
        return [point for point in self.points if point.feasible]

    @cached_property
    def distinct(self) -> list[Point]:
        """The first point of each network among the feasible ones, in their order.

        Networks whose figures differ are different; only those that count alike are held against each other.
        """
        alike = sorted(self.feasible, key=_figures)
        found = [each for _, group in groupby(alike, _figures) for each in self._different(list(group))]
        return sorted(found, key=lambda point: point.number)

    @cached_property
    def front(self) -> list[Point]:
        """The distinct networks than which none is better in every counted aim; the first aim's best comes first."""
        return front_of(self.distinct) if self.study.counted_aims else []

    def architecture(self, point: Point) -> Architecture:
        """The network of a point, as it is built."""
        study = self.study
        return read_document(study.document, study.variant, {**study.given, **setting_trees(dict(point.settings))})

    def check(self) -> None:
        """Raise `SpecError` where no point is feasible, with those that come nearest."""
        if not self.feasible:
            raise SpecError([_infeasible(self)])

    def _different(self, points: Sequence[Point]) -> Iterator[Point]:
        if len(points) == 1:
            yield points[0]
            return
        seen: set[int] = set()
        for point in points:
            fingerprint = self.architecture(point).graph.fingerprint
            if fingerprint not in seen:
                seen.add(fingerprint)
                yield point


def explore(study: Study, told: Told = lambda done, of: None, jobs: int | None = None) -> Explored:
    """Count the points of a study, on so many `jobs` at once (left out: as many as there are cores).

    Raises `SpecError` for what is wrong in an expression. Whether any point is feasible is not asked yet.
    """
    numbers = numbers_of(study)
    jobs = jobs or os.cpu_count() or 1
    points: list[Point] = []
    for found in _chunks(study, numbers, jobs):
        points += found
        told(len(points), len(numbers))
    return Explored(study, size_of(study), points)


def _chunks(study: Study, numbers: Sequence[int], jobs: int) -> Iterator[list[Point]]:
    """The points in their order, a chunk at a time; a failure in another process is raised here."""
    chunks = [numbers[start : start + CHUNK] for start in range(0, len(numbers), CHUNK)]
    if jobs == 1 or len(numbers) < ENOUGH:
        counter = Counter(study)
        for chunk in chunks:
            yield list(counter.points(chunk))
        return
    with ProcessPoolExecutor(min(jobs, len(chunks)), initializer=_begin, initargs=(study.source,)) as pool:
        for points, fault in pool.map(_counted, chunks):
            if fault is not None:
                pool.shutdown(cancel_futures=True)
                raise SpecError(fault)
            yield points


_counter: Counter | None = None


def _begin(source: Source) -> None:
    """Make ready another process, which reads the study anew."""
    global _counter
    _counter = Counter(parse_study(source))


def _counted(numbers: Sequence[int]) -> tuple[list[Point], Sequence[Diagnostic] | None]:
    assert _counter is not None, "the process was made ready"
    try:
        return list(_counter.points(numbers)), None
    except SpecError as error:
        return [], error.diagnostics


def _figures(point: Point) -> tuple[int, ...]:
    counted = point.counted or {}
    return tuple(counted.get(name, 0) for name in FIGURES)


def _infeasible(explored: Explored) -> Diagnostic:
    """The error for conditions that no point meets, with the points that come nearest."""
    study = explored.study
    networks = (each for each in explored.points if each.is_network)
    alike = {repr((each.missed, each.counted)): each for each in reversed([*networks])}
    nearest = sorted(alike.values(), key=lambda each: (each.counted is None, each.missed))[:NEAREST]
    shown = "; ".join(_nearest_text(each) for each in nearest)
    if not nearest:
        counter = Counter(study)
        counter.point(explored.points[0].number)
        reason = counter.refused.diagnostics[0].message if counter.refused else "no network"
        message, shown = "no point makes a network", f"at the first one: {reason}"
    else:
        message = f"none of {len(explored.points):,} points meets every condition"
    at = study.conditions[0].formula.tree.span if study.conditions and nearest else None
    return Diagnostic("infeasible", message, at, found=f"nearest: {shown}" if nearest else shown)


def _nearest_text(point: Point) -> str:
    counts = ", ".join(f"{name} {count:,}" for name, count in (point.counted or {}).items())
    chosen = ", ".join(f"{name} {value}" for name, value in point.values)
    return f"{chosen} ({counts})" if counts else chosen
