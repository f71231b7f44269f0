"""A run that is stopped, at whatever moment, ends as if nothing had happened."""

from __future__ import annotations

import csv
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from archspec.api.run_folder import Run as Folder
from archspec.training.run import train
from archspec.training.run.checkpoints import read_checkpoint
from archspec.training.run.learner import Learner

from .conftest import RECIPE, Run

SETTINGS = ["epochs=3", "checkpoint.steps=2", "schedule=cosine_annealing_lr"]
"""Four steps an epoch, a checkpoint after every second one and at each epoch's end."""
PHASES = RECIPE.replace(
    "epochs: 2\n", "phases:\n  head: {epochs: 2, train: [head, side]}\n  all: {epochs: 1, optimizer: {adam: 0.01}}\n"
)
KILLED = """\
import os, signal, sys
from pathlib import Path
from archspec.cli import main
from archspec.training.run import checkpoints
from archspec.training.run.learner import Learner

moment, number = sys.argv.pop(1), int(sys.argv.pop(1))
owner, name = {"step": (Learner, "training_step"), "save": (checkpoints.torch, "save")}[moment]
real, count = getattr(owner, name), 0

def until(*arguments):
    global count
    count += 1
    if count == number and moment == "save":
        arguments[1].write(b"half of it")
        arguments[1].flush()
    if count == number:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments)

setattr(owner, name, until)
main()
"""
"""The command line, whose process kills itself in a step or in the midst of writing a checkpoint."""


def options(settings: list[str]) -> list[str]:
    return [word for text in settings for word in ("--set", text)]


def came_to(folder: Path) -> tuple[dict[str, torch.Tensor], list[dict[str, str]]]:
    """A run's weights, and its rows but for the time they took."""
    rows = csv.DictReader((folder / "metrics.csv").read_text().splitlines())
    return load_file(folder / "weights.safetensors"), [{**row, "seconds": ""} for row in rows]


def same(one: Path, other: Path) -> None:
    (weights, rows), (others, other_rows) = came_to(one), came_to(other)
    assert weights.keys() == others.keys()
    assert [name for name in weights if not torch.equal(weights[name], others[name])] == []
    assert rows == other_rows


def test_equal_seeds_give_equal_weights_and_others_do_not(run: Run, place: Path) -> None:
    for out, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert run("train", "small.yaml", "--out", out, "--set", f"seed={seed}").code == 0
    same(place / "a", place / "b")
    (first, _), (other, _) = came_to(place / "a"), came_to(place / "c")
    assert not any(torch.equal(first[name], other[name]) for name in first if name.endswith("weight"))


