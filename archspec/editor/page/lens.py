"""What stands above the variants and figures of a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archspec.analysis.verdicts import tally
from archspec.editor.page.analysis import Analysis
from archspec.graph.labels import rounded_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree


class Lens(NamedTuple):
    """A text above a place; `variant` is the one that a click shows."""

    span: Span
    text: str
    variant: str | None = None


def lenses(page: Analysis) -> Iterator[Lens]:
    """How large the network is, each other variant to be shown, and how the figures stand."""
    if page.document is None:
        return
    for name, variant in page.document.variants.items():
        if name != page.variant:
            yield Lens(variant.span, f"show {name}", name)
    tree = page.tree if isinstance(page.tree, MappingTree) else None
    shown = page.document.variants.get(page.variant or "")
    head = shown.span if shown is not None else _key(tree, "name")
    if page.architecture is not None and head is not None:
        size = f"{rounded_text(page.architecture.params)} parameters · {rounded_text(page.architecture.macs)} MACs"
        yield Lens(head, f"shown here: {size}" if shown is not None else size)
    if page.figures and (figures := _key(tree, "figures")) is not None:
        yield Lens(figures, ", ".join(tally(page.figures).values()))


def _key(tree: MappingTree | None, name: str) -> Span | None:
    key = tree.key(name) if tree is not None else None
    return key.span if key is not None else None
