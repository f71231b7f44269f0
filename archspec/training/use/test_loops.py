"""Tests as Lightning runs them, which collect what is told of a trained network."""

from __future__ import annotations

import heapq
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torchmetrics.classification import MulticlassConfusionMatrix

from archspec.graph.model import Graph
from archspec.training.data import Data
from archspec.training.metrics import Measures
from archspec.training.recipe.loss_terms import Term
from archspec.training.run.loss_module import Judged, total
from archspec.training.use.detection_metrics import ObjectPrecision, precisions
from archspec.training.use.results import Found, Mistake, Scene, Sought

WORST = 24
"""How many mistakes are kept to be shown."""
SCENES = 8
"""How many images are kept to be shown with what was found in them."""
SURE = 0.5
"""The least score of an object that is shown."""


class Examiner(Judged):
    """Counts and collects while Lightning tests."""

    @abstractmethod
    def told(self) -> dict[str, Any]:
        """What came of it beside the measures that were logged, as the fields of `Evaluated`."""


def examiner(network: nn.Module, graph: Graph, terms: tuple[Term, ...], data: Data) -> Examiner:
    """What examines a network on data of its kind."""
    return (_OfObjects if data.aim.detects else _OfClasses)(network, graph, terms, data)


class _OfClasses(Examiner):
    """How classes are told apart."""

    def __init__(self, network: nn.Module, graph: Graph, terms: tuple[Term, ...], data: Data) -> None:
        super().__init__(network, graph, terms)
        self.measures = Measures("test", data.aim)
        self.confusion: MulticlassConfusionMatrix | None = None
        if data.aim.classes > 1:
            self.confusion = MulticlassConfusionMatrix(data.aim.classes, validate_args=False)
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

    def told(self) -> dict[str, Any]:
        confusion = self.confusion.compute().tolist() if self.confusion is not None else []
        return {"confusion": confusion, "mistakes": sorted(self.mistakes, reverse=True)}

    def _collect(self, images: Tensor, targets: Tensor, guesses: Tensor, sureness: Tensor) -> None:
        for place in torch.nonzero(guesses != targets).flatten().tolist():
            what = (float(sureness[place]), self._seen + place, int(targets[place]), int(guesses[place]))
            if len(self.mistakes) < WORST or what[0] > self.mistakes[0].sureness:
                mistake = Mistake(*what, image=images[place].float().cpu())
                (heapq.heappush if len(self.mistakes) < WORST else heapq.heappushpop)(self.mistakes, mistake)


class _OfObjects(Examiner):
    """How objects are found."""

    def __init__(self, network: nn.Module, graph: Graph, terms: tuple[Term, ...], data: Data) -> None:
        super().__init__(network, graph, terms)
        self.precision = ObjectPrecision(data.aim.masks, by_class=True)
        self._masks, self._classes = data.aim.masks, data.classes
        self._counts = torch.zeros(len(data.classes), dtype=torch.int64)
        self._scenes: list[Scene] = []
        self._computed: Mapping[str, Tensor] = {}

    def test_step(self, batch: Any, batch_idx: int) -> None:
        (images, *_), targets = batch
        found = self.main(self.named_outputs((images,)))
        self.precision.update(found, targets)
        for image, objects, target in zip(images, found, targets):
            self._counts += torch.bincount(_countable(target).cpu(), minlength=len(self._classes))
            if len(self._scenes) < SCENES:
                self._scenes.append(self._scene(image, objects, target))

    def on_test_epoch_end(self) -> None:
        self._computed = self.precision.compute()
        self._counts = self.trainer.strategy.reduce(self._counts.to(self.device), reduce_op="sum").cpu()
        self.log_dict({f"test_{name}": value for name, value in precisions(self._computed, self._masks).items()})

    def told(self) -> dict[str, Any]:
        return {"sought": self._sought(), "scenes": self._scenes}

    def _sought(self) -> list[Sought]:
        """Each class that there are objects of."""
        computed, boxes = self._computed, "bbox_" if self._masks else ""
        columns = [f"{boxes}map_per_class", f"{boxes}mar_100_per_class", *["segm_map_per_class"] * self._masks]
        rows = zip(*(computed[name].reshape(-1).tolist() for name in ("classes", *columns)))
        counted = ((label, int(self._counts[label]), values) for label, *values in rows)
        return [Sought(self._name(label), count, *values) for label, count, values in counted if count]

    def _scene(self, image: Tensor, objects: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> Scene:
        rows = zip(*(objects[key].tolist() for key in ("labels", "scores", "boxes")))
        found = tuple(Found(self._name(label), score, tuple(box)) for label, score, box in rows if score >= SURE)
        return Scene(image.float().cpu(), found, tuple(tuple(box) for box in target["boxes"].tolist()))

    def _name(self, label: int) -> str:
        return self._classes[label] if label < len(self._classes) else str(label)


def _countable(target: Mapping[str, Tensor]) -> Tensor:
    """The classes of an image's objects, crowds left out."""
    labels = target["labels"]
    return labels[target["iscrowd"] == 0] if "iscrowd" in target else labels
