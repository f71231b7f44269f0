"""Batches: the same in any process and after any stop, with the chance of each item its own."""

from __future__ import annotations

import os
import random
import signal
from dataclasses import replace
from itertools import islice
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import nn
from torchvision.tv_tensors import Image

from archspec.language.diagnostics import SpecError
from archspec.training.data import Data
from tests.training.data.recipes import net, opened
from tests.training.digits import write_folders

AUGMENTED = """\
image_folder: {root}
batch_size: 4
workers: {workers}
transforms: {{train: [{{random_rotation: 30}}, {{random_crop: 28, padding: 2}}, preset]}}
"""


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folders(tmp_path_factory.mktemp("photos"), each=12)


def data(photos: Path, folder: Path, workers: int = 0) -> Data:
    return opened(AUGMENTED.format(root=photos, workers=workers), net(folder), seed=7)


def batches(loader: Any, epoch: int) -> list[tuple[torch.Tensor, torch.Tensor]]:
    loader.sampler.set_epoch(epoch)
    return [(images, targets) for (images,), targets in loader]


def same(one: list[Any], other: list[Any]) -> bool:
    pairs = zip(one, other, strict=True)
    return all(torch.equal(a[0], b[0]) and torch.equal(a[1], b[1]) for a, b in pairs)


def test_a_batch_is_inputs_and_targets(photos: Path, tmp_path: Path) -> None:
    inputs, targets = next(iter(data(photos, tmp_path).train_dataloader()))
    (images,) = inputs
    assert (images.shape, images.dtype, type(images)) == ((4, 1, 28, 28), torch.float32, torch.Tensor)
    assert (targets.shape, targets.dtype) == ((4,), torch.int64)


def test_workers_change_nothing(photos: Path, tmp_path: Path) -> None:
    alone = batches(data(photos, tmp_path).train_dataloader(), 1)
    assert same(alone, batches(data(photos, tmp_path, workers=2).train_dataloader(), 1))
    assert not same(alone, batches(data(photos, tmp_path).train_dataloader(), 2))


@pytest.mark.parametrize("workers", [0, 1])
def test_a_stopped_epoch_goes_on_where_it_was(photos: Path, tmp_path: Path, workers: int) -> None:
    whole = batches(data(photos, tmp_path).train_dataloader(), 2)
    stopped = data(photos, tmp_path, workers).train_dataloader()
    stopped.sampler.set_epoch(2)
    passing = iter(stopped)
    list(islice(passing, 2))
    state = stopped.state_dict()
    assert state == {"epoch": 2, "batches": 2}
    resumed = data(photos, tmp_path, workers).train_dataloader()
    resumed.load_state_dict(state)
    assert resumed.state_dict() == state
    assert same(batches(resumed, 2), whole[2:])
    assert same(batches(resumed, 2), whole), "only once"
    assert len(resumed) == len(whole)


def test_a_finished_epoch_is_not_gone_through_again(photos: Path, tmp_path: Path) -> None:
    loader = data(photos, tmp_path).train_dataloader()
    first = batches(loader, 0)
    again = data(photos, tmp_path).train_dataloader()
    again.load_state_dict(loader.state_dict())
    assert len(batches(again, 1)) == len(first)


def test_the_chance_of_the_run_is_left_alone(photos: Path, tmp_path: Path) -> None:
    def chance() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    torch.manual_seed(0), random.seed(0), np.random.seed(0)
    expected = [chance(), chance()]
    torch.manual_seed(0), random.seed(0), np.random.seed(0)
    loader = data(photos, tmp_path).train_dataloader()
    first = chance()
    batches(loader, 0)
    assert [first, chance()] == expected


@pytest.mark.parametrize("workers", [0, 1])
def test_a_file_that_goes_while_it_is_read_is_named(photos: Path, tmp_path: Path, workers: int) -> None:
    root = write_folders(tmp_path / "photos", each=8)
    loader = data(root, tmp_path, workers).train_dataloader()
    gone = root / "three" / "05.png"
    gone.write_bytes(gone.read_bytes()[:-40])
    with pytest.raises(SpecError) as caught:
        batches(loader, 0)
    assert str(caught.value) == (
        f"error[data-unreadable]: `{gone}` cannot be read\n"
        f"  --> recipe.yaml:1:1\n  |\n1 | image_folder: {root}\n  | ^^^^^^^^^^^^\n"
        "  = found: image file is truncated\n"
        "  = help: the data changed while it was read: restore the file, or start a new run without it"
    )


