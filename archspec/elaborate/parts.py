"""Another spec as a part of this one: `{use: resnet50, num_classes: 10}`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from archspec.elaborate.context import Context
from archspec.elaborate.inputs import input_names
from archspec.elaborate.library import Library
from archspec.elaborate.scope import Scope
from archspec.elaborate.settings import default_variant, resolve_settings
from archspec.language.diagnostics import did_you_mean
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
    document = context.library.document
    found = context.find_document(name, document.source.path if document else None)
    if found is None:
        help_ = did_you_mean(name, context.library.names) or "a spec beside this one is named by its path, `other.yaml`"
        context.fail("unknown-op", f"there is no op, block or spec `{name}`", span, address, help=help_)
    part, variant = found
    settings: dict[str, Tree] = {
        key: tree_of(context.value(given.value, scope, f"`{key}`", address, words=True), given.value.span)
        for key, given in node.fields.items()
    }
    library = Library(part, context.findings)
    values, own = resolve_settings(context, part, variant or default_variant(part), settings)
    return Part(part, values, own, library, library.graph(part), input_names(part))
