"""A recipe's phases run by Lightning's Trainer, each in a fit of its own, from where a checkpoint stopped."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.profilers import PassThroughProfiler
from lightning.pytorch.strategies import DDPStrategy

from archspec.api.run_folder import Run
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.data import Data
from archspec.training.recipe.recipe import Recipe
from archspec.training.run.checkpoints import WholeFiles, checkpoint_callbacks
from archspec.training.run.learner import Learner
from archspec.training.run.run_state import not_of_this_run, open_checkpoint
from archspec.training.run.step_errors import module_of, told_of_steps, trainer_span

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
    recipe: Recipe,
    learner: Learner,
    data: Data,
    run: Run,
    machine: Mapping[str, Any],
    callbacks: list[Callback],
    goes_on: bool = False,
) -> None:
    """Train through all phases, or those that are left after the run's last checkpoint, if it has one.

    Where a phase was ended early, and the run `goes_on` all the same, that phase is gone on with.
    """
    shared = [*callbacks, *checkpoint_callbacks(recipe, run)]
    place = _restored(recipe, learner, run, shared, goes_on) if run.last.exists() else Place()
    for number in range(place.phase, len(recipe.phases)):
        learner.begin(number, place.epochs)
        trainer = make_trainer(recipe, run, machine, place.epochs + recipe.phases[number].epochs, shared)
        _count_from(trainer, place)
        _allow_idle(trainer, learner)
        with quiet(), told_of_steps(recipe), told_as_ours(recipe), told_of_restoring(run):
            trainer.fit(learner, datamodule=data, ckpt_path=str(run.last) if place.within else None)
        learner.close()
        place = Place(number + 1, trainer.current_epoch, trainer.global_step)
    if not run.last.exists():
        help_ = "`limit_train_batches` and what else says how much is trained may leave nothing to do"
        raise SpecError([Diagnostic("trainer", "no step was trained", trainer_span(recipe), help=help_)])


@dataclass(frozen=True)
class Place:
    """Where a run stands: the phase that comes next, what came before it, and whether it is `within` the phase."""

    phase: int = 0
    epochs: int = 0
    steps: int = 0
    within: bool = False


def _restored(recipe: Recipe, learner: Learner, run: Run, shared: list[Callback], goes_on: bool) -> Place:
    """The place of the last checkpoint; Lightning restores what continues within a phase; the rest is done here.

    A phase that is over is not fitted again: what its end has done to the weights is in the checkpoint already.
    """
    checkpoint, state = open_checkpoint(run.last, recipe, learner)
    if state.done < state.begun + recipe.phases[state.phase].epochs and (goes_on or not state.ended):
        return Place(state.phase, state.begun, within=True)
    learner.load_state_dict(checkpoint["state_dict"])
    learner.recall(state)
    for callback in shared:
        if own := checkpoint["callbacks"].get(callback.state_key):
            callback.load_state_dict(own)
    return Place(state.phase + 1, state.done, checkpoint["global_step"])


def _count_from(trainer: Trainer, place: Place) -> None:
    """Number epochs and steps through all phases: a checkpoint is skipped where the steps are those of the last one."""
    epochs: Any = trainer.fit_loop.epoch_progress.current
    epochs.ready = epochs.started = epochs.processed = epochs.completed = place.epochs
    steps: Any = trainer.fit_loop.epoch_loop.automatic_optimization.optim_progress.optimizer.step.total
    steps.ready = steps.completed = place.steps


def _allow_idle(trainer: Trainer, learner: Learner) -> None:
    """Have DDP look for parameters without a gradient where there are some; else it waits for them in vain."""
    if learner.has_idle and isinstance(trainer.strategy, DDPStrategy):
        trainer.strategy._ddp_kwargs.setdefault("find_unused_parameters", True)


def _check_synchronised(recipe: Recipe, trainer: Trainer) -> None:
    """Batch norm over all processes is torch's, which has it for GPUs alone."""
    if recipe.trainer.get("sync_batchnorm") and trainer.world_size > 1 and trainer.strategy.root_device.type == "cpu":
        message = "batch norm can be synchronised between GPUs only"
        help_ = "leave `sync_batchnorm` out: each process then takes the statistics of its own share"
        raise SpecError([Diagnostic("trainer", message, trainer_span(recipe, "sync_batchnorm"), help=help_)])


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
    with quiet(), told_as_ours(recipe, always=True):
        trainer = Trainer(**{"devices": 1, "profiler": Unmeasured(), **recipe.trainer, **machine, **own})
    _check_synchronised(recipe, trainer)
    return trainer


@contextmanager
def told_as_ours(recipe: Recipe, always: bool = False) -> Iterator[None]:
    """What Lightning refuses, or `always` whatever it fails at, becomes a message at its place in the recipe."""
    try:
        yield
    except SpecError:
        raise
    except SystemExit as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # of which Lightning makes a mere failure
            raise KeyboardInterrupt from None
        raise
    except Exception as error:
        refuses = isinstance(error, (MisconfigurationException, ModuleNotFoundError)) or _is_lightnings(error)
        if not refuses and not always:
            raise
        reason = " ".join(str(error).split()) or type(error).__name__
        message = "Lightning cannot train like this"
        raise SpecError([Diagnostic("trainer", message, trainer_span(recipe, reason), found=reason)]) from error


@contextmanager
def told_of_restoring(run: Run) -> Iterator[None]:
    """What Lightning or torch cannot restore of a checkpoint is no fault of the recipe."""
    try:
        yield
    except SpecError:
        raise
    except Exception as error:
        if not any(module_of(frame).endswith(".checkpoint_connector") for frame, _ in walk_tb(error.__traceback__)):
            raise
        raise not_of_this_run(run.last, "its optimizer, loops or callbacks cannot be restored") from error


def _is_lightnings(error: Exception) -> bool:
    """Whether Lightning itself raised an error over a value: it checks many only when it trains."""
    if not isinstance(error, (ValueError, TypeError, ArithmeticError)):
        return False
    *_, (frame, _) = walk_tb(error.__traceback__)
    return module_of(frame).startswith("lightning.")


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


class Unmeasured(PassThroughProfiler):
    """No profile: Lightning opens one around every hook, sixty times a step."""

    _nothing = nullcontext()

    def profile(self, action_name: str) -> Any:
        """A context that does nothing, made once."""
        return self._nothing
