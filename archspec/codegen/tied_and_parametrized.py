"""Tied tensors and parametrized weights: statements at the end of the root's constructor.

A tie is an assignment, a parametrization a call:

>>> from archspec.codegen import source
>>> from archspec.elaborate.example import example
>>> tied = '{a: {linear: 32, parametrize: weight_norm}, b: {linear: 32}, c: {linear: 32, tie: {weight: b.weight}}}'
>>> [line.strip() for line in source(example(tied)).splitlines() if "parametrizations." in line or ".weight =" in line]
['self.c.weight = self.b.weight', 'parametrizations.weight_norm(self.a)']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archspec.analysis.state_dict import key
from archspec.codegen.formatting import Group, laid_out
from archspec.graph.model import Graph


def ties(graph: Graph, path: Callable[[str], str]) -> Iterator[str]:
    """An assignment for each tensor that is another's."""
    for tie in graph.ties:
        yield f"        {key(path(tie.address), tie.tensor)} = {key(path(tie.owner), tie.owner_tensor)}"


def parametrizations(graph: Graph, path: Callable[[str], str]) -> Iterator[str]:
    """A call for each layer whose weight is computed from others."""
    for leaf in graph.owners:
        if leaf.parametrize is not None:
            yield from laid_out(Group(f"parametrizations.{leaf.parametrize}(", (path(leaf.address),), ")"), 8)
