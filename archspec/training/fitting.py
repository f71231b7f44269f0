"""A recipe's phases run by Lightning's Trainer, each in a fit of its own, from where a checkpoint stopped."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.runs import Run
from archspec.training.checkpoints import WholeFiles, checkpoint_callbacks, read_checkpoint
from archspec.training.data import Data
from archspec.training.learner import STATE, Learner
from archspec.training.recipe import Recipe

NOT_OURS = (
    "Checkpoint directory .* exists and is not empty",
    "The '.*_dataloader' does not have many workers",
    "Found .* module.* in eval mode at the start of training",
    "Trying to infer the `batch_size`",
    "It is recommended to use `self.log\\(.*sync_dist=True",
    "The number of training batches .* is smaller than the logging interval",
    "You are using a CUDA device .* that has Tensor Cores",
    ".isinstance\\(treespec, LeafSpec\\). is deprecated",
)
"""What Lightning warns of, and is meant to be so."""


def fit(
    recipe: Recipe, learner: Learner, data: Data, run: Run, machine: Mapping[str, Any], callbacks: list[Callback]
) -> None:
    """Train through all phases, or those that are left after the run's last checkpoint, if it has one."""
    state = read_checkpoint(run.last)[STATE] if run.last.exists() else None
    shared = [*callbacks, *checkpoint_callbacks(recipe, run)]
    done = 0
    for number, phase in enumerate(recipe.phases):
        begun = done
        done += phase.epochs
        if state and number < state["phase"]:
            continue
        learner.begin(number)
        trainer = make_trainer(recipe, run, machine, done, shared)
        epochs: Any = trainer.fit_loop.epoch_progress.current
        epochs.ready = epochs.started = epochs.processed = epochs.completed = begun
        resumed = state is not None and number == state["phase"]
        with quiet(), told_as_ours():
            trainer.fit(learner, datamodule=data, ckpt_path=str(run.last) if resumed else None)


def make_trainer(
    recipe: Recipe, run: Run, machine: Mapping[str, Any], epochs: int, callbacks: list[Callback]
) -> Trainer:
    """The Trainer up to a number of epochs, with the recipe's own keywords and those of this machine."""
    own = {
        "max_epochs": epochs,
        "callbacks": [*callbacks, *(call() for call in recipe.callbacks)],
        "default_root_dir": run.folder,
        "plugins": [WholeFiles(run.last.parent)],
        "logger": False,
        "enable_model_summary": False,
        "num_sanity_val_steps": 0,
        "use_distributed_sampler": False,
    }
    with quiet(), told_as_ours():
        return Trainer(**{"devices": 1, **recipe.trainer, **machine, **own})


@contextmanager
def told_as_ours() -> Iterator[None]:
    """What Lightning refuses becomes a message."""
    try:
        yield
    except (MisconfigurationException, ModuleNotFoundError) as error:
        reason = " ".join(str(error).split())
        raise SpecError([Diagnostic("trainer", "Lightning cannot train like this", found=reason)]) from error
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # of which Lightning makes a mere failure
            raise KeyboardInterrupt from None
        raise


@contextmanager
def quiet() -> Iterator[None]:
    """Without Lightning's notes on what is so on purpose."""
    logger = logging.getLogger("lightning.pytorch")
    level = logger.level
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            for message in NOT_OURS:
                warnings.filterwarnings("ignore", message)
            yield
    finally:
        logger.setLevel(level)
