"""A page as far as it can be read while it is typed: its document, its nodes, its graph, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct

from archspec.analysis.lints import lints
from archspec.analysis.verdicts import Verdict, diagnostics
from archspec.api import zoo
from archspec.api.architecture import Architecture
from archspec.api.block_file import block_document
from archspec.elaborate import Attempt, attempt, default_variant
from archspec.elaborate.symbol_table import Library
from archspec.graph.model import Block, NodeType, inside
from archspec.language.budget import of_one_page
from archspec.language.diagnostics import Diagnostic, Findings, SpecError, in_order
from archspec.language.document import Document, read_page
from archspec.language.error_recovery import around_faults
from archspec.language.file_kind import is_block_file, is_recipe
from archspec.language.source import Source, Span
from archspec.language.yaml_tree import Tree

Kind = Literal["spec", "recipe", "block"]


class Analysis(Struct, frozen=True, eq=False, dict=True):
    """One text, read once for all that is shown of it."""

    source: Source
    kind: Kind
    tree: Tree | None
    """All that is written around the text's YAML faults."""
    document: Document | None
    variant: str | None
    made: Attempt | None
    found: tuple[Diagnostic, ...]

    @cached_property
    def architecture(self) -> Architecture | None:
        """The network, where it is whole."""
        if self.document is None or self.made is None or self.made.graph is None:
            return None
        return Architecture(self.document, self.variant, {}, self.made.graph)

    @cached_property
    def figures(self) -> list[Verdict]:
        """A verdict for each documented figure of the variant; none where the network is not whole."""
        if self.architecture is None:
            return []
        with suppress(SpecError):
            return self.architecture.figures
        return []

    @property
    def settings(self) -> Mapping[str, Any]:
        """The values of the params and of `let` in this variant."""
        return self.made.settings if self.made is not None else {}

    @cached_property
    def library(self) -> Library:
        """The names that the page may call."""
        return Library(self.document, Findings())

    @cached_property
    def nodes(self) -> Mapping[Span, list[NodeType]]:
        """What came of each node that is written, by the place of what it calls."""
        found: dict[Span, list[NodeType]] = {}
        for top in self.made.nodes if self.made is not None else ():
            for node in (top, *(inside(top) if isinstance(top, Block) else ())):
                if node.span.source is self.source:
                    found.setdefault(node.span, []).append(node)
        return found


def analyse(source: Source, variant: str | None = None) -> Analysis:
    """Read a text as far as it goes; nothing is raised, whatever is wrong with it.

    A variant that the page does not have stands for its default.
    """
    if is_recipe(source):
        return _recipe(source)
    with of_one_page():
        return _block(source) if is_block_file(source) else _spec(source, variant)


@of_one_page()
def _spec(source: Source, variant: str | None) -> Analysis:
    page = read_page(source)
    if page.document is None:
        return Analysis(source, "spec", page.tree, None, None, None, page.faults)
    findings = Findings()
    chosen = variant if variant in page.document.variants else default_variant(page.document)
    made = attempt(page.document, chosen, {}, findings, zoo.find)
    bare = Analysis(source, "spec", page.tree, page.document, chosen, made, ())
    return Analysis(source, "spec", page.tree, page.document, chosen, made, _all(bare, findings))


def _all(page: Analysis, findings: Findings) -> tuple[Diagnostic, ...]:
    """What was found, with what is probably not meant and the figures that differ."""
    if page.architecture is not None:
        warnings = lints(page.architecture.document, page.architecture.graph)
        for each in (*warnings, *diagnostics(page.figures)):
            findings.add(each)
    return tuple(in_order(findings))


def _block(source: Source) -> Analysis:
    tree = around_faults(source).tree
    try:
        document = block_document(source, zoo.find)
    except SpecError as error:
        return Analysis(source, "block", tree, None, None, None, error.diagnostics)
    findings = Findings()
    made = attempt(document, None, {}, findings, zoo.find)
    return Analysis(source, "block", tree, document, None, made, tuple(in_order(findings)))


def _recipe(source: Source) -> Analysis:
    from archspec.training.recipe.recipe import parse_recipe

    found: tuple[Diagnostic, ...] = ()
    try:
        parse_recipe(source, importing=False)
    except SpecError as error:
        found = error.diagnostics
    return Analysis(source, "recipe", around_faults(source).tree, None, None, None, found)
