"""A recipe → a run: what `archspec train` does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

from msgspec import structs

from archspec.api.architecture import Architecture
from archspec.api.run_folder import Run, is_run, record_text
from archspec.api.run_record import check_resumable
from archspec.files.atomic import sweep, write_whole
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import read_source
from archspec.language.yaml_tree import Tree, plain
from archspec.training.data import Data, held_against, open_data
from archspec.training.recipe.bundled import open_recipe
from archspec.training.recipe.recipe import Recipe, parse_recipe
from archspec.training.report import write_report
from archspec.training.run.checkpoints import kept_weights, write_weights
from archspec.training.run.distributed import is_leader, share_folder
from archspec.training.run.dry_run import rehearse
from archspec.training.run.early_stopping import Ended
from archspec.training.run.extended_run import lengthened
from archspec.training.run.fit import fit, make_trainer, quiet
from archspec.training.run.graceful_stop import StopWhenAsked
from archspec.training.run.learner import Learner
from archspec.training.run.metrics_log import History, Told
from archspec.training.run.network import Model, build_model, check_against, open_architecture, weights_of
from archspec.training.run.run_files import as_yaml, latest_run, new_run, write_beginnings
from archspec.training.run.trial_step import idle_parts, try_step
from archspec.training.use.results import Evaluated, evaluate

BEGUN, FINISHED = "begun", "finished"


@dataclass(frozen=True)
class Listener:
    """Receives a run's progress: steps done, warnings, each epoch's row, an early end, a request to stop."""

    doing: Callable[[str], None] = lambda what: None
    warned: Callable[[Iterable[Diagnostic]], None] = lambda diagnostics: None
    row: Told = lambda row: None
    ended: Callable[[Ended], None] = lambda ended: None
    stopping: Callable[[], None] = lambda: None
    bar: bool = False
    """Whether Lightning shows a progress bar on the terminal."""


@dataclass(frozen=True)
class Prepared:
    """A run that can begin: all that was written has been held against all that is there."""

    recipe: Recipe
    run: Run
    model: Model
    data: Data
    record: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """What came of a run on each part of the data that it did not train on, and the run's record."""

    evaluated: list[Evaluated]
    record: Mapping[str, Any]


def prepare(
    name: str, settings: Mapping[str, Tree], root: Path | None, out: Path | None, listener: Listener
) -> Prepared:
    """A new run of a recipe: recipe, network and data are held against each other, and nothing is written yet."""
    recipe = parse_recipe(open_recipe(name), settings)
    run = new_run(out, recipe.name)
    architecture = open_architecture(recipe)
    listener.warned((*architecture.warnings, *check_against(recipe, architecture)))
    data = _fitting_data(recipe, architecture, root, listener)
    model = build_model(recipe, architecture, weights_of(recipe))
    rehearse(recipe, model, data)
    return Prepared(recipe, run, model, data)


def prepare_again(
    name: str, settings: Mapping[str, Tree], root: Path | None, out: Path | None, listener: Listener
) -> Prepared:
    """A run that was stopped, as its folder holds it: named by the folder, or the last one of a recipe.

    One that is finished goes on where `settings` give its last phase more epochs, or as many where that ended early.
    """
    run = Run(Path(name)) if is_run(name) else Run(out) if out else latest_run(parse_recipe(open_recipe(name)).name)
    check_resumable(run.record, record := run.read())
    source = read_source(run.recipe)
    recipe = lengthened(source, settings) if settings else parse_recipe(source)
    if settings:
        record |= {"goes_on": True}
    elif record["status"] == FINISHED:
        help_ = "`--set epochs=N` continues it up to N epochs; without `--resume` a new run begins"
        raise SpecError([Diagnostic("run-finished", f"`{run.folder}` is finished", help=help_)])
    sweep(run.last.parent)
    architecture = run.architecture()
    root = root or Path(record["data"]["root"])
    data = _fitting_data(recipe, architecture, root, listener)
    # A checkpoint takes the place of the weights that a run starts from.
    weights = None if run.last.exists() else weights_of(recipe)
    return Prepared(recipe, run, build_model(recipe, architecture, weights), data, record)


