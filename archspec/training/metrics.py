"""The metrics of an epoch: the mean loss, and how often the prediction is right or the objects are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics import MeanMetric, Metric
from torchmetrics.classification import MulticlassAccuracy

from archspec.training.use.detection_metrics import ObjectPrecision, precisions

MANY = 20
"""From so many classes on, it also counts whether the right one is among the five best guesses."""

TOGETHER = 16
"""So many batches are counted at once, or fewer where they hold more than `MOST_HELD` numbers."""
MOST_HELD = 1_000_000


@dataclass(frozen=True)
class Aim:
    """What data asks of a network, which decides what is measured.

    To tell `classes` apart, where there are several; or as it `detects`, to find objects, with `masks` or by their
    boxes alone.
    """

    classes: int = 0
    detects: bool = False
    masks: bool = False


class Measures(nn.Module):
    """The measures of one split; checkpoints hold their state, so that a resumed epoch counts all its batches.

    Batches are counted several at once: a metric's update takes as long as a small network's forward.
    """

    def __init__(self, split: str, aim: Aim) -> None:
        super().__init__()
        self._split = split
        metrics = {name: make() for name, make in _of(split, aim).items()}
        for metric in metrics.values():
            metric.persistent(not isinstance(metric, ObjectPrecision))  # which is counted at one stretch
        self._metrics = metrics
        self.metrics = nn.ModuleDict(metrics)
        """The same, so that they follow the network to its device and into its checkpoints."""
        self._guesses = bool(set(metrics) - {_LOSS, _FOUND})
        self._waiting: list[tuple[Any, ...]] = []
        """Of each batch its loss and size, and where guesses are counted the output and the targets."""

    def update(self, output: Any, targets: Any, loss: Tensor | None) -> None:
        """Count a batch by the network's first output."""
        if _FOUND in self._metrics:
            self._metrics[_FOUND].update(output, targets)
            return
        assert loss is not None, "only what has a loss is asked for it"
        guess = (output.detach(), targets) if self._guesses else (None, None)
        self._waiting.append((loss.detach(), len(targets), *guess))
        held = sum(output.numel() for _, _, output, _ in self._waiting) if self._guesses else 0
        if len(self._waiting) == TOGETHER or held > MOST_HELD:
            self._count()

    def _count(self) -> None:
        """Count the batches that wait."""
        if not self._waiting:
            return
        losses, sizes, outputs, targets = zip(*self._waiting)
        self._metrics[_LOSS].update(torch.stack(_together(losses)), torch.tensor(sizes, device=losses[-1].device))
        if self._guesses:
            guessed = torch.cat(_together(outputs)), torch.cat(_together(targets))
            for name, metric in self._metrics.items():
                if name != _LOSS:
                    metric.update(*guessed)
        self._waiting = []

    def get_extra_state(self) -> dict[str, Any]:
        """The batches that wait: counted now, a resumed epoch would round otherwise than one that was not stopped."""
        return {"waiting": list(self._waiting)}

    def set_extra_state(self, state: dict[str, Any]) -> None:
        self._waiting = list(state["waiting"])

    def taken(self) -> dict[str, Tensor]:
        """What was measured over all processes, by name (`val_loss`); it is counted anew from here."""
        self._count()
        values = {f"{self._split}_{name}": value for name, value in self._values()}
        for metric in self._metrics.values():
            metric.reset()
        return values

    def _values(self) -> Iterator[tuple[str, Tensor]]:
        for name, metric in self._metrics.items():
            if isinstance(metric, ObjectPrecision):
                yield from precisions(metric.compute(), metric.masks).items()
            else:
                yield name, metric.compute()


def _together(tensors: Sequence[Tensor]) -> list[Tensor]:
    """Where the last of them is: those of a checkpoint come on the CPU."""
    return [each.to(tensors[-1].device) for each in tensors]


def measured(split: str, aim: Aim) -> tuple[str, ...]:
    """The names of what is measured of a split.

    >>> measured("val", Aim(2)), measured("train", Aim())
    (('val_loss', 'val_accuracy'), ('train_loss',))
    >>> measured("val", Aim(2, detects=True))
    ('val_map', 'val_map_50', 'val_map_75')
    """
    names: list[str] = []
    for name in _of(split, aim):
        names += precisions(None, aim.masks) if name == _FOUND else [name]
    return tuple(f"{split}_{name}" for name in names)


_LOSS, _FOUND = "loss", "found"


def _of(split: str, aim: Aim) -> Mapping[str, Callable[[], Metric]]:
    """A detector computes losses in training alone, and finds objects out of it alone."""
    if aim.detects:
        return {_LOSS: MeanMetric} if split == "train" else {_FOUND: partial(ObjectPrecision, aim.masks)}
    made: dict[str, Callable[[], Metric]] = {_LOSS: MeanMetric}
    if aim.classes > 1:
        made["accuracy"] = partial(_accuracy, aim.classes, top=1)
    if aim.classes >= MANY:
        made["accuracy_top5"] = partial(_accuracy, aim.classes, top=5)
    return made


def _accuracy(classes: int, top: int) -> Metric:
    return MulticlassAccuracy(classes, top_k=top, average="micro", validate_args=False)
