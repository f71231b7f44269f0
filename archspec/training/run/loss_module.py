"""A network with its losses: what training and evaluation share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor, nn

from archspec.graph.model import Graph
from archspec.training.losses import scores, weighs_classes
from archspec.training.recipe.loss_terms import Term, output_names, own_losses


class Judged(LightningModule):
    """A network, its outputs by name, and the terms of the loss that are taken of them."""

    network: nn.Module

    class_weights: Tensor | None

    def __init__(
        self, network: nn.Module, graph: Graph, terms: tuple[Term, ...], class_weights: Sequence[float] | None = None
    ) -> None:
        super().__init__()
        self.network = network
        self._terms, self._outputs = terms, output_names(graph)
        self._inputs = graph.root.input_names
        self._own_losses = own_losses(graph)
        weights = torch.tensor(class_weights) if class_weights else None
        self.register_buffer("class_weights", weights, persistent=False)

    def __setattr__(self, name: str, value: Any) -> None:
        # Lightning notes the hook that runs over forty times a step, and nn.Module would look at each.
        if name == "_current_fx_name":
            object.__setattr__(self, name, value)
        else:
            super().__setattr__(name, value)

    def named_outputs(self, inputs: Any) -> dict[str, Any]:
        """The network's outputs by name; those for training alone are not among them in evaluation.

        Those of a detector are its losses in training, and a list of what it found in each image otherwise.
        """
        outputs = self.network(*inputs)
        if isinstance(outputs, (Tensor, list)):
            return {self._outputs[0]: outputs}
        return dict(outputs) if isinstance(outputs, Mapping) else outputs._asdict()

    def main(self, outputs: Mapping[str, Any]) -> Any:
        """The first output, which the network is there for; `None` of a detector in training, which gives losses."""
        return outputs.get(self._outputs[0])

    def probabilities(self, outputs: Mapping[str, Tensor]) -> Tensor:
        """A probability for each class `[N, C, …]`, read off the first output as its loss trains it."""
        main = self._outputs[0]
        trained_by = (term.call.name for term in self._terms if term.call and (term.output or main) == main)
        return scores(next(trained_by, ""), outputs[main])

    def losses(
        self,
        outputs: Mapping[str, Tensor],
        targets: Any,
        inputs: Sequence[Any] = (),
        terms: tuple[Term, ...] | None = None,
    ) -> dict[str, Tensor]:
        """The terms of the loss that these outputs have, each with its weight in it; classes weigh in training."""
        if self._own_losses:
            weights = {term.output: term.weight for term in self._terms}
            return {name: outputs[name] * weights.get(name, 1.0) for name in self._own_losses if name in outputs}
        return {
            name: self._loss(term, outputs[name], targets, inputs) * term.weight
            for term in (self._terms if terms is None else terms)
            if (name := term.output or self._outputs[0]) in outputs
        }

    def _loss(self, term: Term, output: Tensor, targets: Any, inputs: Sequence[Any]) -> Tensor:
        aim = targets if term.target is None else inputs[self._inputs.index(term.target)]
        assert term.call is not None, "the network computes no losses itself"
        weighs = self.training and self.class_weights is not None and weighs_classes(term.call.name)
        loss: Tensor = term.call(output, aim, **({"weight": self.class_weights} if weighs else {}))
        return loss


def total(losses: Mapping[str, Tensor]) -> Tensor | None:
    """The sum of the terms; `None` where there are none."""
    return reduce(add, losses.values()) if losses else None
