"""What the first step, or an epoch's last, would fail at: told before anything is trained, at its line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from archspec.cli.app import application
from tests.training.digits import write_folders

from .conftest import NET, RECIPE, Run

SMALL = """\
archspec: 1
name: gap
input: [3, 12, 12]
params: {num_classes: 2}
graph:
  conv: {conv: 8, kernel_size: 3}
  pool: {adaptive_avg_pool: 1}
  bn: batch_norm
  flatten: flatten
  fc: {linear: num_classes}
"""
PLAIN = RECIPE.replace("loss_weights: {logits: 1, early: 0.3}\n", "")
RELU = SMALL.replace("bn: batch_norm", "bn: relu")


def told(place: Path, spec: str, recipe: str, *options: str) -> str:
    """What is said before anything is trained, which is a message; nothing where it trains to its end."""
    shutil.rmtree("runs", ignore_errors=True)
    (place / "net.yaml").write_text(spec)
    (place / "small.yaml").write_text(recipe)
    done = CliRunner().invoke(application(), ["train", "small.yaml", *options])
    assert "internal" not in done.stderr and "Traceback" not in done.stderr
    if done.exit_code == 0:
        return done.stderr
    assert done.exit_code == 1 and not Path("runs").exists(), done.stderr
    return done.stderr


@pytest.fixture
def digits(place: Path) -> Path:
    write_folders(place / "few", each=11, mode="RGB")
    return place


@pytest.mark.parametrize("norm", ["batch_norm", "{batch_norm: , affine: false}"])
@pytest.mark.parametrize("size", [1, 2, 4, 5, 8])
@pytest.mark.parametrize("drop", [True, False])
def test_a_batch_norm_over_one_value(norm: str, size: int, drop: bool, digits: Path) -> None:
    """Of 17 items the last batch has one where the batches have 2, 4 or 8; of 5 it has two."""
    recipe = PLAIN.replace("batch_size: 8", f"batch_size: {size}\n  drop_last: {str(drop).lower()}")
    said = told(
        digits,
        SMALL.replace("batch_norm", norm),
        recipe.replace("root: digits", "root: few").replace("epochs: 2", "epochs: 1"),
    )
    items = 22 - 2 * 3
    alone = size == 1 or (not drop and items % size == 1)
    assert said.startswith("error[data-batch]: `bn` takes the mean over a batch") == alone
    if alone:
        assert ("batch_size: " if size == 1 else "drop_last: false") in said


def test_one_that_is_held_or_has_more_values_is_fine(digits: Path) -> None:
    recipe = PLAIN.replace("batch_size: 8", "batch_size: 1").replace("epochs: 2", "epochs: 1")
    assert told(digits, SMALL, recipe + "freeze: [bn]\n") == ""


def test_one_that_is_held_in_one_phase_alone_is_told(digits: Path) -> None:
    phases = "phases: {a: {epochs: 1, freeze: [bn]}, b: {epochs: 1}}"
    recipe = PLAIN.replace("batch_size: 8", "batch_size: 1").replace("epochs: 2", phases)
    assert "error[data-batch]" in told(digits, SMALL, recipe)


@pytest.mark.parametrize("precision", ["bf16-true", "16-true", "64-true", "bf16-mixed"])
def test_a_precision_that_is_taken_trains(precision: str, digits: Path) -> None:
    assert told(digits, RELU, PLAIN.replace("epochs: 2", "epochs: 1"), "--precision", precision) == ""


def test_a_precision_that_an_op_does_not_take(digits: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch has more kernels with every version: this one lacks its kernel for certain."""
    real = torch.nn.functional.relu

    def relu(x: torch.Tensor, inplace: bool = False) -> torch.Tensor:
        if x.dtype == torch.bfloat16:
            raise RuntimeError("\"relu_cpu\" not implemented for 'BFloat16'")
        return real(x, inplace)

    monkeypatch.setattr("torch.nn.functional.relu", relu)
    said = told(digits, RELU, PLAIN, "--precision", "bf16-true")
    assert said.startswith("error[precision]: `bn` cannot be computed in the precision `bf16-true`\n  --> net.yaml:8:7")
    said = told(digits, RELU, PLAIN + "trainer: {precision: bf16-true}\n")
    assert "precision: bf16-true" in said.splitlines()[3]


@pytest.mark.parametrize(
    ("loss", "code"),
    [
        ("mse_loss", "error[step]: `mse_loss` cannot be taken of these outputs and targets"),
        ("binary_cross_entropy", "error[step]: `binary_cross_entropy` cannot be taken of"),
        ("kl_div", "error[step]: `kl_div` cannot be taken of"),
        ("{cross_entropy: , ignore_index: 0.5}", "error[step]: `cross_entropy` cannot be taken of"),
    ],
)
def test_a_loss_that_does_not_take_what_there_is(loss: str, code: str, digits: Path) -> None:
    said = told(digits, RELU, PLAIN.replace("loss: cross_entropy", f"loss: {loss}"))
    assert said.startswith(code) and "--> small.yaml:10:7" in said


def test_a_phase_that_no_loss_reaches(digits: Path) -> None:
    spec = RELU + "  extra: {linear: 3, from: flatten}\noutput: {logits: fc, extra: extra}\n"
    said = told(digits, spec, PLAIN + "train: [extra]\n")
    assert said.startswith("error[nothing-trains]: no loss depends on what trains in phase `train`")


IDLE = RELU + "  extra: {linear: 3, from: flatten}\noutput: {logits: fc, extra: extra}\n"


def test_an_output_without_loss_is_told(digits: Path) -> None:
    said = told(digits, IDLE, PLAIN)
    assert said.startswith("warning[idle-output]: no loss depends on `extra`, which stays as it is\n")
    assert "loss_weights: {logits: 1, extra: 0.3}" in said
    assert told(digits, IDLE, PLAIN.replace("name: small", "name: other") + "freeze: [extra]\n") == ""


def test_it_is_the_same_on_several_processes(run: Run, place: Path) -> None:
    (place / "net.yaml").write_text(IDLE)
    (place / "small.yaml").write_text(PLAIN)
    assert run("train", "small.yaml", "--out", "one").code == 0
    command = [sys.executable, "-m", "archspec", "train", "small.yaml", "--out", "two"]
    done = subprocess.run(
        [*command, "--devices", "2", "--strategy", "ddp", "--accelerator", "cpu"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("warning[idle-output]") == 1
    one, two = (load_file(place / name / "weights.safetensors") for name in ("one", "two"))
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-4, atol=1e-6)


def test_a_process_share_of_one_is_told(place: Path) -> None:
    (place / "net.yaml").write_text(SMALL)
    (place / "small.yaml").write_text(PLAIN.replace("batch_size: 8", "batch_size: 2"))
    command = [sys.executable, "-m", "archspec", "train", "small.yaml"]
    done = subprocess.run(
        [*command, "--devices", "2", "--strategy", "ddp", "--accelerator", "cpu"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "each batch has one item for a process" in done.stderr and "set `batch_size` to 4 or more" in done.stderr


def test_the_trial_leaves_no_trace(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a run comes to the same weights."""
    assert NET in (place / "net.yaml").read_text()
    assert run("train", "small.yaml", "--out", "with").code == 0
    monkeypatch.setattr("archspec.training.run.train.try_step", lambda *_: frozenset())
    assert run("train", "small.yaml", "--out", "without").code == 0
    one, other = (load_file(place / name / "weights.safetensors") for name in ("with", "without"))
    assert all(torch.equal(one[name], other[name]) for name in one)