@pytest.mark.parametrize(("moment", "number", "left"), [("step", 7, 6), ("save", 3, 4), ("save", 2, 2)])
def test_a_killed_run_goes_on_to_the_same_weights(moment: str, number: int, left: int, run: Run, place: Path) -> None:
    """Killed in the third step of the second epoch; or while the checkpoint after its second step is written, or that
    at the end of the first epoch.
    """
    assert run("train", "small.yaml", "--out", "whole", *options(SETTINGS)).code == 0
    command = [sys.executable, "-c", KILLED, moment, str(number)]
    killed = subprocess.run([*command, "train", "small.yaml", *options(SETTINGS)], capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    folder = Folder(Path("runs/small"))
    assert read_checkpoint(folder.last)["global_step"] == left
    assert folder.read()["status"] == "begun"
    done = run("train", "small.yaml", "--resume")
    assert (done.code, done.err) == (0, "")
    assert "  run      runs/small, from its last checkpoint" in done.out.splitlines()
    same(Path("whole"), folder.folder)
    assert [path.name for path in folder.last.parent.iterdir()] == ["last.ckpt"]


class BreaksError(Exception):
    """Stands for whatever may break a run."""


@pytest.mark.parametrize("step", [1, 4, 9, 12])
def test_a_run_broken_in_any_phase_goes_on_to_the_same_weights(step: int, run: Run, place: Path) -> None:
    """Before there is a checkpoint, within each phase, and in the first step of the second one."""
    (place / "small.yaml").write_text(PHASES + "checkpoint: {steps: 2}\nkeep: val_accuracy\n")
    assert run("train", "small.yaml", "--out", "whole").code == 0
    with broken_at(step):
        run("train", "small.yaml", "--out", "broken")
    done = run("train", "broken", "--resume")
    assert (done.code, done.err) == (0, "")
    same(Path("whole"), Path("broken"))


@contextmanager
def broken_at(step: int) -> Iterator[None]:
    """Within it, a run is to break in a step."""
    real, count = Learner.training_step, iter(range(1, 1000))

    def until(self: Learner, *batch: Any) -> torch.Tensor:
        if next(count) == step:
            raise BreaksError
        return real(self, *batch)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(BreaksError):
        patch.setattr(Learner, "training_step", until)
        yield


@pytest.mark.parametrize(("asked", "step"), [(signal.SIGINT, 0), (signal.SIGTERM, 3)])
def test_ctrl_c_saves_and_says_how_to_go_on(
    asked: signal.Signals, step: int, run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("train", "small.yaml", "--out", "whole").code == 0
    real = Learner.training_step

    def interrupted(self: Learner, batch: object, number: int) -> torch.Tensor:
        if (self.current_epoch, number) == (1, step):
            signal.raise_signal(asked)
        return real(self, batch, number)

    monkeypatch.setattr(Learner, "training_step", interrupted)
    done = run("train", "small.yaml")
    assert done.code == 130
    assert done.err == (
        "\nfinishing this step, then writing a checkpoint; Ctrl-C again stops at once\n"
        "stopped; resume with: archspec train runs/small --resume\n"
    )
    assert read_checkpoint(Path("runs/small/checkpoints/last.ckpt"))["global_step"] == 5 + step
    monkeypatch.setattr(Learner, "training_step", real)
    assert run("train", "runs/small", "--resume").code == 0
    same(Path("whole"), Path("runs/small"))


@pytest.fixture
def heeded() -> Iterator[None]:
    """Ctrl-C as Python takes it: who starts the tests in the background has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeded")
def test_asked_twice_it_stops_at_once(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: Learner, batch: object, number: int) -> torch.Tensor:
        for _ in range(2):
            signal.raise_signal(signal.SIGINT)
        raise AssertionError("it goes on")

    monkeypatch.setattr(Learner, "training_step", interrupted)
    assert run("train", "small.yaml").code == 130
    assert not Path("runs/small/checkpoints/last.ckpt").exists()


def test_a_finished_run_is_not_gone_on_with(run: Run, place: Path) -> None:
    assert run("train", "small.yaml", "--set", "epochs=1").code == 0
    done = run("train", "small.yaml", "--resume")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error[run-finished]: `runs/small` is finished\n"
        "  = help: `--set epochs=N` continues it up to N epochs; without `--resume` a new run begins\n\n"
    )


def test_there_is_nothing_to_go_on_with(run: Run, place: Path) -> None:
    done = run("train", "small.yaml", "--resume")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error[no-run]: there is no run of `small` to resume\n"
        "  = help: leave `--resume` out to begin one, or name the folder of a run\n\n"
    )


def test_the_best_epoch_is_kept(run: Run, place: Path) -> None:
    """A learning rate that ruins what the first epoch learned leaves the first epoch's weights."""
    (place / "small.yaml").write_text(RECIPE + "keep: val_loss\nschedule: {multi_step_lr: [1], gamma: 40}\n")
    assert run("train", "small.yaml").code == 0
    _, rows = came_to(folder := Path("runs/small"))
    losses = [float(row["val_loss"]) for row in rows]
    assert losses[0] < losses[1]
    best = read_checkpoint(folder / "checkpoints/best.ckpt")
    assert best["epoch"] == 0
    kept = load_file(folder / "weights.safetensors")
    assert all(torch.equal(kept[name], best["state_dict"][f"network.{name}"]) for name in kept)
    results = Folder(folder).read()["results"]["validation"]
    assert results["loss"] == pytest.approx(losses[0])


def test_a_run_whose_folder_was_moved_knows_its_best_epoch(run: Run, place: Path) -> None:
    """The first epoch is the best; the others come to nothing before and after the move."""
    (place / "small.yaml").write_text(RECIPE + "keep: val_loss\nschedule: {multi_step_lr: [1], gamma: 40}\n")
    assert run("train", "small.yaml", "--set", "epochs=3", "--out", "whole").code == 0
    with broken_at(10):
        run("train", "small.yaml", "--set", "epochs=3", "--out", "broken")
    Path("broken").rename("moved")
    done = run("train", "moved", "--resume")
    assert (done.code, done.err) == (0, "")
    same(Path("whole"), Path("moved"))
    _, rows = came_to(Path("moved"))
    losses = [float(row["val_loss"]) for row in rows]
    assert losses[0] == min(losses) and read_checkpoint(Path("moved/checkpoints/best.ckpt"))["epoch"] == 0
    assert not Path("broken").exists()


def test_a_run_is_trained_on_from_its_own_copies(run: Run, place: Path) -> None:
    """The spec and the recipe may change, or go, once a run is begun; a block beside the spec is among the copies."""
    (place / "stemming.yaml").write_text(
        "block: stemming\nparams: {out: int}\ngraph: [{conv: out, kernel_size: 3, bias: false}]\n"
    )
    spec = (place / "net.yaml").read_text()
    (place / "net.yaml").write_text(spec.replace("{conv: 6, kernel_size: 3, bias: false}", "{stemming: 6}"))
    with broken_at(6):
        run("train", "small.yaml")
    for name in ("net.yaml", "small.yaml", "stemming.yaml"):
        (place / name).unlink()
    assert run("train", "runs/small", "--resume").code == 0
    assert sorted(path.name for path in Path("runs/small/spec").iterdir()) == ["net.yaml", "stemming.yaml"]
    assert Folder(Path("runs/small")).read()["status"] == train.FINISHED