class Deadly:
    """Items of which one kills the process that draws it."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> tuple[Image, int]:
        if index == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        return Image(torch.zeros(1, 28, 28, dtype=torch.uint8)), index % 2


def test_a_worker_that_dies_is_told_of(photos: Path, tmp_path: Path) -> None:
    alive = data(photos, tmp_path, workers=1)
    train = alive.parts["train"]
    alive.parts["train"] = replace(train, items=replace(train.items, drawn=Deadly()), chosen=range(8))
    with pytest.raises(SpecError) as caught:
        batches(alive.train_dataloader(), 0)
    (problem,) = caught.value.diagnostics
    assert (problem.code, problem.message) == ("data-worker", "a data-loading worker died")
    assert problem.help == (
        "memory may be short: write fewer `workers`, or `workers: 0` to read the data in the run's own process"
    )


class Failing:
    """Items of which one cannot be given."""

    def __len__(self) -> int:
        return 8

    def __getitem__(self, index: int) -> tuple[Image, int]:
        if index == 5:
            raise KeyError("five")
        return Image(torch.zeros(1, 28, 28, dtype=torch.uint8)), index % 2


@pytest.mark.parametrize("workers", [0, 1])
def test_an_item_that_cannot_be_given_is_named(photos: Path, tmp_path: Path, workers: int) -> None:
    good = data(photos, tmp_path, workers)
    train = good.parts["train"]
    good.parts["train"] = replace(train, items=replace(train.items, drawn=Failing(), files=()), chosen=range(8))
    with pytest.raises(SpecError) as caught:
        batches(good.train_dataloader(), 0)
    assert str(caught.value) == (
        "error[data-item]: the data set cannot give item 5\n"
        f"  --> recipe.yaml:1:1\n  |\n1 | image_folder: {photos}\n  | ^^^^^^^^^^^^\n"
        "  = found: KeyError: 'five'"
    )


def test_a_batch_is_shared_equally_or_not_at_all(photos: Path, tmp_path: Path) -> None:
    shared = data(photos, tmp_path)
    shared.trainer = SimpleNamespace(global_rank=0, world_size=3)  # type: ignore[assignment]
    with pytest.raises(SpecError) as caught:
        shared.train_dataloader()
    assert str(caught.value) == (
        """\
error[data-batch]: a batch of 4 items cannot be shared equally among 3 processes
  --> recipe.yaml:2:13
  |
2 | batch_size: 4
  |             ^
  = help: set `batch_size` to 3 or 6"""
    )


class Learner(LightningModule):
    """A network that notes the batches it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 2))
        self.seen: list[torch.Tensor] = []

    def training_step(self, batch: Any, number: int) -> torch.Tensor:
        (images,), targets = batch
        self.seen.append(images.clone())
        return nn.functional.cross_entropy(self.net(images), targets)

    def validation_step(self, batch: Any, number: int) -> None: ...

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def trainer(**arguments: Any) -> Trainer:
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
    return Trainer(**quiet, **arguments)


class Saver(Callback):
    """Writes a checkpoint after so many steps."""

    def __init__(self, after: int, path: Path) -> None:
        self.after, self.path = after, path

    def on_train_batch_end(self, trainer: Trainer, *_: Any) -> None:
        if trainer.global_step == self.after:
            trainer.save_checkpoint(self.path)


@pytest.mark.parametrize("after", [1, 3, 5, 7])
@pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers")
@pytest.mark.filterwarnings("ignore:`isinstance.treespec, LeafSpec.` is deprecated")
def test_a_resumed_trainer_sees_the_batches_that_are_left(photos: Path, tmp_path: Path, after: int) -> None:
    torch.manual_seed(0)
    start = Learner()
    whole = Learner()
    whole.load_state_dict(start.state_dict())
    trainer(max_epochs=2, enable_checkpointing=False).fit(whole, data(photos, tmp_path))

    stopped = Learner()
    stopped.load_state_dict(start.state_dict())
    first = trainer(max_epochs=2, callbacks=[Saver(after, tmp_path / "stop.ckpt")], enable_checkpointing=False)
    first.fit(stopped, data(photos, tmp_path))
    resumed = Learner()
    second = trainer(max_epochs=2, enable_checkpointing=False)
    second.fit(resumed, data(photos, tmp_path), ckpt_path=str(tmp_path / "stop.ckpt"))
    assert len(resumed.seen) == len(whole.seen) - after
    assert all(map(torch.equal, resumed.seen, whole.seen[after:]))
    assert all(map(torch.equal, resumed.state_dict().values(), whole.state_dict().values()))
