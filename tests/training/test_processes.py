"""Several processes come to what one comes to."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from .conftest import NET, Run

STILL = NET.replace("      - {dropout: 0.2}\n", "").replace("batch_norm, ", "").replace("      - batch_norm\n", "")
"""Without what is drawn or counted in each process by itself."""


def test_two_processes_give_what_one_gives(run: Run, place: Path) -> None:
    assert "batch_norm" not in STILL and "dropout" not in STILL
    (place / "net.yaml").write_text(STILL)
    settings = ["--set", "schedule=cosine_annealing_lr", "--set", "keep=val_loss"]
    assert run("train", "small.yaml", "--out", "one", *settings).code == 0
    command = [sys.executable, "-m", "archspec", "train", "small.yaml", "--out", "two", *settings]
    done = subprocess.run(
        [*command, "--devices", "2", "--strategy", "ddp", "--accelerator", "cpu"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("epoch   1  loss") == 1, "one process speaks"
    one, two = (load_file(place / name / "weights.safetensors") for name in ("one", "two"))
    for name in one:
        torch.testing.assert_close(two[name], one[name], rtol=1e-4, atol=1e-6)
    rows, others = (
        list(csv.DictReader((place / name / "metrics.csv").read_text().splitlines())) for name in ("one", "two")
    )
    assert len(rows) == len(others) == 2
    for row, other in zip(rows, others):
        measured = [name for name in row if "loss" in name or "accuracy" in name]
        assert [float(other[name]) for name in measured] == pytest.approx(
            [float(row[name]) for name in measured], rel=1e-4
        )
