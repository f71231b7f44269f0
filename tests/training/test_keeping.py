"""What was trained is what is kept: the kept weights measure what metrics.csv says of their epoch."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from archspec.api.run_folder import Run as Folder
from archspec.training.recipe import vocabulary
from archspec.training.use.evaluate import measure
from archspec.training.use.reopen import reopen

from .conftest import RECIPE, Run
from .test_resuming import broken_at, same

LENGTHS = [*itertools.product((1, 2, 3), repeat=2), (1, 1, 1), (2, 1, 2)]
KEEPS = ("last", "val_loss", "val_accuracy", "train_loss")
HARD = RECIPE.replace("{sgd: 0.05, momentum: 0.9}", "{sgd: 0.3, momentum: 0.9}")
"""A learning rate at which no epoch measures what another does."""


def phases(*lengths: int, keep: str = "last", more: str = "") -> str:
    """The recipe in phases of so many epochs, of which the first trains the heads alone."""
    each = [
        f"  p{number}: {{epochs: {length}{', train: [head, side]' if number == 0 else ''}}}\n"
        for number, length in enumerate(lengths)
    ]
    return HARD.replace("epochs: 2\n", "phases:\n" + "".join(each)) + f"keep: {keep}\n{more}"


def rows_of(folder: Path) -> list[dict[str, float]]:
    rows = csv.DictReader((folder / "metrics.csv").read_text().splitlines())
    return [{name: float(value) for name, value in row.items() if name != "phase" and value} for row in rows]


def kept(rows: list[dict[str, float]], keep: str) -> dict[str, float]:
    """The row of the epoch whose weights a run keeps."""
    if keep == "last":
        return rows[-1]
    measured = [row for row in rows if keep in row]
    return (min if "loss" in keep else max)(measured, key=lambda row: row[keep])


def holds(folder: str, keep: str, epochs: int) -> None:
    """Measured once more, the weights in a run's folder are those of the epoch that the recipe keeps by."""
    rows = rows_of(Path(folder))
    assert [row["epoch"] for row in rows] == list(range(1, epochs + 1))
    losses = [row["val_loss"] for row in rows if "val_loss" in row]
    assert len({round(loss, 5) for loss in losses}) == len(losses), "each epoch measures another loss"
    (again,) = measure(reopen(folder), None, None, {}).evaluated
    row = kept(rows, keep)
    assert again.measures["loss"] == pytest.approx(row["val_loss"], rel=1e-4)
    assert again.measures["accuracy"] == pytest.approx(row["val_accuracy"])


@pytest.mark.parametrize("keep", KEEPS)
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_the_kept_weights_measure_what_their_epoch_did(
    lengths: tuple[int, ...], keep: str, run: Run, place: Path
) -> None:
    (place / "small.yaml").write_text(phases(*lengths, keep=keep))
    assert run("train", "small.yaml").code == 0
    holds("runs/small", keep, sum(lengths))


@pytest.mark.parametrize("keep", KEEPS[:2])
@pytest.mark.parametrize("step", [2, 4, 5, 6, 9])
def test_they_do_so_too_where_the_run_was_broken_off(step: int, keep: str, run: Run, place: Path) -> None:
    """In the first phase, at its last step, in the first step of each other one, and with a checkpoint each step."""
    (place / "small.yaml").write_text(phases(1, 1, 1, keep=keep, more="checkpoint: {steps: 1}\n"))
    assert run("train", "small.yaml", "--out", "whole").code == 0
    with broken_at(step):
        run("train", "small.yaml", "--out", "broken")
    assert run("train", "broken", "--resume").code == 0
    same(Path("whole"), Path("broken"))
    holds("broken", keep, 3)


