"""Steps of `archspec train` against the same loop with torchvision's module, LeNet's written by hand, and a bare loop.

The times are those of whole steps: forward, loss, backward, optimizer, and what the loop does around them; in processor
time, as far as other programs leave that alone.
"""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
import torchvision
from lightning.pytorch import Callback
from timing import SMALLEST, report, times
from torch import nn

from archspec.api.run_folder import Run
from archspec.training.run import train
from archspec.training.run.fit import fit
from archspec.training.run.learner import Learner
from archspec.training.run.metrics_log import History

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.training.digits import write_folders, write_idx

ROUNDS = 6
SHARED = """\
loss: cross_entropy
optimizer: {sgd: 0.01, momentum: 0.9}
epochs: 1
checkpoint: {minutes: }
trainer: {limit_val_batches: 0}
"""
RECIPES = {
    "lenet": "recipe: 1\nmodel: lenet\n"
    f"data: {{mnist: {{root: mnist}}, batch_size: 32, limit: {200 if SMALLEST else 2000}, validation: test}}\n",
    "resnet18": "recipe: 1\nmodel: resnet18\nset: {num_classes: 2}\n"
    "data: {image_folder: {root: photos}, batch_size: 8, workers: 0, validation: 0.1}\n",
}


class LeNet(nn.Module):
    """LeNet-5 as one writes it by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.conv3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(2)
        self.fc1, self.fc2 = nn.Linear(120, 84), nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.pool(self.relu(self.conv1(x)))
        x = self.pool(self.relu(self.conv2(x)))
        x = self.relu(self.conv3(x))
        return self.fc2(self.relu(self.fc1(torch.flatten(x, 1))))


class Steps(Callback):
    """The seconds of processor time of each step, which other programs do not lengthen."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._began = 0.0

    def on_train_batch_start(self, *arguments: Any) -> None:
        self._began = time.process_time()

    def on_train_batch_end(self, *arguments: Any) -> None:
        self.seconds.append(time.process_time() - self._began)


def trained(prepared: train.Prepared, module: nn.Module, number: int) -> float:
    """The median seconds of a step of archspec's training of a module."""
    recipe, steps = prepared.recipe, Steps()
    run = Run(Path(f"runs/{number}"))
    run.last.parent.mkdir(parents=True)
    learner = Learner(recipe, replace(prepared.model, module=module), prepared.data.aim, History())
    fit(recipe, learner, prepared.data, run, {"enable_progress_bar": False}, [steps])
    return statistics.median(steps.seconds[1:])


def bare(prepared: train.Prepared, module: nn.Module) -> float:
    """The median seconds of a step of the shortest loop that trains a module: nothing measured, saved or watched."""
    module.train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9)
    seconds = []
    for (images,), targets in prepared.data.train_dataloader():
        began = time.process_time()
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(images), targets).backward()
        optimizer.step()
        seconds.append(time.process_time() - began)
    return statistics.median(seconds[1:])


def measured(name: str, peer: nn.Module, runs: Iterator[int]) -> None:
    """Both by turns, and the bare loop over the peer."""
    Path(f"{name}.yaml").write_text(RECIPES[name] + SHARED)
    prepared = train.prepare(f"{name}.yaml", {}, None, None, train.Listener())
    ours = prepared.model.module
    pairs = []
    for turn in range(times(ROUNDS)):
        arms = [ours, peer] if turn % 2 else [peer, ours]
        spent = {id(module): trained(prepared, module, next(runs)) for module in arms}
        pairs.append((spent[id(ours)], spent[id(peer)], bare(prepared, peer), bare(prepared, ours)))
    mine, theirs, shortest, own = (statistics.median(column) for column in zip(*pairs))
    print(f"  {name}: a step in {mine * 1e3:.2f} ms, peer {theirs * 1e3:.2f} ms, bare loop {shortest * 1e3:.2f} ms")
    report(f"training speed, {name} over peer in the same loop", theirs / mine, "at least 0.98")
    report(f"training speed, {name} over peer in a bare loop", shortest / mine, "none")
    report(f"training speed, {name} over itself in a bare loop", own / mine, "at least 0.91")


def main() -> None:
    """Measure and print."""
    torch.manual_seed(0)
    runs = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_idx(Path("mnist"))
        write_folders(Path("photos"), each=25, mode="RGB")
        measured("lenet", LeNet(), runs)
        if not SMALLEST:
            measured("resnet18", torchvision.models.resnet18(num_classes=2), runs)


if __name__ == "__main__":
    main()
