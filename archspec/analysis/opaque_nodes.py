"""Nodes of an imported module for which archspec has no op: they are drawn and counted, and cannot be built."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.model import Graph, Leaf
from archspec.language.diagnostics import Diagnostic

OPAQUE = "opaque"
"""The name of the op that stands for what has no word."""


def without_words(graph: Graph) -> Iterator[Diagnostic]:
    """An error for each node of a graph that cannot be built, since archspec has no word for it."""
    for node in graph.walk():
        if isinstance(node, Leaf) and node.op.name == OPAQUE:
            function, where = getattr(node.op, "function", ""), getattr(node.op, "place", "")
            message = f"`{graph.name}` cannot be built: archspec has no op for torch's `{function}`"
            help_ = "write on the page what this line computes, with ops and blocks, in the place of `opaque`"
            yield Diagnostic(OPAQUE, message, node=node.address, found=where or None, help=help_)
