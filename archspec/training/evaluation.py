"""How good a trained network is on a part of its data: its measures, its confusions and its worst mistakes."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from lightning.pytorch import Trainer
from torch import Tensor, nn
from torchmetrics.classification import MulticlassConfusionMatrix

from archspec.graph import Graph
from archspec.training.data import Data
from archspec.training.judging import Judged, total
from archspec.training.measures import Measures
from archspec.training.terms import Term

WORST = 24
"""How many mistakes are kept to be shown."""


@dataclass(frozen=True, order=True)
class Mistake:
    """An item that was taken for another class, and how sure the network was of it."""

    sureness: float
    number: int
    truth: int
    guess: int
    image: Tensor = field(compare=False, repr=False)


@dataclass(frozen=True)
class Verdict:
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
class Evaluated:
    """What came of one split. `confusion[i][j]` items of class `i` were taken for `j`; empty without classes."""

    split: str
    items: int
    measures: dict[str, float]
    classes: tuple[str, ...]
    confusion: list[list[int]]
    mistakes: list[Mistake]

    @property
    def verdicts(self) -> list[Verdict]:
        """Each class by itself."""
        taken = [sum(row[column] for row in self.confusion) for column in range(len(self.confusion))]
        return [
            Verdict(name, sum(row), _ratio(row[number], taken[number]), _ratio(row[number], sum(row)))
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
    data.trainer = trainer
    examiner = _Examiner(network.eval(), graph, terms, data.classes)
    trainer.test(examiner, dataloaders=data.loader(split), verbose=False)
    measures = {name.partition("_")[2]: float(value) for name, value in trainer.callback_metrics.items()}
    confusion = examiner.confusion.compute().tolist() if examiner.confusion is not None else []
    mistakes = sorted(examiner.mistakes, reverse=True)
    return Evaluated(str(split), len(data.parts[split]), measures, data.classes, confusion, mistakes)


class _Examiner(Judged):
    """Counts and collects while Lightning tests."""

    def __init__(self, network: nn.Module, graph: Graph, terms: tuple[Term, ...], classes: Sequence[str]) -> None:
        super().__init__(network, graph, terms)
        self.measures = Measures("test", len(classes))
        self.confusion: MulticlassConfusionMatrix | None = None
        if len(classes) > 1:
            self.confusion = MulticlassConfusionMatrix(len(classes), validate_args=False)
        self.mistakes: list[Mistake] = []
        self._seen = 0

    def test_step(self, batch: Any, batch_idx: int) -> None:
        inputs, targets = batch
        outputs = self.named_outputs(inputs)
        output = self.main(outputs)
        self.measures.update(output, targets, total(self.losses(outputs, targets, inputs)))
        if self.confusion is not None:
            probabilities = self.probabilities(outputs)
            sureness, guesses = probabilities.max(1)
            self.confusion.update(guesses, targets)
            self._collect(inputs[0], targets, guesses, sureness)
        self._seen += len(output)

    def on_test_epoch_end(self) -> None:
        self.log_dict(self.measures.taken())

    def _collect(self, images: Tensor, targets: Tensor, guesses: Tensor, sureness: Tensor) -> None:
        for place in torch.nonzero(guesses != targets).flatten().tolist():
            what = (float(sureness[place]), self._seen + place, int(targets[place]), int(guesses[place]))
            if len(self.mistakes) < WORST or what[0] > self.mistakes[0].sureness:
                mistake = Mistake(*what, image=images[place].float().cpu())
                (heapq.heappush if len(self.mistakes) < WORST else heapq.heappushpop)(self.mistakes, mistake)


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
