"""What a loader draws from: a part of a split, each item with its transforms done and its chance its own."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils.data import Dataset, get_worker_info
from torchvision.tv_tensors import Image, Video

from archspec.language.diagnostics import Diagnostic
from archspec.training.data.detection_targets import finished
from archspec.training.data.images import UnreadableError
from archspec.training.data.preprocessing import Pipeline, TransformError
from archspec.training.data.sampler import Draw, mixed
from archspec.training.data.sources.base import Drawable, Items, Split, Task


@dataclass(frozen=True)
class Fault:
    """Stands for an item that could not be drawn: a worker's exception would lose what it says."""

    diagnostic: Diagnostic


@dataclass(frozen=True)
class Part(Dataset[Any]):
    """The items `chosen` of a split, with `pipeline` done: `(inputs, target)` each.

    The chance in an item's transforms depends on the seed, the epoch and the item alone: not on the process that draws
    it, nor on what was drawn before.
    """

    split: Split
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

    @property
    def _drawable(self) -> Drawable:
        return (self.split == "train" and self.items.in_training) or self.items.drawn

    def _drawn(self, draw: Draw) -> Any:
        number = self.chosen[draw.item]
        _seed(mixed(self.seed, draw.epoch, number))
        try:
            given, target = self._drawable[number]
            first, *others = given if isinstance(given, tuple) else (given,)
            if self.task == "detection":
                first, target = self.pipeline(first, target)
                target = finished(target, training=self.split == "train")
            elif isinstance(first, (Image, Video)):  # other values than images come as the network takes them
                first = self.pipeline(first)
            return tuple(map(_plain, (first, *others))), target
        except UnreadableError as error:
            return Fault(_gone(error))
        except TransformError as error:
            return Fault(_untransformed(error, self._name(number)))
        except Exception as error:  # a data set of somebody else's fails in its own ways
            return Fault(_undrawn(error, self._name(number)))

    def _name(self, number: int) -> str:
        return f"`{self.items.files[number]}`" if self.items.files else f"item {number}"


def _plain(value: Any) -> Any:
    return value.as_subclass(torch.Tensor) if isinstance(value, torch.Tensor) else value


def _gone(error: UnreadableError) -> Diagnostic:
    return Diagnostic(error.code, f"`{error.path}` {error.what}", found=error.reason, help=error.help)


def _untransformed(error: TransformError, name: str) -> Diagnostic:
    return Diagnostic("transform", f"`{error.step}` cannot be done to {name}", found=error.reason)


def _undrawn(error: Exception, name: str) -> Diagnostic:
    text = (str(error).strip() or "no words").splitlines()[0]
    return Diagnostic("data-item", f"the data set cannot give {name}", found=f"{type(error).__name__}: {text}")


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
