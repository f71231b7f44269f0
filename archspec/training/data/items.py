"""What a loader draws from: a part of a split, each item with its transforms done and its chance its own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, default_collate, get_worker_info

from archspec.language.diagnostics import Diagnostic
from archspec.training.data.images import UnreadableError
from archspec.training.data.order import Draw, mixed
from archspec.training.data.pipeline import Pipeline, TransformError
from archspec.training.data.sources.base import Items, Task


@dataclass(frozen=True)
class Fault:
    """Stands for an item that could not be drawn: a worker's exception would lose what it says."""

    diagnostic: Diagnostic


@dataclass(frozen=True)
class Part(Dataset[Any]):
    """The items `chosen` of a split, with `pipeline` done.

    The chance in an item's transforms depends on the seed, the epoch and the item alone: not on the process that draws
    it, nor on what was drawn before.
    """

    items: Items
    chosen: Sequence[int]
    pipeline: Pipeline
    task: Task
    seed: int

    def __len__(self) -> int:
        return len(self.chosen)

    def __getitem__(self, draw: Draw | int) -> Any:
        return self.__getitems__([draw if isinstance(draw, Draw) else Draw(0, draw)])[0]

    def __getitems__(self, draws: Sequence[Draw]) -> list[Any]:
        with _own_chance():
            return [self._drawn(draw) for draw in draws]

    def _drawn(self, draw: Draw) -> Any:
        number = self.chosen[draw.item]
        _seed(mixed(self.seed, draw.epoch, number))
        try:
            image, target = self.items.drawn[number]
            if self.task == "detection":
                return self.pipeline(image, target)
            return _plain(self.pipeline(image)), target
        except UnreadableError as error:
            return Fault(_gone(error))
        except TransformError as error:
            return Fault(_untransformed(error, self._name(number)))

    def _name(self, number: int) -> str:
        return f"`{self.items.files[number]}`" if self.items.files else f"item {number}"


def collate(drawn: list[Any]) -> Any:
    """Images and classes stacked: `((images,), targets)`; or the first fault among them."""
    fault = next((each for each in drawn if isinstance(each, Fault)), None)
    if fault:
        return fault
    sizes = {tuple(image.shape) for image, _ in drawn}
    if len(sizes) > 1:
        return Fault(_of_several_sizes(sizes))
    images, targets = default_collate(drawn)
    return (images,), targets


def collate_listed(drawn: list[Any]) -> Any:
    """Images and targets as lists, as torchvision's detection models take them: `((images,), targets)`."""
    fault = next((each for each in drawn if isinstance(each, Fault)), None)
    if fault:
        return fault
    return ([_plain(image) for image, _ in drawn],), [target for _, target in drawn]


def _plain(image: Any) -> Any:
    return image.as_subclass(torch.Tensor) if isinstance(image, torch.Tensor) else image


def _gone(error: UnreadableError) -> Diagnostic:
    return Diagnostic(
        "data-unreadable",
        f"`{error.path}` cannot be read",
        found=error.reason,
        help="the data changed while it was read: bring the file back, or start anew without it",
    )


def _untransformed(error: TransformError, name: str) -> Diagnostic:
    return Diagnostic("transform", f"`{error.step}` cannot be done to {name}", found=error.reason)


def _of_several_sizes(sizes: set[tuple[int, ...]]) -> Diagnostic:
    found = ", ".join("×".join(map(str, size)) for size in sorted(sizes)[:4])
    help_ = "end the transforms with one size for all, such as `{resize: [224, 224]}`"
    return Diagnostic("data-shape", "the images of a batch have several sizes", found=found, help=help_)


@contextmanager
def _own_chance() -> Iterator[None]:
    """Leave the chance of the process as it was; a worker has no other use for its own."""
    if get_worker_info() is not None:
        yield
        return
    states = random.getstate(), np.random.get_state(), torch.get_rng_state()
    try:
        yield
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
        torch.set_rng_state(states[2])


def _seed(seed: int) -> None:
    random.seed(seed)
    np.random.seed(seed & 0xFFFFFFFF)
    torch.default_generator.manual_seed(seed)
