"""One worker: it takes a feasible network, trains it, says what came of it, until the budget is used."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import optuna
from msgspec import Struct
from optuna.trial import FrozenTrial, TrialState

from archspec.api.architecture import setting_trees
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.yaml_tree import Tree
from archspec.search.study.explore import Explored
from archspec.search.study.formulas import Names
from archspec.search.study.page import Study, beside
from archspec.search.study.space import Counter, Point
from archspec.search.trials.sampling import NothingLeft, is_taken, number_of, space_of
from archspec.training.metrics import measured
from archspec.training.run import train

SILENT = 600.0
"""Seconds without a word after which a worker on another machine is taken for dead."""
POLL = 1.0
"""Seconds between two looks at what other workers do."""

Told = Callable[[FrozenTrial], None]


class PrunedError(BaseException):
    """The trial is not worth more epochs. Lightning lets nothing pass that is an `Exception`."""


class Worker(Struct):
    """A study, its storage and where its runs lie."""

    found: Explored
    trials: optuna.study.Study
    folder: Path
    data: Path | None = None
    told: Told = lambda trial: None
    silent: float = SILENT

    @property
    def study(self) -> Study:
        return self.found.study

    def work(self) -> None:
        """Train until the study's budget is used and no other worker trains any more."""
        while True:
            self._take_over()
            if self._may_begin() and (begun := self._begin()) is not None:
                self._train(*begun)
            elif self._running():
                time.sleep(POLL)
            else:
                return

    def _begin(self) -> tuple[optuna.Trial, int] | None:
        """A new trial and the number of its network; `None` where every network is taken."""
        try:
            trial = self.trials.ask()
        except NothingLeft as nothing:
            self.trials.tell(nothing.trial, state=TrialState.FAIL)
            return None
        trial.set_user_attr("who", who())
        trial.set_user_attr("heard", time.time())
        params = {name: trial._suggest(name, each) for name, each in space_of(self.study).items()}
        return trial, number_of(self.study, params)

    def _all(self, *states: TrialState) -> list[FrozenTrial]:
        return self.trials.get_trials(deepcopy=False, states=states or None)

    def _running(self) -> list[FrozenTrial]:
        return [each for each in self._all(TrialState.RUNNING) if each.user_attrs.get("who") != who()]

    def _may_begin(self) -> bool:
        """Whether the budget has room for one more network; one that waits to be trained again has had its own."""
        section = self.study.section
        if self._all(TrialState.WAITING):
            return True
        begun = [each for each in self._all() if is_taken(each)]
        if len(begun) >= section.trials:
            return False
        if section.epochs and sum(each.user_attrs.get("epochs", 0) for each in begun) >= section.epochs:
            return False
        first = min((each.datetime_start for each in begun if each.datetime_start), default=None)
        return not (section.hours and first and time.time() - first.timestamp() > 3600 * section.hours)

    def _take_over(self) -> None:
        """Have the networks trained again whose worker died in the middle; of two who see it one does so."""
        for trial in self._running():
            if not self._is_dead(trial):
                continue
            try:
                won = self.trials._storage.set_trial_state_values(trial._trial_id, TrialState.FAIL)
            except (optuna.exceptions.UpdateFinishedTrialError, RuntimeError):
                continue
            if won and trial.params:
                self.trials.enqueue_trial(trial.params, user_attrs={"again": trial.number})

    def _is_dead(self, trial: FrozenTrial) -> bool:
        host, _, process = str(trial.user_attrs.get("who", "")).rpartition(":")
        if host == socket.gethostname():
            return not _lives(int(process))
        began = trial.datetime_start.timestamp() if trial.datetime_start else 0.0
        return time.time() - float(trial.user_attrs.get("heard", began)) > self.silent

    def _train(self, trial: optuna.Trial, number: int) -> None:
        point = Counter(self.study).point(number)
        trial.set_user_attr("choices", {name: str(value) for name, value in point.values})
        trial.set_user_attr("settings", point.text)
        trial.set_user_attr("counted", dict(point.counted or {}))
        last: dict[str, Any] = {}

        def row(given: Mapping[str, Any]) -> None:
            last.update(given)
            trial.set_user_attr("heard", time.time())
            trial.set_user_attr("epochs", int(given["epoch"]))
            if self.study.section.pruner:
                trial.report(self._values(point, given)[0], int(given["epoch"]))
                if trial.should_prune():
                    raise PrunedError

        try:
            self._run(trial, point, row)
        except PrunedError:
            self._tell(trial, TrialState.PRUNED)
        except SpecError as error:
            # What one network alone meets, such as a loss that diverges, is no reason to stop the others.
            if not last:
                self._tell(trial, TrialState.FAIL)
                raise
            trial.set_user_attr("error", error.diagnostics[0].message)
            self._tell(trial, TrialState.FAIL)
        except BaseException:
            self._tell(trial, TrialState.FAIL)
            raise
        else:
            trial.set_user_attr("metrics", last)
            self._tell(trial, TrialState.COMPLETE, self._values(point, last))

    def _tell(self, trial: optuna.Trial, state: TrialState, values: list[float] | None = None) -> None:
        self.told(self.trials.tell(trial, values, state=state))

    def _run(self, trial: optuna.Trial, point: Point, row: Callable[[Mapping[str, Any]], None]) -> None:
        listener = train.Listener(row=row)
        recipe = str(beside(self.study.source, str(self.study.section.recipe)))
        folder = self.folder / f"trial_{trial.number}"
        trial.set_user_attr("folder", str(folder))
        prepared = train.prepare(recipe, recipe_settings(self.study, point), self.data, folder, listener)
        validates = "validation" in prepared.data.parts
        known = [name for split in ("train", "val")[: 1 + validates] for name in measured(split, prepared.data.aim)]
        for aim in self.study.aims:
            for name in sorted(aim.metrics - {*known}):
                expected = ", ".join(f"`{each}`" for each in known)
                message = f"the recipe does not measure `{name}`"
                raise SpecError([Diagnostic("unknown-metric", message, aim.formula.tree.span, expected=expected)])
        train.train(prepared, {}, listener)

    def _values(self, point: Point, row: Mapping[str, Any]) -> list[float]:
        """What each aim comes to after an epoch; not a number counts as the worst."""
        names = Names({**dict(point.settings), **dict(point.values), **(point.counted or {}), **row})
        values = [aim.formula.number(names) for aim in self.study.aims]
        worst = [-math.inf if aim.largest else math.inf for aim in self.study.aims]
        return [bad if math.isnan(value) else value for value, bad in zip(values, worst)]


def recipe_settings(study: Study, point: Point) -> dict[str, Tree]:
    """What a recipe is told for one network: the page, the variant, and the params."""
    path = study.document.source.path
    keys: dict[str, Any] = {"model": str(path.resolve()) if path else study.section.spec}
    if study.variant is not None and study.document.variants:
        keys["variant"] = study.variant
    given = {f"set.{name}": tree for name, tree in study.given.items()}
    params = {f"set.{name}": value for name, value in point.settings}
    return {**setting_trees(keys), **given, **setting_trees(params)}


def who() -> str:
    """This process, by its machine and number."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
