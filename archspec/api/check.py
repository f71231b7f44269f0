"""Specs → what is wrong with them and with their figures. No torch is imported."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from archspec.analysis.verdicts import Verdict, diagnostics
from archspec.api.architecture import Architecture, read_document
from archspec.api.documents import open_document, variants_of
from archspec.graph.size_rules import Rule, size_rules
from archspec.language.budget import Budget, of_one_page
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import Document
from archspec.language.yaml_tree import Tree


class Checked(Struct, frozen=True):
    """What came of one variant of a spec, or of a spec that could not be read at all."""

    spec: str
    variant: str | None
    architecture: Architecture | None
    verdicts: tuple[Verdict, ...]
    diagnostics: tuple[Diagnostic, ...]

    @property
    def rules(self) -> list[Rule]:
        """What its symbolic sizes must be."""
        return size_rules(self.architecture.graph).rules if self.architecture is not None else []

    @property
    def fine(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(diagnostic.severity != "error" for diagnostic in self.diagnostics)


def check(spec: str, variant: str | None = None, settings: Mapping[str, Tree] | None = None) -> Iterator[Checked]:
    """Check the variant that is named, by `variant` or by the spec's own name, or else all of them."""
    budget = Budget()
    try:
        with of_one_page(budget):
            document, chosen = open_document(spec, variant)
    except SpecError as error:
        yield Checked(spec, variant, None, (), error.diagnostics)
        return
    for name in [chosen] if chosen else variants_of(document):
        with of_one_page(budget):
            checked = _check(spec, document, name, settings or {})
        yield checked


def _check(spec: str, document: Document, variant: str | None, settings: Mapping[str, Tree]) -> Checked:
    architecture, verdicts = None, []
    try:
        architecture = read_document(document, variant, settings)
        verdicts = architecture.figures
    except SpecError as error:
        return Checked(spec, variant or document.name, architecture, (), error.diagnostics)
    found = (*architecture.warnings, *diagnostics(verdicts))
    return Checked(spec, variant or document.name, architecture, tuple(verdicts), found)
