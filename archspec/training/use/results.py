"""How good a trained network is on a part of its data: metrics, confusion matrix, mistakes, what it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lightning.pytorch import Trainer
from torch import Tensor, nn

from archspec.graph.model import Graph
from archspec.training.data import Data
from archspec.training.recipe.loss_terms import Term


@dataclass(frozen=True, order=True)
class Mistake:
    """An item that was taken for another class, and how sure the network was of it."""

    sureness: float
    number: int
    truth: int
    guess: int
    image: Tensor = field(compare=False, repr=False)


@dataclass(frozen=True)
class Prediction:
    """One class: how many of the items taken for it are of it, and how many of its items were found."""

    name: str
    items: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True)
class Confused:
    """How often items of one class were taken for another, and which share of the class's items they are."""

    truth: str
    guess: str
    times: int
    share: float


@dataclass(frozen=True)
class Sought:
    """The objects of one class: the average precision and recall of their boxes, and the precision of their masks."""

    name: str
    objects: int
    precision: float
    recall: float
    mask_precision: float | None = None


@dataclass(frozen=True)
class Found:
    """An object that a detector found: its class, how sure it is of it, and its box x1, y1, x2, y2 in pixels."""

    name: str
    score: float
    box: tuple[float, ...]


@dataclass(frozen=True)
class Scene:
    """An image with the objects that were found in it, and the boxes of those that are there."""

    image: Tensor = field(repr=False)
    found: tuple[Found, ...]
    there: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Evaluated:
    """What came of one split.

    `confusion[i][j]` items of class `i` were taken for `j`; empty without classes. `sought` are the classes of a
    detector's objects, `scenes` some of its images.
    """

    split: str
    items: int
    measures: dict[str, float]
    classes: tuple[str, ...]
    confusion: list[list[int]] = field(default_factory=list)
    mistakes: list[Mistake] = field(default_factory=list)
    sought: list[Sought] = field(default_factory=list)
    scenes: list[Scene] = field(default_factory=list)

    @property
    def verdicts(self) -> list[Prediction]:
        """Each class by itself."""
        taken = [sum(row[column] for row in self.confusion) for column in range(len(self.confusion))]
        return [
            Prediction(name, sum(row), _ratio(row[number], taken[number]), _ratio(row[number], sum(row)))
            for number, (name, row) in enumerate(zip(self.classes, self.confusion))
        ]

    @property
    def confused(self) -> list[Confused]:
        """Which classes were taken for which, the most frequent first."""
        found = [
            Confused(self.classes[row], self.classes[column], times, times / sum(numbers))
            for row, numbers in enumerate(self.confusion)
            for column, times in enumerate(numbers)
            if times and row != column
        ]
        return sorted(found, key=lambda each: -each.times)

    def data(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        if self.sought:
            by_class: dict[str, Any] = {each.name: _of_objects(each) for each in self.sought}
            return {"items": self.items, **self.measures, "classes": by_class}
        by_class = {
            each.name: {"items": each.items, "precision": each.precision, "recall": each.recall, "f1": each.f1}
            for each in self.verdicts
        }
        return {"items": self.items, **self.measures, "classes": by_class, "confusion": self.confusion}


def foremost(evaluated: Sequence[Evaluated]) -> Evaluated | None:
    """What is shown first: what came of the data that no choice was made by, which is the last."""
    return evaluated[-1] if evaluated else None


def evaluate(
    network: nn.Module, graph: Graph, terms: tuple[Term, ...], data: Data, split: Any, trainer: Trainer
) -> Evaluated:
    """Run a part of the data through a network in evaluation mode."""
    from archspec.training.use.test_loops import examiner

    data.trainer = trainer
    examines = examiner(network.eval(), graph, terms, data)
    trainer.test(examines, dataloaders=data.loader(split), verbose=False)
    measures = {name.partition("_")[2]: float(value) for name, value in trainer.callback_metrics.items()}
    return Evaluated(str(split), len(data.parts[split]), measures, data.classes, **examines.told())


def _of_objects(sought: Sought) -> dict[str, float]:
    told = {"objects": sought.objects, "precision": sought.precision, "recall": sought.recall}
    return told if sought.mask_precision is None else {**told, "mask_precision": sought.mask_precision}


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
