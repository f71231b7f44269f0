"""Another spec as a part of this one: `{use: resnet50, num_classes: 10}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from archspec.elaborate.context import Context
from archspec.elaborate.inputs import input_names
from archspec.elaborate.library import Library
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.settings import default_variant, resolve_settings
from archspec.language.diagnostics import Diagnostic, Findings, Note, SpecError, did_you_mean
from archspec.language.document import Document
from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.source import Span
from archspec.language.tree import Tree
from archspec.language.values import tree_of


@dataclass(frozen=True, slots=True)
class Part:
    """A spec opened for use inside another."""

    document: Document
    settings: Mapping[str, Any]
    scope: Scope
    library: Library
    graph: GraphDef
    input_names: tuple[str, ...]


def open_part(context: Context, name: str, node: NodeDef, scope: Scope, address: str, span: Span) -> Part:
    """Find and read the spec that a `use` names, with the node's fields as its settings."""
    part, variant = find_part(context, name, address, span)
    settings: dict[str, Tree] = {
        key: tree_of(context.value(given.value, scope, f"`{key}`", address, words=True), given.value.span)
        for key, given in node.fields.items()
    }
    places = {key: given.key.span for key, given in node.fields.items()}
    library = Library(part, Findings())
    library.check_own_blocks()
    graph = library.graph(part)
    _pass_on(context, (*part.faults, *library.findings), span)
    # What is wrong on calls is told when they are made.
    library.findings = context.findings
    values, own = resolve_settings(context, part, variant or default_variant(part), settings, places)
    return Part(part, values, own, library, graph, input_names(part))


def find_part(context: Context, name: str, address: str, span: Span) -> tuple[Document, str | None]:
    """The spec that a name or a path means; raises `Failed` after reporting that there is none."""
    document = context.library.document
    try:
        found = context.find_document(name, document.source.path if document else None)
    except SpecError as error:
        _pass_on(context, error.diagnostics, span)
        raise Failed from None
    if found is None:
        help_ = (
            did_you_mean(name, context.library.names()) or "a spec beside this one is named by its path, `other.yaml`"
        )
        context.fail("unknown-op", f"there is no op, block or spec `{name}`", span, address, help=help_)
    return found


def _pass_on(context: Context, diagnostics: Iterable[Diagnostic], span: Span) -> None:
    """Report what is wrong with another spec, with the place where it is used."""
    for diagnostic in diagnostics:
        if diagnostic.span is None:
            context.findings.add(replace(diagnostic, span=span))
        else:
            note = Note("the spec is used here", span)
            context.findings.add(replace(diagnostic, notes=(*diagnostic.notes, note)))
