"""The passes one after another: a module → the graph of what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from torch import nn

from archspec.graph.model import Graph
from archspec.importing.dissolve import dissolve
from archspec.importing.export import export
from archspec.importing.gather import gather, snake
from archspec.importing.idle import without_idle
from archspec.importing.name import Missing, name
from archspec.importing.read import read
from archspec.importing.reshapes import without_sizes
from archspec.importing.slots import place


class Traced(Struct, frozen=True):
    """A module's graph, and what in it has no word: these nodes are opaque."""

    graph: Graph
    missing: tuple[Missing, ...]


def trace(
    module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any] | None = None, called: str | None = None
) -> Traced:
    """The graph of a module as it runs in evaluation mode; its own mode is what it was afterwards.

    `called` is the graph's name, that of the module's class where it is left out. Raises `SpecError` where
    torch.export cannot follow the module, and `GatherError` where its modules cannot be blocks.
    """
    modes = {each: each.training for each in module.modules()}
    module.eval()
    try:
        steps = name(dissolve(read(export(module, inputs, keywords), module)))
    finally:
        for each, training in modes.items():
            each.training = training
    graph = gather(steps, called or snake(type(module).__name__))
    return Traced(place(without_sizes(without_idle(graph))), steps.missing)
