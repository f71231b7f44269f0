"""The passes one after another: a module → the graph of what it computes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from torch import nn

from archspec.graph.model import Graph
from archspec.importing.calls import Trace
from archspec.importing.constants import folded
from archspec.importing.dissolve import dissolve
from archspec.importing.export import export
from archspec.importing.gather import gather
from archspec.importing.idle import without_idle
from archspec.importing.modes import ModesError, joined, may_differ
from archspec.importing.name import Missing, name
from archspec.importing.noise import bypassed
from archspec.importing.own_gradients import own_gradients
from archspec.importing.own_modes import modes_kept
from archspec.importing.read import read
from archspec.importing.reshapes import without_sizes
from archspec.importing.scopes import GatherError
from archspec.importing.slots import place
from archspec.language.diagnostics import SpecError
from archspec.language.identifiers import snake


class Traced(Struct, frozen=True):
    """A module's graph, and what in it has no word: these nodes are opaque.

    `untrained` says why the graph shows the module as it is in evaluation alone, where it does.
    """

    graph: Graph
    missing: tuple[Missing, ...]
    untrained: str | None = None


def trace(
    module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any] | None = None, called: str | None = None
) -> Traced:
    """The graph of a module as it runs in both of its modes; its own mode is what it was afterwards.

    `called` is the graph's name, that of the module's class where it is left out. Raises `SpecError` where
    torch.export cannot follow the module, and `GatherError` where its modules cannot be blocks.
    """
    with modes_kept(module):
        calls, untrained = _calls(module, inputs, keywords)
    return traced(calls, called or snake(type(module).__name__), untrained)


def traced(calls: Trace, called: str, untrained: str | None = None) -> Traced:
    """The graph of what was read, of the name `called`; `untrained` is why it has no training, where it has none."""
    steps = name(dissolve(folded(calls)))
    graph = gather(steps, called)
    if not graph.root.children:
        raise GatherError(f"`{type(calls.module).__name__}` gives back what it is given, so there is nothing to write")
    return Traced(place(without_sizes(without_idle(graph))), steps.missing, untrained)


def _calls(module: nn.Module, inputs: tuple[Any, ...], keywords: Mapping[str, Any] | None) -> tuple[Trace, str | None]:
    """The calls of a module, in training and in evaluation; and why what training does is left out, where it is."""
    with own_gradients() as functions:
        evaluated = read(export(module.eval(), inputs, keywords), module)
    if functions:
        return bypassed(evaluated), f"`{next(iter(functions))}` computes its gradient itself"
    if not may_differ(module):
        return bypassed(evaluated), None
    try:
        return joined(evaluated, read(export(module.train(), inputs, keywords), module)), None
    except SpecError as error:
        return bypassed(evaluated), error.diagnostics[0].message
    except ModesError as error:
        return bypassed(evaluated), str(error)
