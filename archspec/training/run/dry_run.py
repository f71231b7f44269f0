"""What a run builds only when it reaches it, built before it begins: a later phase's error costs no training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.training.data import Data
from archspec.training.losses import weighs_classes
from archspec.training.metrics import measured
from archspec.training.recipe.phases import Phase
from archspec.training.recipe.recipe import Recipe
from archspec.training.recipe.schedule import PLATEAU, make_schedule
from archspec.training.run.network import Model
from archspec.training.run.optimizers import make_optimizer, set_training

STEPS = 100
"""Steps of an epoch in the rehearsal: a schedule is made for any number."""
FEW = 3
"""So many steps are tried out."""


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
    _take_steps(phase, [{**group, "params": [_stand_in()]} for group in optimizer.param_groups])


def _take_steps(phase: Phase, groups: list[dict[str, Any]]) -> None:
    """Steps of the optimizer and its schedule on stand-ins, at which arguments fail that were not looked at before."""
    settings = [{name: value for name, value in group.items() if name != "param_names"} for group in groups]
    optimizer: Optimizer = phase.optimizer(settings)
    schedule = phase.schedule and make_schedule(phase.schedule, optimizer, phase.epochs, STEPS * phase.epochs)
    for _ in range(min(phase.epochs, FEW) + 1):
        try:
            optimizer.step()
        except Exception as error:  # torch's kernels refuse in their own ways
            raise SpecError([phase.optimizer.refused(error)]) from error
        if schedule:
            _advance(phase, schedule)


def _advance(phase: Phase, schedule: Mapping[str, Any]) -> None:
    watched = (0.0,) if any(stage.call.name == PLATEAU for stage in phase.schedule) else ()
    try:
        schedule["scheduler"].step(*watched)
    except Exception as error:  # as above
        raise SpecError([phase.schedule[0].call.refused(error)]) from error


def _stand_in() -> nn.Parameter:
    """A small parameter with a gradient."""
    parameter = nn.Parameter(torch.zeros(2, 2))
    parameter.grad = torch.ones(2, 2)
    return parameter


def _check_metrics(recipe: Recipe, data: Data, findings: Findings) -> None:
    validates = "validation" in data.parts and recipe.trainer.get("limit_val_batches") != 0
    splits = ("train", "val") if validates else ("train",)
    known = [name for split in splits for name in measured(split, data.aim)]
    for name, span in _watched(recipe):
        if name not in known:
            expected, help_ = ", ".join(f"`{each}`" for each in known), did_you_mean(name, known)
            findings.add(
                Diagnostic("unknown-metric", f"nothing measures `{name}`", span, expected=expected, help=help_)
            )
    keep, kept = recipe.section.keep, recipe.tree.get("keep")
    if kept and keep in known and keep.startswith("val_") and not _validates_at_an_end(recipe, data):
        message = f"no epoch ends with a validation, so no weights are kept by `{keep}`"
        help_ = "`val_check_interval` and `check_val_every_n_epoch` of `trainer` say when it validates"
        findings.add(Diagnostic("unknown-metric", message, kept.span, help=help_))


def _validates_at_an_end(recipe: Recipe, data: Data) -> bool:
    """Whether Lightning validates at the end of any epoch, and not only between."""
    batches, limit = data.batches("train"), recipe.trainer.get("limit_train_batches")
    if limit is not None:
        batches = int(batches * limit) if isinstance(limit, float) else min(batches, limit)
    given, every = recipe.trainer.get("val_check_interval"), recipe.trainer.get("check_val_every_n_epoch", 1)
    if isinstance(given, (str, dict)) or not batches:  # a time, or nothing to train on
        return True
    interval = max(1, int(batches * given)) if isinstance(given, float) else given or batches
    if every is None:  # then it counts through all epochs
        return any(epoch * batches % interval == 0 for epoch in range(1, recipe.epochs + 1))
    return bool(every <= recipe.epochs and batches % interval == 0) if every > 0 else True


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
        key = section.key("class_weights") if isinstance(section, MappingTree) else None
        span = key.span if key else None
        help_ = "use `cross_entropy`, or leave `class_weights` out"
        findings.add(Diagnostic("class-weights", "no loss of the recipe weighs classes", span, help=help_))