@pytest.mark.parametrize("keep", ["last", "val_loss"])
@pytest.mark.parametrize("trainer", ["check_val_every_n_epoch: 2", "val_check_interval: 0.5", "val_check_interval: 1"])
def test_no_epoch_has_the_numbers_of_other_weights(trainer: str, keep: str, run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(phases(1, 3, keep=keep, more=f"trainer: {{{trainer}}}\n"))
    assert run("train", "small.yaml").code == 0
    assert ["val_loss" in row for row in rows_of(Path("runs/small"))] == (
        [False, True, False, True] if "every" in trainer else [True] * 4
    )
    holds("runs/small", keep, 4)


@pytest.mark.parametrize(
    "trainer",
    ["check_val_every_n_epoch: 3", "val_check_interval: 3", "val_check_interval: 0.75", "limit_val_batches: 0"],
)
def test_a_metric_that_no_epoch_ends_with_keeps_nothing(trainer: str, run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(RECIPE + f"keep: val_loss\ntrainer: {{{trainer}}}\n")
    done = run("train", "small.yaml")
    assert done.code == 1 and "error[unknown-metric]" in done.err and "keep: val_loss" in done.err
    assert not Path("runs").exists()


CALLBACKS = {
    "early_stopping": "{early_stopping: val_loss, patience: 1}",
    "ema_weight_averaging": "{ema_weight_averaging: , decay: 0.5}",
    "gradient_accumulation_scheduler": "{gradient_accumulation_scheduler: {}}",
    "timer": '{timer: "00:01:00:00"}',
}


def test_every_callback_is_tried_or_refused() -> None:
    assert set(vocabulary.callbacks()) == set(CALLBACKS)


@pytest.mark.parametrize("keep", ["last", "val_loss"])
@pytest.mark.parametrize("name", ["early_stopping", "ema_weight_averaging", "timer"])
def test_under_a_callback_too(name: str, keep: str, run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(phases(2, 2, keep=keep, more=f"callbacks: [{CALLBACKS[name]}]\n"))
    assert run("train", "small.yaml").code == 0
    holds("runs/small", keep, len(rows_of(Path("runs/small"))))


@pytest.mark.parametrize("name", sorted(vocabulary.REFUSED_CALLBACKS))
def test_a_callback_that_changes_what_was_measured_is_refused(name: str, run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(RECIPE + f"callbacks: [{name}]\n")
    done = run("train", "small.yaml")
    assert done.code == 1 and f"error[unknown-name]: `{name}` is not allowed here" in done.err


EARLY = "callbacks: [{early_stopping: val_loss, patience: 1, min_delta: 100}]\n"
"""The second epoch of a phase is not better by so much."""


def test_early_stopping_says_where_and_why(run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(phases(4, 3, more=EARLY))
    done = run("train", "small.yaml")
    assert done.code == 0
    ends = [line for line in done.out.splitlines() if "ended" in line]
    rows = rows_of(Path("runs/small"))
    best = [f"{rows[number]['val_loss']:.4g}" for number in (0, 2)]
    reasons = [f"`val_loss` has not been better than {each} for 1 measurement" for each in best]
    assert ends == [
        f"phase `p0` ended after epoch 2 of 4: {reasons[0]}",
        f"phase `p1` ended after epoch 4 of 5: {reasons[1]}",
    ]
    record = Folder(Path("runs/small")).read()
    assert [each["epoch"] for each in record["ended_early"]] == [2, 4]
    assert reasons[1] in Path("runs/small/report.html").read_text()
    holds("runs/small", "last", 4)


def test_a_run_broken_after_a_phase_that_ended_early_goes_on_as_it_would(run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(phases(4, 3, more=EARLY))
    assert run("train", "small.yaml", "--out", "whole").code == 0
    with broken_at(9):
        run("train", "small.yaml", "--out", "broken")
    assert run("train", "broken", "--resume").code == 0
    same(Path("whole"), Path("broken"))
    ends = [Folder(Path(each)).read()["ended_early"] for each in ("whole", "broken")]
    assert ends[0] == ends[1] and len(ends[0]) == 2


SCHEDULES = ["", "schedule: {step_lr: 1, gamma: 0.7}", "schedule: cosine_annealing_lr", "schedule: {one_cycle_lr: 0.1}"]
SCHEDULES += ["schedule: [{constant_lr: 0.5, epochs: 1}, cosine_annealing_lr]", "schedule: reduce_lr_on_plateau"]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_finished_run_goes_on_for_more_epochs(schedule: str, run: Run, place: Path) -> None:
    """Its learning rates are those of a run as long as that from the beginning; without them, so are its weights."""
    text = RECIPE.replace("epochs: 2", "epochs: 4") + f"{schedule}\n"
    (place / "small.yaml").write_text(text)
    assert run("train", "small.yaml", "--out", "whole").code == 0
    assert run("train", "small.yaml", "--out", "short", "--set", "epochs=2").code == 0
    done = run("train", "short", "--resume", "--set", "epochs=4")
    assert (done.code, done.err) == (0, "")
    rows, others = rows_of(Path("whole")), rows_of(Path("short"))
    assert [row["learning_rate"] for row in rows[2:]] == pytest.approx([row["learning_rate"] for row in others[2:]])
    holds("short", "last", 4)
    assert "epochs: 4" in Path("short/recipe.yaml").read_text()
    if "cos" not in schedule and "cycle" not in schedule:
        same(Path("whole"), Path("short"))


def test_a_run_that_ended_early_goes_on(run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(RECIPE.replace("epochs: 2", "epochs: 4") + EARLY)
    assert run("train", "small.yaml").code == 0
    assert len(rows_of(Path("runs/small"))) == 2
    assert run("train", "runs/small", "--resume", "--set", "epochs=4").code == 0
    assert len(rows_of(Path("runs/small"))) == 3
    assert [each["epoch"] for each in Folder(Path("runs/small")).read()["ended_early"]] == [3]


def test_only_the_last_phase_is_made_longer(run: Run, place: Path) -> None:
    (place / "small.yaml").write_text(phases(1, 1))
    assert run("train", "small.yaml").code == 0
    for setting, said in {
        "epochs=3": "`--set phases.p1.epochs=N` makes it longer",
        "seed=3": "`seed` of a run that has begun cannot be set",
        "phases.p0.epochs=2": "`phases.p0.epochs` of a run that has begun cannot be set",
        "phases.p1.epochs=0": "a whole number from 1",
    }.items():
        done = run("train", "runs/small", "--resume", "--set", setting)
        assert done.code == 1 and said in done.err, done.err
    assert run("train", "runs/small", "--resume", "--set", "phases.p1.epochs=2").code == 0
    holds("runs/small", "last", 3)
    before = load_file("runs/small/weights.safetensors")
    assert all(bool(torch.isfinite(tensor).all()) for tensor in before.values())
