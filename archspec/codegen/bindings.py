"""Tensors that are others', and weights that are computed: statements at the end of the root's constructor."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archspec.analysis.state_dict import key
from archspec.codegen.formatting import Group, laid_out
from archspec.graph.model import Graph, Leaf


def ties(graph: Graph, path: Callable[[str], str]) -> Iterator[str]:
    """An assignment for each tensor that is another's; those of nodes that are left out have none."""
    for tie in graph.ties:
        if tie.address in graph.nodes and tie.owner in graph.nodes:
            yield f"        {key(path(tie.address), tie.tensor)} = {key(path(tie.owner), tie.owner_tensor)}"


def parametrizations(graph: Graph, path: Callable[[str], str]) -> Iterator[str]:
    """A call for each layer whose weight is computed from others."""
    for node in graph.walk():
        if isinstance(node, Leaf) and node.parametrize is not None and node.tied is None:
            yield from laid_out(Group(f"parametrizations.{node.parametrize}(", (path(node.address),), ")"), 8)
