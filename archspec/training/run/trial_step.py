"""A trial step before a run begins, on one or two items: it reports what would fail in the first or the last step."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from lightning.pytorch import Trainer
from lightning.pytorch.plugins import Precision
from lightning.pytorch.strategies import DDPStrategy, SingleDeviceStrategy
from torch import Tensor

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.runtime.torch_errors import RunError, reason, watched
from archspec.training.data import Data
from archspec.training.data.dataset import Fault
from archspec.training.data.settings import located
from archspec.training.data.sources import Split
from archspec.training.recipe.loss_terms import output_names
from archspec.training.recipe.phases import Phase
from archspec.training.recipe.recipe import Recipe
from archspec.training.run.loss_module import Judged, total
from archspec.training.run.network import Model
from archspec.training.run.optimizers import set_training
from archspec.training.run.step_errors import step_fault, trainer_span

_OVER_ONE = re.compile(r"Expected more than 1 (value per channel|spatial element) when training")


def try_step(recipe: Recipe, model: Model, data: Data, trainer: Trainer) -> frozenset[str]:
    """The parameters that train, and that no loss depends on; a copy of the network takes the step.

    Raises `SpecError` where the network, a loss or the gradient fails on what training will give them.
    """
    trial = _Trial(recipe, model, data, trainer)
    idle: set[str] = set()
    tried = set()
    with torch.random.fork_rng(devices=[trial.device] if trial.device.type == "cuda" else []):
        for phase in recipe.phases:
            set_training(trial.network, phase, model.frozen)
            modes = tuple(each.training for each in trial.network.modules())
            free = tuple(each.requires_grad for each in trial.network.parameters())
            if (modes, free) not in tried:
                tried.add((modes, free))
                idle |= trial.in_training(phase)
        if not data.aim.detects and len(data.parts.get("validation", ())):
            trial.in_evaluation()
    return frozenset(idle)


def idle_parts(recipe: Recipe, model: Model, idle: frozenset[str]) -> Iterator[Diagnostic]:
    """A warning where parts of a network train, and no loss depends on them."""
    graph = model.architecture.graph
    names = output_names(graph)
    taken = {term.output or names[0] for term in recipe.terms}
    results = zip(names, graph.root.results)
    in_training = {name for name, each in results if name not in taken and graph.root.children[each.ref.child].training}
    free = [name for name in names if name not in taken | in_training]
    if not idle or (in_training and not free):  # of outputs for training alone it was told
        return
    parts = sorted({name.rpartition(".")[0] for name in idle})
    told = ", ".join(f"`{part}`" for part in parts[:5]) + (", …" if len(parts) > 5 else "")
    help_ = f"give it a weight: `loss_weights: {{{names[0]}: 1, {free[0]}: 0.3}}`" if free else None
    span = recipe.terms[0].span if recipe.terms else None
    yield Diagnostic(
        "idle-output", f"no loss depends on {told}, which stays as it is", span, help=help_, severity="warning"
    )


class _Trial:
    """Steps on few items, as the Trainer would take them: on its device, and where `precise` in its precision."""

    def __init__(self, recipe: Recipe, model: Model, data: Data, trainer: Trainer, precise: bool = True) -> None:
        self._recipe, self._model, self._data, self._trainer = recipe, model, data, trainer
        self._graph = model.architecture.graph
        self._least = data.least_share(trainer.world_size, trainer.limit_train_batches)
        simple = isinstance(trainer.strategy, (SingleDeviceStrategy, DDPStrategy))
        self.device = trainer.strategy.root_device if simple else torch.device("cpu")
        self._precision: Any = trainer.precision_plugin if simple and precise else Precision()
        self.network = copy.deepcopy(model.module)
        judged = Judged(self.network, self._graph, recipe.terms, data.class_weights)
        self._judged: Any = self._precision.convert_module(judged.to(self.device))

    def in_training(self, phase: Phase) -> set[str]:
        """The parameters that get no gradient."""
        items = 1 if self._data.aim.detects else min(2, self._least)
        self._tried(lambda trial: trial.step(phase, items), items)
        got = self.network.named_parameters()
        idle = {name for name, each in got if each.requires_grad and each.grad is None}
        self.network.zero_grad(set_to_none=True)
        return idle

    def in_evaluation(self) -> None:
        """A forward and the losses, as validation takes them."""
        with torch.no_grad():
            self._tried(lambda trial: trial.loss("validation", 1), 1)

    def step(self, phase: Phase, items: int) -> None:
        """Forward, losses and backward in a phase."""
        set_training(self.network, phase, self._model.frozen)
        loss = self.loss("train", items)
        if loss is None or not loss.requires_grad:
            message = f"no loss depends on what trains in phase `{phase.name}`"
            named = phase.freeze or phase.train
            raise SpecError([Diagnostic("nothing-trains", message, named[0][1] if named else phase.optimizer.span)])
        with watched(self.network):
            torch.autograd.backward(loss)

    def loss(self, split: Split, items: int) -> Tensor | None:
        """The sum of the losses of a part's first items; in training in the phase's modes, else in evaluation."""
        if split != "train":
            self.network.eval()
        self._judged.training = split == "train"  # classes weigh in training; the network's modes are the phase's
        inputs, targets = self._precision.convert_input(_moved(self._batch(split, items), self.device))
        with self._precision.forward_context():
            with watched(self.network):
                outputs = self._judged.named_outputs(inputs)
            return self._losses(outputs, targets, inputs)

    def _losses(self, outputs: Any, targets: Any, inputs: Any) -> Tensor | None:
        if any(term.call is None for term in self._recipe.terms) or not self._recipe.terms:
            return total(self._judged.losses(outputs, targets, inputs))
        return total({str(number): each for number, each in enumerate(self._each_loss(outputs, targets, inputs))})

    def _each_loss(self, outputs: Any, targets: Any, inputs: Any) -> Iterator[Tensor]:
        for term in self._recipe.terms:
            try:
                yield from self._judged.losses(outputs, targets, inputs, (term,)).values()
            except Exception as error:  # torch's losses refuse in their own ways
                message = (
                    f"`{term.call.name if term.call else term.output}` cannot be taken of these outputs and targets"
                )
                raise RunError(error, at=Diagnostic("step", message, term.span, found=reason(error))) from error

    def _batch(self, split: Split, items: int) -> Any:
        batch = self._data.few(split, items)
        if isinstance(batch, Fault):
            raise SpecError([located(batch.diagnostic, self._data.settings, split)])
        return batch

    def _tried(self, act: Callable[[_Trial], object], items: int) -> None:
        """Do it; what fails is told: over one item alone, in this precision alone, or in any case."""
        try:
            act(self)
        except RunError as failed:
            told = self._over_one(failed, items) or self._in_precision(failed, act) or failed.at
            fault = told or step_fault(failed.error, self._recipe, self._graph, failed.address)
            raise SpecError([fault]) from failed.error

    def _over_one(self, failed: RunError, items: int) -> Diagnostic | None:
        if items > 1 or not _OVER_ONE.search(str(failed)) or not _works(lambda: self.loss("train", 2)):
            return None
        settings, world = self._data.settings, self._trainer.world_size
        last = settings.batch_size > world
        which = f"{'the last' if last else 'each'} batch has one item{' for a process' if world > 1 else ''}"
        message = f"`{failed.address}` takes the mean over a batch, and {which}"
        help_ = f"set `batch_size` to {2 * world} or more"
        if last:
            help_ = f"`drop_last: true` leaves it out; or take a `batch_size` other than {settings.batch_size}"
        at = settings.at("drop_last", "batch_size") if last else settings.at("batch_size")
        return Diagnostic("data-batch", message, at, node=failed.address, help=help_)

    def _in_precision(self, failed: RunError, act: Callable[[_Trial], object]) -> Diagnostic | None:
        name = self._precision.precision
        if name == Precision.precision or not _works(lambda: act(_Trial(*self._given, precise=False))):
            return None
        what = f"`{failed.address}`" if failed.address else "the step"
        node = self._graph.nodes.get(failed.address) if failed.address else None
        spans = (trainer_span(self._recipe, "precision"), *(each.span for each in (node, failed.at) if each))
        span = next(filter(None, spans), None)
        message = f"{what} cannot be computed in the precision `{name}`"
        help_ = "leave `precision` out, or take another, such as `bf16-mixed`"
        return Diagnostic("precision", message, span, node=failed.address, found=reason(failed.error), help=help_)

    @property
    def _given(self) -> tuple[Recipe, Model, Data, Trainer]:
        return self._recipe, self._model, self._data, self._trainer


def _works(act: Callable[[], object]) -> bool:
    try:
        act()
    except (RunError, SpecError):
        return False
    return True


def _moved(value: Any, device: torch.device) -> Any:
    if isinstance(value, dict):
        return {key: _moved(each, device) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_moved(each, device) for each in value)
    return value.to(device) if isinstance(value, Tensor) else value
