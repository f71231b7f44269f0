"""A finished run's folder → its recipe, its network and its trained weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.api.architecture import Architecture
from archspec.api.load import load
from archspec.api.run_folder import Run
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import read_source
from archspec.ops.shapes import known
from archspec.training.recipe.recipe import Recipe, parse_recipe
from archspec.training.run.network import check_finite, weights_of

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Reopened:
    """A run with the network that it trained, in evaluation mode."""

    run: Run
    record: Mapping[str, Any]
    recipe: Recipe
    architecture: Architecture
    network: nn.Module

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names that it was trained to tell apart."""
        return tuple(self.record["data"]["classes"])

    @property
    def preset(self) -> str | None:
        """The torchvision weights that it started from, whose own pre-processing its images had."""
        weights = weights_of(self.recipe)
        return weights if isinstance(weights, str) else None


def reopen(folder: str | Path) -> Reopened:
    """Open a run's folder; raises `SpecError` where it is none, or where nothing has come of it yet."""
    run = Run(Path(folder))
    record = run.read()
    if not run.weights.is_file():
        help_ = f"finish training: `archspec train {run.folder} --resume`"
        raise SpecError([Diagnostic("run-unfinished", f"`{run.folder}` has no trained weights yet", help=help_)])
    recipe, architecture = parse_recipe(read_source(run.recipe)), run.architecture()
    network = load(run.folder).eval()
    check_finite(network, run.weights)
    reopened = Reopened(run, record, recipe, architecture, network)
    _check_classes(reopened)
    return reopened


def _check_classes(reopened: Reopened) -> None:
    graph, names = reopened.architecture.graph, reopened.classes
    given = graph.root.resolve(graph.root.results[0].ref)
    if reopened.recipe.data.source.task == "detection" or len(given) != 1 or not known(*given):
        return
    if names and len(names) != given[0]:
        message = f"`{reopened.run.record}` does not name the classes of its network"
        found = f"{len(names)} names for {given[0]} classes"
        raise SpecError([Diagnostic("run-unreadable", message, found=found)])
