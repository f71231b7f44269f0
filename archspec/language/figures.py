"""What a spec documents about itself: figures from the literature, each with its source."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.source import Span
from archspec.language.tree import Sequence, Tree
from archspec.language.validation import Expects, Section, shown, validate

QUANTITIES = ("params", "trainable", "macs", "depth")
_SCALES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_ROUNDED = re.compile(r"^(\d+(?:\.\d+)?)([kKMGBT]?)$")

Amount = Annotated[int | str, Expects("a whole number, or a rounded one such as `25.6M` or `0.39G`")]


class FigureSection(Section):
    """One documented figure."""

    variant: Annotated[str, Expects("the name of a variant")] | None = None
    params: Amount | None = None
    trainable: Amount | None = None
    macs: Amount | None = None
    depth: Amount | None = None
    source: Annotated[str, Expects("a text: where the figure is printed")]
    differs: Annotated[str, Expects("a sentence: why the architecture does not reach the figure")] | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A documented amount of one quantity, for one variant under some settings."""

    variant: str | None
    quantity: str
    documented: str
    source: str
    differs: str | None
    settings: Mapping[str, Tree]
    span: Span

    @property
    def exact(self) -> bool:
        """Whether it must agree to the unit; a rounded figure carries its own tolerance."""
        return re.fullmatch(r"[\d_]+", self.documented) is not None

    @property
    def value(self) -> float:
        number, scale = _split(self.documented)
        return float(number) * scale

    def agrees(self, count: int) -> bool:
        """Whether a count reads the same, rounded to the figure's own significant digits."""
        if self.exact:
            return count == int(self.documented)
        number, scale = _split(self.documented)
        last_digit = Decimal(1).scaleb(_exponent(number))
        return (Decimal(count) / scale / last_digit).quantize(Decimal(1), ROUND_HALF_UP) * last_digit == Decimal(number)


def parse_figures(tree: Tree | None, findings: Findings) -> tuple[Figure, ...]:
    """The list under `figures`; one entry may document several quantities."""
    if tree is None:
        return ()
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", "`figures` is a list", tree.span, found=shown(tree)))
        return ()
    return tuple(figure for item in tree.items for figure in _figures(item, findings))


def _figures(tree: Tree, findings: Findings) -> list[Figure]:
    from archspec.language.tree import Mapping as MappingTree

    settings: dict[str, Tree] = {}
    if isinstance(tree, MappingTree):
        given = tree.get("with")
        if isinstance(given, MappingTree):
            settings = {str(key.value): value for key, value in given.entries}
        elif given is not None:
            findings.add(
                Diagnostic("wrong-type", "`with` is a mapping of params to values", given.span, found=shown(given))
            )
        tree = MappingTree(tuple((key, value) for key, value in tree.entries if key.value != "with"), tree.span)
    section = validate(FigureSection, tree, "a figure", findings)
    if section is None or not isinstance(tree, MappingTree):
        return []
    figures = []
    for quantity in QUANTITIES:
        amount = getattr(section, quantity)
        value = tree.get(quantity)
        if amount is None or value is None:
            continue
        if not _ROUNDED.match(str(amount)):
            findings.add(
                Diagnostic(
                    "figure",
                    f"`{amount}` is not an amount",
                    value.span,
                    expected="a whole number, or a rounded one such as `25.6M` or `0.39G`",
                )
            )
            continue
        figures.append(
            Figure(section.variant, quantity, str(amount), section.source, section.differs, settings, value.span)
        )
    if not figures and not any(getattr(section, quantity) is not None for quantity in QUANTITIES):
        findings.add(
            Diagnostic(
                "figure",
                "a figure documents at least one quantity",
                tree.span,
                expected=", ".join(f"`{name}`" for name in QUANTITIES),
            )
        )
    return figures


def _split(text: str) -> tuple[str, int]:
    match = _ROUNDED.match(text)
    assert match is not None
    return match[1], _SCALES[match[2]]


def _exponent(number: str) -> int:
    """The power of ten of the last significant digit: the trailing zeros of a whole number are not significant.

    >>> _exponent("0.70"), _exponent("60")
    (-2, 1)
    """
    if "." in number:
        return -len(number.partition(".")[2])
    return len(number) - len(number.rstrip("0")) if int(number) else 0
