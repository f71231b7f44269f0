"""What may go wrong while a run goes on: what is said, and that nothing is lost by it."""

from __future__ import annotations

import os
import re
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

import archspec
from archspec.api.run_folder import Run as Folder
from archspec.training import requirements
from archspec.training.run.checkpoints import read_checkpoint
from archspec.training.run.divergence import first_not_finite
from archspec.training.run.learner import Learner

from .conftest import Run
from .test_resuming import options

RESUME = "the last checkpoint is complete; resume from it with: archspec train runs/small --resume\n\n"
TRY = "try a smaller learning rate, a warm-up, or `trainer: {gradient_clip_val: 1}`; earlier checkpoints are intact"


@contextmanager
def at_second_epoch(happens: Callable[[], object]) -> Iterator[None]:
    """Within it, something happens before the second epoch of a run."""
    real = Learner.on_train_epoch_start

    def start(self: Learner) -> None:
        if self.current_epoch == 1:
            happens()
        real(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Learner, "on_train_epoch_start", start)
        yield


def went_on(run: Run) -> None:
    """The run's checkpoint is that of its first epoch, and the run ends as one that nothing happened to."""
    assert read_checkpoint(Path("runs/small/checkpoints/last.ckpt"))["global_step"] == 4
    assert [path.name for path in Path("runs/small/checkpoints").iterdir()] == ["last.ckpt"]
    assert run("train", "small.yaml", "--resume").code == 0
    assert run("train", "small.yaml", "--out", "whole").code == 0
    one, other = (load_file(Path(name, "weights.safetensors")) for name in ("runs/small", "whole"))
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_loss_that_is_no_number_names_the_first_module_that_made_it_so(run: Run, place: Path) -> None:
    """A step so large that the next activations are beyond all measure, but the first sum over them to overflow."""
    done = run("train", "small.yaml", *options(["optimizer.sgd=1e25", "checkpoint.steps=1"]))
    assert done.code == 1
    assert re.sub(r"up to [\d.e+]+", "up to 1", done.err) == (
        "error[diverged]: training diverged in epoch 1\n"
        "  = node: side.2\n"
        "  = found: its output holds NaN, though its input is finite (up to 1 in size)\n"
        f"  = help: {TRY}\n\n"
    )
    assert read_checkpoint(Path("runs/small/checkpoints/last.ckpt"))["global_step"] == 1


def test_weights_that_are_no_numbers_are_found_before_training(run: Run, place: Path) -> None:
    state = archspec.load(place / "net.yaml", num_classes=2).state_dict()
    state["body.1.weight"][3] = torch.nan
    save_file(state, place / "start.safetensors")
    done = run("train", "small.yaml", "--set", "weights=start.safetensors")
    assert done.code == 1
    assert done.err == (
        "error[weights-not-finite]: `start.safetensors` holds values that are not finite\n"
        "  --> --set:1:9\n"
        "  |\n"
        "1 | weights=start.safetensors\n"
        "  |         ^^^^^^^^^^^^^^^^^\n"
        "  = found: `body.1.weight`\n\n"
    )
    assert not Path("runs").exists()


