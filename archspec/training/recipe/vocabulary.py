"""The names that a recipe may call: torch's and Lightning's own, in snake_case, found by looking.

Nothing is listed by hand but what needs more than a page of YAML can say.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import ModuleType
from typing import Any

from archspec.language import identifiers
from archspec.training.recipe.calls import Callee, vocabulary
from archspec.training.recipe.signature_index import Kind


def snake(name: str) -> str:
    """A class's name as the language writes it.

    >>> snake("CosineAnnealingLR"), snake("ReduceLROnPlateau"), snake("RandomIoUCrop")
    ('cosine_annealing_lr', 'reduce_lr_on_plateau', 'random_iou_crop')
    """
    return identifiers.snake(name.replace("IoU", "Iou"))


@cache
def optimizers() -> Mapping[str, Callee]:
    """torch.optim's classes, called as its modules are: `adamw` for `AdamW`."""
    return vocabulary(OPTIMIZERS.functions(), {"params"}, exact=True)


def _optimizers() -> dict[str, Callable[..., Any]]:
    from torch import optim

    return {name.lower(): made for name, made in _classes(optim, optim.Optimizer) if name not in _OTHER_OPTIMIZERS}


OPTIMIZERS = Kind("optimizers", "torch.optim", _optimizers)

_OTHER_OPTIMIZERS = ("LBFGS", "SparseAdam")
"""One needs a closure that is called again, the other sparse gradients."""


@cache
def schedules() -> Mapping[str, Callee]:
    """torch.optim.lr_scheduler's classes."""
    known = {"T_max", "total_steps"}
    return vocabulary(SCHEDULES.functions(), {"optimizer", "last_epoch"}, known=known, exact=True)


def _schedules() -> dict[str, Callable[..., Any]]:
    from torch.optim import lr_scheduler

    every = _classes(lr_scheduler, lr_scheduler.LRScheduler)
    return {snake(name): made for name, made in every if name not in _OTHER_SCHEDULES}


SCHEDULES = Kind("schedules", "torch.optim.lr_scheduler", _schedules)

_OTHER_SCHEDULES = ("LambdaLR", "MultiplicativeLR", "SequentialLR", "ChainedScheduler")
"""Two need a function; a recipe writes a sequence as a list."""


@cache
def callbacks() -> Mapping[str, Callee]:
    """Lightning's callbacks, but for those that a run sets up itself."""
    return vocabulary(CALLBACKS.functions(), annotated=True)


def _callbacks() -> dict[str, Callable[..., Any]]:
    from lightning.pytorch import callbacks as module

    every = ((snake(name), made) for name, made in _classes(module, module.Callback) if name not in _OTHER_CALLBACKS)
    return {name: made for name, made in every if name not in REFUSED_CALLBACKS}


CALLBACKS = Kind("callbacks", "lightning.pytorch.callbacks", _callbacks, annotated=True)

_OTHER_CALLBACKS = (
    "Callback",
    "Checkpoint",
    "ModelCheckpoint",
    "OnExceptionCheckpoint",
    "LambdaCallback",
    "BaseFinetuning",
    "BackboneFinetuning",
    "BasePredictionWriter",
    "ProgressBar",
    "TQDMProgressBar",
    "RichProgressBar",
    "RichModelSummary",
    "ModelSummary",
    "WeightAveraging",
    "BatchSizeFinder",
    "LearningRateFinder",
    "DeviceStatsMonitor",
    "LearningRateMonitor",
    "ThroughputMonitor",
)
"""Bases, those that need a function, what the recipe and the command line say in their own words, those that fit on
their own before the run, and those that speak to a logger: a run has none."""

REFUSED_CALLBACKS = {
    "stochastic_weight_averaging": "it averages after the last measurement, so that no epoch's weights are those that "
    "are kept; `ema_weight_averaging` measures and keeps the mean",
    "model_pruning": "it changes the weights between their measurement and their checkpoint",
    "spike_detection": "it ends a run within an epoch; a loss that is not finite ends it anyway, and is located",
}
"""Callbacks whose weights would not be those that were measured, or that break off a run, and why."""


@cache
def trainer() -> Callee:
    """Lightning's Trainer, with the keywords that a recipe may give it."""
    return Callee(TRAINER.functions()["trainer"], _OWN_TRAINER_KEYWORDS, annotated=True)


def _trainer() -> dict[str, Callable[..., Any]]:
    from lightning.pytorch import Trainer

    return {"trainer": Trainer}


TRAINER = Kind("trainer", "lightning.pytorch", _trainer, annotated=True)

_OWN_TRAINER_KEYWORDS = frozenset(
    {
        "barebones",
        "callbacks",
        "default_root_dir",
        "enable_checkpointing",
        "enable_model_summary",
        "enable_progress_bar",
        "fast_dev_run",
        "logger",
        "max_epochs",
        "max_steps",
        "min_epochs",
        "min_steps",
        "model_registry",
        "num_sanity_val_steps",
        "plugins",
        "reload_dataloaders_every_n_epochs",
        "use_distributed_sampler",
    }
)
"""What the run decides: it knows the epochs, the folder and the data."""


def _classes(module: ModuleType, base: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, value in sorted(vars(module).items()):
        is_class = inspect.isclass(value) and issubclass(value, base) and not inspect.isabstract(value)
        if is_class and value is not base and not name.startswith("_"):
            yield name, value