def _fitting_data(recipe: Recipe, architecture: Architecture, root: Path | None, listener: Listener) -> Data:
    listener.doing("checking the data")
    graph = architecture.graph
    weights = weights_of(recipe)
    preset = weights if isinstance(weights, str) else None
    data = open_data(recipe.data, graph, root=root, seed=recipe.section.seed, preset=preset)
    problems = held_against(data, graph)
    if any(problem.severity == "error" for problem in problems):
        raise SpecError(problems)
    listener.warned(problems)
    return data


def train(prepared: Prepared, machine: Mapping[str, Any], listener: Listener) -> Trained:
    """Train, from the beginning or from the run's last checkpoint, and write down what came of it.

    `machine` are keywords of Lightning's Trainer. Raises `Stopped` where the run was asked to stop, and `SpecError`
    where it diverged or the data failed; the run can be gone on with then.
    """
    recipe, run, model, data = prepared.recipe, prepared.run, prepared.model, prepared.data
    graph = model.architecture.graph
    # Before anything is written, what may refuse or fail is tried.
    idle = try_step(recipe, model, data, make_trainer(recipe, run, machine, 1, []))
    listener.warned(idle_parts(recipe, model, idle))
    record = {**prepared.record, **_data(prepared)} if prepared.record else _record(prepared)
    if is_leader() and not prepared.record:
        record = {"spec": write_beginnings(run, recipe, model.architecture), **record}
        write_whole(run.record, record_text(record))
    elif is_leader() and record.get("goes_on"):
        write_whole(run.recipe, as_yaml(recipe.tree))
        write_whole(run.record, record_text(record := {**record, "status": BEGUN}))
    if prepared.record:
        run.last.parent.mkdir(exist_ok=True)
    share_folder(run.folder)
    machine = {**machine, "enable_progress_bar": listener.bar and is_leader()}
    began = time.monotonic()
    history = History(run.metrics, listener.row, listener.ended)
    learner = Learner(recipe, model, data.aim, history, data.class_weights)
    learner.has_idle = bool(idle)
    listener.doing("training")
    with StopWhenAsked(run.last, listener.stopping) as stop:
        fit(recipe, learner, data, run, machine, [stop], goes_on=record.pop("goes_on", False))
    listener.doing("evaluating")
    if is_leader():
        write_weights(kept_weights(recipe, run), run.weights)
    trainer = make_trainer(recipe, run, machine, 1, [])
    learner.network.load_state_dict(kept_weights(recipe, run))
    splits = [split for split in ("validation", "test") if split in data.parts and len(data.parts[split])]
    with quiet():
        evaluated = [evaluate(learner.network, graph, recipe.terms, data, split, trainer) for split in splits]
    if is_leader():
        seconds = record["seconds"] + round(time.monotonic() - began, 1)
        results = {each.split: each.data() for each in evaluated}
        ends = [asdict(each) for each in history.ends]
        record |= {"status": FINISHED, "seconds": seconds, "results": results, "ended_early": ends}
        write_report(run, recipe, model, history.rows, evaluated, record)
        write_whole(run.record, record_text(record))
    return Trained(evaluated, record)


def _record(prepared: Prepared) -> dict[str, Any]:
    """What is known of a run when it begins."""
    architecture, loaded = prepared.model.architecture, prepared.model.loaded
    return {
        "name": prepared.recipe.name,
        "variant": architecture.variant,
        "settings": {name: plain(tree) for name, tree in architecture.given.items()},
        "status": BEGUN,
        "begun": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "seconds": 0.0,
        **_data(prepared),
        "weights": loaded and structs.asdict(loaded),
        "versions": {name: metadata.version(name) for name in ("archspec-nn", "torch", "torchvision", "lightning")}
        | {"python": sys.version.split()[0]},
    }


def _data(prepared: Prepared) -> dict[str, Any]:
    """The data, where it lies now."""
    return {"data": {**prepared.data.describe(), "root": str(Path(prepared.data.root).resolve())}}
