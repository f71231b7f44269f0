"""What is measured over an epoch: the mean loss, and how often the guess is right."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn
from torchmetrics import MeanMetric, Metric
from torchmetrics.classification import MulticlassAccuracy

MANY = 20
"""From so many classes on, it also counts whether the right one is among the five best guesses."""


class Measures(nn.Module):
    """The measures of one split; checkpoints hold their state, so that a resumed epoch counts all its batches."""

    def __init__(self, split: str, classes: int) -> None:
        super().__init__()
        self._split, self._classes = split, classes
        metrics = {name: make(classes) for name, make in _of(classes).items()}
        for metric in metrics.values():
            metric.persistent(True)
        self._metrics = metrics
        self.metrics = nn.ModuleDict(metrics)
        """The same, so that they follow the network to its device and into its checkpoints."""

    def update(self, output: Tensor, targets: Any, loss: Tensor) -> None:
        """Count a batch by the network's first output."""
        for name, metric in self._metrics.items():
            if name == "loss":
                metric.update(loss.detach(), len(output))
            else:
                metric.update(output.detach(), targets)

    def taken(self) -> dict[str, Tensor]:
        """What was measured over all processes, by name (`val_loss`); it is counted anew from here."""
        values = {f"{self._split}_{name}": metric.compute() for name, metric in self._metrics.items()}
        for metric in self._metrics.values():
            metric.reset()
        return values


def measured(split: str, classes: int) -> tuple[str, ...]:
    """The names of what is measured of a split.

    >>> measured("val", 2), measured("train", 0)
    (('val_loss', 'val_accuracy'), ('train_loss',))
    """
    return tuple(f"{split}_{name}" for name in _of(classes))


def _of(classes: int) -> dict[str, Callable[[int], Metric]]:
    made: dict[str, Callable[[int], Metric]] = {"loss": lambda classes: MeanMetric()}
    if classes > 1:
        made["accuracy"] = partial(_accuracy, top=1)
    if classes >= MANY:
        made["accuracy_top5"] = partial(_accuracy, top=5)
    return made


def _accuracy(classes: int, top: int) -> Metric:
    return MulticlassAccuracy(classes, top_k=top, average="micro", validate_args=False)