class Logarithm(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.log()


@pytest.mark.parametrize(
    ("x", "reason"),
    [
        ([-1.0], "its output holds NaN, though its input is finite (up to 1 in size)"),
        ([0.0, 2.0], "its output holds infinity, though its input is finite (up to 2 in size)"),
    ],
)
def test_the_first_module_is_named_and_none_after_it(x: list[float], reason: str) -> None:
    network = nn.Sequential(nn.Identity(), nn.Sequential(nn.Identity(), Logarithm()), nn.ReLU(), Logarithm())
    assert first_not_finite(network, (torch.tensor(x),)) == ("1.1", reason)


def test_all_finite_names_none() -> None:
    assert first_not_finite(Logarithm(), (torch.ones(2),)) is None


@pytest.mark.parametrize(("limit", "file"), [(10_000, "checkpoints/last.ckpt"), (100, "metrics.csv")])
def test_a_disk_without_room_leaves_the_earlier_checkpoint(limit: int, file: str, run: Run, place: Path) -> None:
    """The room is that of the process: what it writes beyond it the system refuses as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with at_second_epoch(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))):
            done = run("train", "small.yaml")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert (done.code, done.err) == (1, f"{RESUME}error: runs/small/{file}: file too large\n")
    went_on(run)


def test_a_folder_in_which_nothing_can_be_written_is_found_before_training(run: Run, place: Path) -> None:
    (place / "runs").write_text("no folder")
    done = run("train", "small.yaml")
    assert (done.code, done.err) == (1, "error: runs/small/checkpoints: not a directory\n")
    assert "epoch   1" not in done.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed_is_found_before_training(run: Run, place: Path) -> None:
    (place / "runs").mkdir(mode=0o500)
    done = run("train", "small.yaml")
    assert (done.code, done.err) == (1, "error: runs/small: permission denied\n")
    assert "epoch   1" not in done.out


def test_a_folder_that_closes_in_the_midst_leaves_the_earlier_checkpoint(run: Run, place: Path) -> None:
    """Something else takes the place of the checkpoints' folder, which stays aside."""
    checkpoints, aside = Path("runs/small/checkpoints"), Path("aside")

    def close() -> None:
        checkpoints.rename(aside)
        checkpoints.write_text("no folder")

    with at_second_epoch(close):
        done = run("train", "small.yaml")
    assert done.code == 1
    assert done.err == "error: runs/small/checkpoints/last.ckpt: not a directory\n"
    checkpoints.unlink()
    aside.rename(checkpoints)
    went_on(run)


def test_data_that_shrinks_is_named_and_can_be_put_back(run: Run, place: Path) -> None:
    with at_second_epoch(lambda: Path("digits/seven").rename("aside")):
        done = run("train", "small.yaml", "--set", "data.workers=0")
    assert done.code == 1
    assert done.err.startswith(RESUME + "error[data-unreadable]: ")
    assert "digits/seven/" in done.err
    Path("aside").rename("digits/seven")
    went_on(run)


def test_data_that_shrank_before_a_run_goes_on_is_told(run: Run, place: Path) -> None:
    with at_second_epoch(lambda: shutil.rmtree("digits/seven")):
        assert run("train", "small.yaml").code == 1
    done = run("train", "small.yaml", "--resume")
    assert done.code == 1
    assert Folder(Path("runs/small")).read()["status"] == "begun"
    assert read_checkpoint(Path("runs/small/checkpoints/last.ckpt"))["global_step"] == 4


def test_what_to_install_is_said(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = requirements.find_spec
    monkeypatch.setattr(requirements, "find_spec", lambda name: None if name == "torchmetrics" else real(name))
    done = run("train", "small.yaml")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "error[missing-extra]: training needs `torchmetrics`, which archspec alone does not\n"
        '  = help: pip install "archspec-nn[train]"\n\n'
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--set", "trainer={accelerator: word}"], "--set:1:10"),
        (["--set", "trainer={val_check_interval: 1000}"], "--set:1:10"),
        (["--set", "trainer={check_val_every_n_epoch: 0}"], "--set:1:9"),
        (["--strategy", "word"], None),
    ],
)
def test_what_lightning_refuses_is_told_in_its_place(words: list[str], told: str | None, run: Run, place: Path) -> None:
    done = run("train", "small.yaml", *words)
    assert done.code == 1
    first, *rest = done.err.splitlines()
    assert first == "error[trainer]: Lightning cannot train like this"
    assert rest[0] == (f"  --> {told}" if told else rest[0]) and ("-->" in rest[0]) == bool(told)
    assert not Path("runs/small/checkpoints/last.ckpt").exists()


def test_what_only_gpus_can_do_is_told_before_a_run_begins(run: Run, place: Path) -> None:
    words = ["--set", "trainer={sync_batchnorm: true}", "--devices", 2, "--strategy", "ddp", "--accelerator", "cpu"]
    done = run("train", "small.yaml", *words)
    assert (done.code, done.err.splitlines()[0]) == (
        1,
        "error[trainer]: batch norm can be synchronised between GPUs only",
    )
    assert not Path("runs").exists()


def test_a_trainer_that_has_nothing_to_do_says_so(run: Run, place: Path) -> None:
    done = run("train", "small.yaml", "--set", "trainer={limit_train_batches: 0}")
    assert (done.code, done.err.splitlines()[0]) == (1, "error[trainer]: no step was trained")
