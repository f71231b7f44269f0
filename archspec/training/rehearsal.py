"""What a run makes only when it comes to it, made once before it begins: a later phase's fault costs no training."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.source import Span
from archspec.language.tree import Mapping
from archspec.training.data import Data
from archspec.training.losses import weighs_classes
from archspec.training.measures import measured
from archspec.training.model import Model
from archspec.training.optimisation import make_optimizer, set_training
from archspec.training.phases import Phase
from archspec.training.recipe import Recipe
from archspec.training.schedule import PLATEAU, make_schedule

STEPS = 100
"""Steps of an epoch in the rehearsal: a schedule is made for any number."""


def rehearse(recipe: Recipe, model: Model, data: Data) -> None:
    """Raise `SpecError` with all that the recipe's optimizers, schedules, callbacks and metrics would fail at."""
    findings = Findings()
    for phase in recipe.phases:
        _try(partial(_make, phase, model), findings)
    for call in recipe.callbacks:
        _try(call, findings)
    _check_metrics(recipe, data, findings)
    _check_class_weights(recipe, data, findings)
    findings.check()


def _try(make: Callable[[], object], findings: Findings) -> None:
    try:
        make()
    except SpecError as error:
        for diagnostic in error.diagnostics:
            findings.add(diagnostic)


def _make(phase: Phase, model: Model) -> None:
    set_training(model.module, phase, model.frozen)
    optimizer = make_optimizer(model.module, phase)
    if phase.schedule:
        make_schedule(phase.schedule, optimizer, phase.epochs, STEPS * phase.epochs)


def _check_metrics(recipe: Recipe, data: Data, findings: Findings) -> None:
    splits = ("train", "val") if "validation" in data.parts else ("train",)
    known = [name for split in splits for name in measured(split, data.aim)]
    for name, span in _watched(recipe):
        if name not in known:
            expected, help_ = ", ".join(f"`{each}`" for each in known), did_you_mean(name, known)
            findings.add(
                Diagnostic("unknown-metric", f"nothing measures `{name}`", span, expected=expected, help=help_)
            )


def _watched(recipe: Recipe) -> list[tuple[str, Span | None]]:
    """The metrics that a recipe decides by, with their places."""
    keep, kept = recipe.section.keep, recipe.tree.get("keep")
    own: list[tuple[str, Span | None]] = [(keep, kept.span)] if kept and keep != "last" else []
    stages = [stage for phase in recipe.phases for stage in phase.schedule if stage.call.name == PLATEAU]
    calls = [call for call in recipe.callbacks if call.arguments.get("monitor")]
    return [
        *own,
        *((stage.monitor, stage.call.span) for stage in stages),
        *((call.arguments["monitor"], call.span) for call in calls),
    ]


def _check_class_weights(recipe: Recipe, data: Data, findings: Findings) -> None:
    if data.class_weights and not any(term.call and weighs_classes(term.call.name) for term in recipe.terms):
        section = recipe.tree.get("data")
        key = section.key("class_weights") if isinstance(section, Mapping) else None
        span = key.span if key else None
        help_ = "use `cross_entropy`, or leave `class_weights` out"
        findings.add(Diagnostic("class-weights", "no loss of the recipe weighs classes", span, help=help_))
