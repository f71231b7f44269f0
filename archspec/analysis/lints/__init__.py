"""Warnings about what a page's author probably does not mean.

Each kind is reported once, and a comment on its line allows it.

A lint is a function from a document and its flow to findings; it knows what is a mistake and what is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from archspec.analysis.lints.idle_joins import item_number, joined_with_itself, no_effect
from archspec.analysis.lints.in_place import not_in_place
from archspec.analysis.lints.inputs import batched, channels_last, explained
from archspec.analysis.lints.linear_on_map import linear_on_map
from archspec.analysis.lints.softmax_on_map import softmax_on_map
from archspec.analysis.lints.two_convolutions import two_convolutions
from archspec.graph.dataflow import Flow
from archspec.graph.model import Graph
from archspec.language.allow_comments import allowed
from archspec.language.diagnostics import Diagnostic, Note
from archspec.language.document import Document
from archspec.language.source import Span

__all__ = ["LINTS", "explained", "lints"]

Lint = Callable[[Document, Flow], Iterator[Diagnostic]]

LINTS: tuple[Lint, ...] = (
    channels_last,
    batched,
    linear_on_map,
    softmax_on_map,
    two_convolutions,
    joined_with_itself,
    no_effect,
    item_number,
)
"""Each is told at the first place that its author has not allowed."""


def lints(document: Document, graph: Graph) -> Iterator[Diagnostic]:
    """What is probably not meant in a network, as warnings."""
    flow = Flow.of(graph)
    yield from not_in_place(flow)
    for lint in LINTS:
        places: dict[Span | None, Diagnostic] = {}
        for each in lint(document, flow):
            if _is_told(document, each):
                places.setdefault(each.span, each)
        if places:
            first, *others = places.values()
            more = f"and at {len(others)} more place{'s' if len(others) > 1 else ''}"
            yield replace(first, notes=(Note(more, others[0].span),)) if others else first


def _is_told(document: Document, found: Diagnostic) -> bool:
    """Whether a finding stands in the document itself, whose author has not allowed it; a part is checked by itself."""
    span = found.span
    return span is not None and span.source.name == document.source.name and not allowed(found.code, span)
