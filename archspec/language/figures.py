"""What a spec documents about itself: figures from the literature, each with its source."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Annotated

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.pydantic_models import Expects, Section, shown, validate
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

QUANTITIES = ("params", "trainable", "macs", "depth")
_SCALES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_ROUNDED = re.compile(r"^(\d+(?:\.\d+)?)([kKMGBT]?)$")

_AMOUNT = "a whole number, or a rounded one such as `25.6M` or `0.39G`"

Amount = Annotated[int | str, Expects(_AMOUNT)]


class FigureSection(Section):
    """One documented figure."""

    variant: Annotated[str, Expects("the name of a variant")] | None = None
    params: Amount | None = None
    trainable: Amount | None = None
    macs: Amount | None = None
    depth: Amount | None = None
    source: Annotated[str, Expects("a text: where the figure is printed")]
    differs: Annotated[str, Expects("a sentence: why the architecture does not reach the figure")] | None = None


class Figure(Struct, frozen=True):
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


def parse_figures(
    tree: Tree | None, variants: Collection[str], params: Collection[str], findings: Findings
) -> tuple[Figure, ...]:
    """The list under `figures`; one entry may document several quantities."""
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return ()
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", "`figures` is a list", tree.span, found=shown(tree)))
        return ()
    parser = _Parser(variants, params, findings)
    return tuple(figure for item in tree.items for figure in parser.figures(item))


class _Parser(Struct, frozen=True):
    """Reads the entries of `figures` against the names of a document."""

    variants: Collection[str]
    params: Collection[str]
    findings: Findings

    def figures(self, tree: Tree) -> list[Figure]:
        settings: Mapping[str, Tree] | None = {}
        if isinstance(tree, MappingTree):
            settings = self._settings(tree.get("with"))
            tree = MappingTree(tuple((key, value) for key, value in tree.entries if key.value != "with"), tree.span)
        section = validate(FigureSection, tree, "a figure", self.findings)
        if section is None or settings is None or not isinstance(tree, MappingTree):
            return []
        if not self._knows_variant(section.variant, tree):
            return []
        given = [(name, tree.get(name)) for name in QUANTITIES if getattr(section, name) is not None]
        if not given:
            self.findings.add(
                Diagnostic(
                    "figure",
                    "a figure documents at least one quantity",
                    tree.span,
                    expected=", ".join(f"`{name}`" for name in QUANTITIES),
                )
            )
        return [
            Figure(section.variant, name, str(value.value), section.source, section.differs, settings, value.span)
            for name, value in given
            if isinstance(value, Scalar) and self._is_amount(value)
        ]

    def _settings(self, given: Tree | None) -> dict[str, Tree] | None:
        """The params under `with`; `None` where one of them does not exist."""
        if given is None:
            return {}
        if not isinstance(given, MappingTree):
            self.findings.add(
                Diagnostic("wrong-type", "`with` is a mapping of params to values", given.span, found=shown(given))
            )
            return None
        unknown = [key for key, _ in given.entries if str(key.value) not in self.params]
        for key in unknown:
            help_ = did_you_mean(str(key.value), self.params)
            message = f"there is no param `{key.value}` to document a figure with"
            self.findings.add(Diagnostic("unknown-setting", message, key.span, help=help_))
        return None if unknown else {str(key.value): value for key, value in given.entries}

    def _knows_variant(self, name: str | None, tree: MappingTree) -> bool:
        if name is None or name in self.variants:
            return True
        given = tree.get("variant")
        self.findings.add(
            Diagnostic(
                "unknown-variant",
                f"a figure is documented for `{name}`, but there is no such variant",
                given.span if given else tree.span,
                help=did_you_mean(name, self.variants) or "the document has no variants: leave `variant` out",
            )
        )
        return False

    def _is_amount(self, value: Scalar) -> bool:
        if _ROUNDED.match(str(value.value)):
            return True
        message = f"`{value.value}` is not an amount"
        self.findings.add(Diagnostic("figure", message, value.span, expected=_AMOUNT))
        return False


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
