"""The setting of some params with which a network comes to a figure: `archspec.fit`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from pathlib import Path
from typing import Any

from msgspec import Struct

from archspec.api.architecture import Architecture, read_document, setting_trees
from archspec.api.documents import open_document
from archspec.elaborate import default_variant
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import Document
from archspec.language.yaml_tree import Tree
from archspec.search.line import Line
from archspec.search.points import Points, Settings
from archspec.search.ranges import Range, parse_range, range_of
from archspec.search.targets import Counted, Rank, Target, parse_targets, rank

TOLERANCE = "1%"
MOST_LINES = 2_000
"""So many settings of all params but the one with most values."""


class Fit(Struct, frozen=True, dict=True):
    """The setting that comes nearest to what was asked, what it comes to, and how many points were counted for it."""

    document: Document
    variant: str | None
    given: Mapping[str, Tree]
    settings: Mapping[str, Any]
    counted: Counted
    targets: tuple[Target, ...]
    points: int
    of: int
    """How many points there are."""

    @property
    def text(self) -> str:
        """The setting as a command takes it: `--set width=0.85`."""
        return " ".join(f"--set {name}={value}" for name, value in self.settings.items())

    @cached_property
    def architecture(self) -> Architecture:
        """The network under the setting."""
        return read_document(self.document, self.variant, {**self.given, **setting_trees(self.settings)})

    def __repr__(self) -> str:
        return f"<Fit {self.text}: {', '.join(f'{name} {count:,}' for name, count in self.counted.items())}>"


def fit(
    spec: str | Path,
    vary: Mapping[str, Any] | Iterable[str] | str,
    target: Mapping[str, Any] | Iterable[str] | str,
    variant: str | None = None,
    *,
    tolerance: str | float = TOLERANCE,
    every: bool = False,
    **params: Any,
) -> Fit:
    """The setting of a spec's params with which its network comes nearest to a figure: params, macs, memory or depth.

    `vary` says which params, and among which values: texts as `--vary` takes them, or a mapping to `(from, to)`,
    `(from, to, step)`, a list, or `None`. `target` is a text such as `"macs=300M"` or `"params<=5M macs<=400M"`, or a
    mapping to amounts to come near to. Where a figure is given, what comes nearest is taken, and must come within the
    `tolerance`; under bounds alone, the largest network that keeps them. Of settings that count alike the one with
    the fewest digits is taken. `params` are settings that stay. Raises `SpecError`, with the nearest setting where
    none will do.

    Where the figures grow with a param, or fall, bisection finds the value; else each value is counted, as `every`
    has it done always. Of several params this holds for the one with most values, under each setting of the others.

    >>> fit("efficientnet_b0", vary="width=0.5:2.0", target="macs=600M").text
    '--set width=1.24'
    """
    document, chosen = open_document(spec, variant)
    return fit_document(
        document, chosen, setting_trees(params), _ranges(document, vary), _targets(target), tolerance, every=every
    )


def fit_document(
    document: Document,
    variant: str | None,
    given: Mapping[str, Tree],
    ranges: Sequence[Range],
    targets: tuple[Target, ...],
    tolerance: str | float = TOLERANCE,
    *,
    every: bool = False,
) -> Fit:
    """As `fit`, of a document that was read already."""
    _check(ranges, given)
    variant, share = variant or default_variant(document), parse_tolerance(tolerance)
    points = Points(document, variant, given, [target.figure for target in targets])
    settings = _best(points, ranges, targets, share, every)
    counted = points.counted(settings)
    assert counted is not None, "the best point is a network"
    size = prod(len(each.values) for each in ranges)
    found = Fit(document, variant, given, dict(settings), counted, targets, len(points), size)
    if rank(targets, counted, share).missed:
        raise SpecError([_unreached(found, share)])
    return found


def parse_tolerance(tolerance: str | float) -> Fraction:
    """A share such as `1%` or `0.01`; raises `SpecError` for what is none."""
    text = str(tolerance)
    try:
        share = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share < 1:
        message = f"`{text}` is not a tolerance"
        raise SpecError([Diagnostic("target", message, expected="a share from 0 to below 1, such as `1%` or `0.01`")])
    return share


def _ranges(document: Document, vary: Mapping[str, Any] | Iterable[str] | str) -> list[Range]:
    if isinstance(vary, Mapping):
        return [range_of(document, name, values) for name, values in vary.items()]
    return [parse_range(document, text) for text in ([vary] if isinstance(vary, str) else vary)]


def _targets(target: Mapping[str, Any] | Iterable[str] | str) -> tuple[Target, ...]:
    if isinstance(target, Mapping):
        return parse_targets(f"{name}={amount}" for name, amount in target.items())
    return parse_targets([target] if isinstance(target, str) else target)


def _check(ranges: Sequence[Range], given: Mapping[str, Tree]) -> None:
    """Refuse a search along nothing, one param twice, and more points than can be counted."""
    if not ranges:
        raise SpecError([Diagnostic("range", "no param is varied", help="name one: `--vary width=0.5:2.0`")])
    names = [each.name for each in ranges]
    for number, each in enumerate(ranges):
        if each.name in names[:number] or each.name in given:
            raise SpecError([Diagnostic("range", f"`{each.name}` is given twice", each.span)])
    lines = prod(sorted(len(each.values) for each in ranges)[:-1])
    if lines > MOST_LINES:
        message = f"the params but one have {lines:,} settings"
        raise SpecError([Diagnostic("range", message, expected=f"at most {MOST_LINES:,}", help="give larger steps")])


def _best(
    points: Points, ranges: Sequence[Range], targets: Sequence[Target], tolerance: Fraction, every: bool
) -> Settings:
    """The best setting: along the range with most values, under each setting of the others."""
    along = max(ranges, key=lambda each: len(each.values))
    others = [each for each in ranges if each is not along]
    found: list[tuple[Rank, list[Settings]]] = []
    for values in product(*(each.values for each in others)):
        fixed = {each.name: value for each, value in zip(others, values)}
        line = [tuple((each.name, fixed.get(each.name, value)) for each in ranges) for value in along.values]
        best = Line(len(line), lambda number, line=line: points.counted(line[number]), targets, tolerance).best(  # type: ignore[misc]
            every=every
        )
        if best is not None:
            found.append((best[0], [line[number] for number in best[1]]))
    if not found:
        assert points.refused is not None, "there is at least one point"
        raise points.refused
    least = min(rank for rank, _ in found)
    return min((point for rank, run in found if rank == least for point in run), key=_digits)


def _digits(settings: Settings) -> int:
    """How long a setting is to write."""
    return sum(len(str(value)) for _, value in settings)


def _unreached(nearest: Fit, tolerance: Fraction) -> Diagnostic:
    """The error for targets that nothing meets, with what comes nearest."""
    target = max(nearest.targets, key=lambda each: each.missed(nearest.counted[each.figure], tolerance))
    counts = ", ".join(f"{name} {count:,}" for name, count in nearest.counted.items())
    return Diagnostic(
        "unreached",
        f"no setting comes to `{target.span.source.text[target.span.column - 1 : target.span.end_column - 1]}`",
        target.span,
        found=f"nearest: {nearest.text} ({counts})",
        help="vary more params or further, or take a larger `--tolerance`",
    )
