"""Training a study: only feasible networks, each once, by workers that may die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

import archspec
from archspec.language.source import Source
from archspec.search.study.explore import explore
from archspec.search.study.page import Study, parse_study
from archspec.search.trials.sampling import NothingLeft, number_of, space_of
from archspec.search.trials.storage import open_trials
from tests.training.digits import write_folders

NET = """\
archspec: 1
name: net
input: [3, 12, 12]
params: {num_classes: 10, width: 6, act: {type: op, default: relu}}
graph:
  - {conv: width, kernel_size: 3, stride: 2}
  - {use: act}
  - {adaptive_avg_pool: 2}
  - flatten
  - {linear: num_classes}
"""
RECIPE = """\
recipe: 1
name: small
model: net.yaml
data: {image_folder: {root: digits}, batch_size: 8, workers: 0, validation: 0.25}
loss: cross_entropy
optimizer: {sgd: 0.05, momentum: 0.9}
epochs: 1
"""
STUDY = """\
study: 1
name: small
spec: net.yaml
set: {num_classes: 2}
choices: {width: [2, 4, 6, 8, 10, 12, 14, 16], act: [relu, gelu, tanh]}
subject_to: params <= 500
objective: {maximize: val_accuracy, minimize: macs}
recipe: small.yaml
trials: 4
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "small.yaml").write_text(RECIPE)
    (tmp_path / "study.yaml").write_text(STUDY)
    return tmp_path


def study(text: str = STUDY) -> Study:
    return parse_study(Source("study.yaml", text, Path("study.yaml").resolve()))


def asked(text: str, most: int, storage: str = "s.journal") -> Iterator[tuple[int, dict[str, Any]]]:
    """The numbers of the networks that are proposed, each with a made-up value told for it."""
    read = study(text)
    numbers = [point.number for point in explore(read, jobs=1).distinct]
    trials = open_trials(read, storage, numbers)
    for _ in range(most):
        try:
            trial = trials.ask()
            params = {name: trial._suggest(name, each) for name, each in space_of(read).items()}
        except NothingLeft as nothing:
            trials.tell(nothing.trial, state=TrialState.FAIL)
            return
        number = number_of(read, params)
        yield number, params
        trials.tell(trial, [number % 7, number % 5])


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random", "grid"])
def test_what_is_proposed_is_feasible_and_new(sampler: str, place: Path) -> None:
    text = f"{STUDY}sampler: {sampler}\n"
    found = explore(study(text), jobs=1)
    feasible = {point.number for point in found.distinct}
    assert 0 < len(feasible) < found.size
    proposed = [number for number, _ in asked(text, 100)]
    assert len(proposed) == len(set(proposed)) == len(feasible)
    assert set(proposed) == feasible
    if sampler == "grid":
        assert proposed == sorted(proposed)


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random"])
def test_what_is_proposed_follows_from_the_seed(sampler: str, place: Path) -> None:
    text = f"{STUDY}sampler: {sampler}\n"
    first = [number for number, _ in asked(text, 14, "a.journal")]
    assert [number for number, _ in asked(text, 14, "b.journal")] == first
    assert [number for number, _ in asked(f"{text}seed: 5\n", 14, "c.journal")] != first


def test_a_study_that_was_changed_is_refused_and_a_budget_may_change(place: Path) -> None:
    open_trials(study(), "s.journal", [1])
    open_trials(study(STUDY.replace("trials: 4", "trials: 9")), "s.journal", [1])
    with pytest.raises(archspec.SpecError, match="holds the trials of another page called `small`"):
        open_trials(study(STUDY.replace("500", "600")), "s.journal", [1])
    open_trials(study(), "s.journal", [1])


@pytest.mark.parametrize("storage", ["sqlite:////nowhere/at/all.db", "nothing://there", "postgresql://127.0.0.1:1/x"])
def test_a_storage_that_cannot_be_reached_is_told(storage: str, place: Path) -> None:
    with pytest.raises(archspec.SpecError, match="cannot be opened") as caught:
        open_trials(study(), storage, [1])
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trials: 4", "trials: 0", "`trials` of a study cannot be `0`"),
        ("trials: 4", "sampler: best", "`sampler` of a study cannot be `best`"),
        ("trials: 4", "pruner: halving", "a `pruner` holds networks against each other by one objective"),
        ("val_accuracy", "accuracy", "there is no name `accuracy` here"),
        ("recipe: small.yaml\n", "", "there is no name `val_accuracy` here"),
    ],
)
def test_what_is_wrong_with_training_is_told_before(old: str, new: str, message: str, place: Path) -> None:
    with pytest.raises(archspec.SpecError, match=message):
        study(STUDY.replace(old, new))


def worker(storage: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "archspec", "search", "study.yaml", "--storage", storage]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_of_three_workers_one_may_be_killed_and_nothing_is_lost(place: Path) -> None:
    write_folders(place / "digits", each=24, mode="RGB")
    storage = "runs/s.journal"
    workers = [worker(storage) for _ in range(3)]
    killed = _kill_one_in_a_trial(storage, workers)
    rest = [each for each in workers if each is not killed]
    outcomes = [each.communicate(timeout=400) for each in rest]
    assert [each.returncode for each in rest] == [0, 0], outcomes
    trials = open_trials(study(), storage, [1]).get_trials()
    done = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    assert len(done) == 4
    assert len({number_of(study(), trial.params) for trial in done}) == 4
    dead = [trial for trial in trials if trial.state == TrialState.FAIL and trial.params]
    assert len(dead) == 1
    assert number_of(study(), dead[0].params) in {number_of(study(), trial.params) for trial in done}
    assert all(trial.state.is_finished() for trial in trials)
    assert all(Path(trial.user_attrs["folder"], "weights.safetensors").exists() for trial in done)
    assert "--set width=" in outcomes[0][0]


def _kill_one_in_a_trial(storage: str, workers: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """Kill the first worker that is seen in the middle of a trial."""
    until = time.monotonic() + 200
    while time.monotonic() < until:
        time.sleep(0.05)
        if not Path(storage).exists():
            continue
        for trial in optuna.load_study(study_name="small", storage=open_storage(storage)).get_trials():
            process = int(trial.user_attrs.get("who", ":0").rpartition(":")[2])
            for each in workers:
                if each.pid == process and trial.state == TrialState.RUNNING and "folder" in trial.user_attrs:
                    os.kill(process, signal.SIGKILL)
                    each.communicate()
                    return each
    raise AssertionError("no worker was seen in a trial")


def open_storage(storage: str) -> Any:
    from archspec.search.trials.storage import _backend

    return _backend(storage)
