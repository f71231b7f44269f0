"""What is measured over an epoch: the mean loss, and how often the guess is right or the objects are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor, nn
from torchmetrics import MeanMetric, Metric
from torchmetrics.classification import MulticlassAccuracy

from archspec.training.finding import ObjectPrecision, precisions

MANY = 20
"""From so many classes on, it also counts whether the right one is among the five best guesses."""


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
    """The measures of one split; checkpoints hold their state, so that a resumed epoch counts all its batches."""

    def __init__(self, split: str, aim: Aim) -> None:
        super().__init__()
        self._split = split
        metrics = {name: make() for name, make in _of(split, aim).items()}
        for metric in metrics.values():
            metric.persistent(not isinstance(metric, ObjectPrecision))  # which is counted at one stretch
        self._metrics = metrics
        self.metrics = nn.ModuleDict(metrics)
        """The same, so that they follow the network to its device and into its checkpoints."""

    def update(self, output: Any, targets: Any, loss: Tensor | None) -> None:
        """Count a batch by the network's first output."""
        for name, metric in self._metrics.items():
            if name == _LOSS:
                assert loss is not None, "what has no loss is not asked for it"
                metric.update(loss.detach(), len(targets))
            else:
                metric.update(output if isinstance(output, list) else output.detach(), targets)

    def taken(self) -> dict[str, Tensor]:
        """What was measured over all processes, by name (`val_loss`); it is counted anew from here."""
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
