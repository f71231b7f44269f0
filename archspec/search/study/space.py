"""The points of a study: every one by its number, and what its network comes to."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from archspec.api.documents import open_document
from archspec.language.diagnostics import SpecError
from archspec.language.expressions import ExpressionError
from archspec.search.points import Points, Settings
from archspec.search.study.formulas import Formula, Names, Reference
from archspec.search.study.page import Study, beside, settings_of
from archspec.search.targets import Counted


class Point(Struct, frozen=True):
    """One point: what was chosen, the params that follow, and what the network comes to."""

    number: int
    values: tuple[tuple[str, Any], ...]
    settings: Settings
    counted: Counted | None
    """`None` where there is no network, or a condition on the choices alone rules it out before it is counted."""
    missed: float
    """By what share the condition that is missed most is missed; 0 where all hold."""
    aims: tuple[float, ...] = ()
    """What each aim comes to, of one that is counted; each is best where it is least."""

    @property
    def feasible(self) -> bool:
        """Whether it is a network that meets every condition."""
        return self.counted is not None and self.missed == 0

    @property
    def is_network(self) -> bool:
        return self.missed != math.inf or self.counted is not None

    @property
    def text(self) -> str:
        """The point as a command takes it."""
        return " ".join(f"--set {name}={value}" for name, value in self.settings)


def size_of(study: Study) -> int:
    """How many points there are."""
    return math.prod(len(choice.values) for choice in study.choices.values())


def numbers_of(study: Study) -> Sequence[int]:
    """The numbers of the points that are counted: all, or so many drawn by the study's seed, in order."""
    size, most = size_of(study), study.section.sample
    if size <= most:
        return range(size)
    chance = random.Random(study.section.seed)
    found: set[int] = set()
    while len(found) < most:
        found.add(chance.randrange(size))
    return sorted(found)


def values_at(study: Study, number: int) -> dict[str, Any]:
    """The choices of one point: those of the last name go fastest."""
    found = {}
    for name, choice in reversed([*study.choices.items()]):
        number, at = divmod(number, len(choice.values))
        found[name] = choice.values[at]
    return dict(reversed(found.items()))


def number_at(study: Study, places: Mapping[str, int]) -> int:
    """The number of the point with these places among the values of each choice."""
    number = 0
    for name, choice in study.choices.items():
        number = number * len(choice.values) + places[name]
    return number


class Counter:
    """Counts the points of one study."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._points = Points(study.document, study.variant, study.given, study.figures)
        self._references: dict[str, Points] = {}
        self._early = [each for each in study.conditions if self._follows_from_choices(each.formula)]
        self._late = [each for each in study.conditions if each not in self._early]
        self.refused: SpecError | None = None
        """Why the last point that makes no network makes none."""

    def points(self, numbers: Iterable[int]) -> Iterator[Point]:
        """The points of these numbers."""
        return map(self.point, numbers)

    def point(self, number: int) -> Point:
        """One point, counted where its choices alone do not rule it out."""
        study, names = self._study, self._names()
        chosen = values_at(study, number)
        names.update(chosen)
        for name, formula in study.let.items():
            names[name] = formula.value(names)
        values, settings = tuple(chosen.items()), settings_of(study, names)
        missed = max((each.missed(names) for each in self._early), default=0.0)
        if missed:
            return Point(number, values, settings, None, min(missed, _MOST_MISSED))
        counted = self._points.counted(settings)
        if counted is None:
            self.refused = self._points.refused
            return Point(number, values, settings, None, math.inf)
        names = self._seen(settings, names, counted)
        missed = max((each.missed(names) for each in self._late), default=0.0)
        aims = tuple(self._aim(each.formula, each.largest, names) for each in study.counted_aims)
        return Point(number, values, settings, counted, min(missed, _MOST_MISSED), aims)

    def _seen(self, settings: Settings, chosen: Names, counted: Counted) -> Names:
        """The page's own params, what was chosen over them, and the figures over all."""
        return Names({**self._points.params(settings), **chosen, **counted})

    def _aim(self, formula: Formula, largest: bool, names: Names) -> float:
        return -formula.number(names) if largest else formula.number(names)

    def _follows_from_choices(self, formula: Formula) -> bool:
        return formula.expression.names <= self._study.choices.keys() | self._study.let.keys() and not formula.figures

    def _names(self) -> Names:
        return Names({"of": self._reference})

    def _reference(self, *names: Any) -> Reference:
        """What `of(name)` is."""
        if len(names) != 1 or not isinstance(names[0], str):
            raise ExpressionError("`of` takes a spec's name in quotes", expected="for example `of('resnet18').macs`")
        (name,) = names
        if name not in self._references:
            try:
                document, variant = open_document(beside(self._study.source, name), None)
            except SpecError as error:
                first = error.diagnostics[0]
                raise ExpressionError(first.message, help=first.help) from None
            self._references[name] = Points(document, variant, {}, ())
        return Reference(self._references[name].count_of)


_MOST_MISSED = 1e300
"""What a condition is missed by that tells no distance: infinite is what is no network at all."""

Told = Callable[[int, int], None]
"""Told how many points are counted, and of how many."""
