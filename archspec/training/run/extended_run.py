"""A finished run that is continued for more epochs than were planned."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.source import Source
from archspec.language.yaml_tree import Tree
from archspec.training.recipe.recipe import Recipe, parse_recipe


def lengthened(source: Source, settings: Mapping[str, Tree]) -> Recipe:
    """The recipe of a run with more epochs in its last phase; as many as before are for one that ended early.

    Raises `SpecError` where the settings change anything else, or give it fewer.
    """
    before = parse_recipe(source)
    wanted = f"phases.{before.phases[-1].name}.epochs" if before.tree.get("phases") is not None else "epochs"
    if other := next((name for name in settings if name != wanted), None):
        message = f"`{other}` of a run that has begun cannot be set"
        help_ = f"a resumed run keeps its settings; `--set {wanted}=N` makes it longer"
        raise SpecError([Diagnostic("run-settings", message, settings[other].span, help=help_)])
    now = parse_recipe(source, settings)
    epochs, planned = now.phases[-1].epochs, before.phases[-1].epochs
    if epochs < planned:
        message, span = f"the last phase has {planned} epochs already", settings[wanted].span
        raise SpecError([Diagnostic("run-settings", message, span, expected=f"{planned} or more", found=str(epochs))])
    return now
