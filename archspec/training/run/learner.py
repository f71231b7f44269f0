"""The network and its losses as Lightning trains them."""

from __future__ import annotations

import inspect
import time
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from archspec.training.metrics import Aim, Measures
from archspec.training.recipe.phases import Phase
from archspec.training.recipe.recipe import Recipe
from archspec.training.recipe.schedule import make_schedule
from archspec.training.run.divergence import check_finite, check_weights
from archspec.training.run.early_stopping import begin_patience_anew, ended_early
from archspec.training.run.loss_module import Judged, total
from archspec.training.run.metrics_log import History
from archspec.training.run.network import Model
from archspec.training.run.optimizers import make_optimizer, set_training
from archspec.training.run.run_state import STATE, State, state_of


class Learner(Judged):
    """A network in training, one phase at a time; all chance in it follows from the seed, the epoch and the batch.

    `aim` is what the data asks of the network. `history` takes a row for each epoch.
    """

    def __init__(
        self,
        recipe: Recipe,
        model: Model,
        aim: Aim,
        history: History,
        class_weights: Sequence[float] | None = None,
    ) -> None:
        super().__init__(model.module, model.architecture.graph, recipe.terms, class_weights)
        self.train_measures, self.val_measures = Measures("train", aim), Measures("val", aim)
        self._recipe, self._frozen, self._history = recipe, model.frozen, history
        self._began = self._learning_rate = 0.0
        self._validated: tuple[int, Mapping[str, Tensor]] = (0, {})
        self.measured: Mapping[str, Tensor] = {}
        """What was measured of the weights at the end of the epoch; an earlier validation's numbers are of others."""
        self.has_idle = False
        """Whether parameters train that no loss depends on."""
        self.begin(0, 0)

    def begin(self, phase: int, epochs: int) -> None:
        """Go over to a phase of the recipe, after so many epochs of the run."""
        self._number, self._begun = phase, epochs
        self._planned = self.phase.epochs
        set_training(self.network, self.phase, self._frozen)

    def close(self) -> None:
        """Take down how the phase ended, where that was early."""
        if ended := ended_early(self.trainer, self.phase.name):
            self._history.end(ended)

    @property
    def phase(self) -> Phase:
        return self._recipe.phases[self._number]

    def configure_optimizers(self) -> Any:
        optimizer = make_optimizer(self.network, self.phase)
        if not self.phase.schedule:
            return optimizer
        epochs = self.phase.epochs
        return [optimizer], [make_schedule(self.phase.schedule, optimizer, epochs, self._steps_an_epoch() * epochs)]

    def _steps_an_epoch(self) -> int:
        # Lightning's own count opens the data before a checkpoint says at which batch to go on, and then it never does.
        trainer: Any = self.trainer
        batches, limit = len(trainer.datamodule.train_dataloader()), trainer.limit_train_batches
        batches = int(batches * limit) if isinstance(limit, float) else min(batches, limit)
        return max(1, -(-batches // int(trainer.accumulate_grad_batches)))

    def on_train_epoch_start(self) -> None:
        self._began = time.monotonic()
        self._learning_rate = float(self.trainer.optimizers[0].param_groups[0]["lr"])

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        seed = self._recipe.section.seed
        for number in (self.current_epoch, batch_idx, self.global_rank):
            seed = (seed * 1_000_003 + number + 1) % 2**63
        # torch.manual_seed looks for devices of every kind, which takes as long as a small network's forward.
        torch.default_generator.manual_seed(seed)
        if self.device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def training_step(self, batch: Any, batch_idx: int) -> Tensor:
        inputs, targets = batch
        outputs = self.named_outputs(inputs)
        losses = self.losses(outputs, targets, inputs)
        loss = total(losses)
        assert loss is not None, "an output for training has a loss"
        check_finite(self, loss, losses, inputs)
        self.train_measures.update(self.main(outputs), targets, loss)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        inputs, targets = batch
        outputs = self.named_outputs(inputs)
        self.val_measures.update(self.main(outputs), targets, total(self.losses(outputs, targets, inputs)))

    def on_validation_epoch_end(self) -> None:
        self.log_dict(measured := self.val_measures.taken())
        self._validated = self.trainer.global_step, measured

    def on_train_epoch_end(self) -> None:
        self.log_dict(measured := self.train_measures.taken())
        step, validated = self._validated
        self.measured = {**measured, **(validated if step == self.trainer.global_step else {})}
        row: dict[str, float | int | str] = {
            "epoch": self.current_epoch + 1,
            "phase": self.phase.name,
            "learning_rate": self._learning_rate,
            **{name: float(value) for name, value in self.measured.items()},
            "seconds": round(time.monotonic() - self._began, 3),
        }
        if self.trainer.is_global_zero:
            self._history.add(row)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        check_weights(self)
        epochs: Any = self.trainer.fit_loop.epoch_progress.current
        is_whole = epochs.processed > epochs.completed  # an epoch is completed after its checkpoint is written
        ended = ended_early(self.trainer, self.phase.name) if is_whole else None
        checkpoint[STATE] = State(
            phase=self._number,
            begun=self._begun,
            done=epochs.processed,
            planned=self.phase.epochs,
            ended=ended is not None,
            ends=[*self._history.ends, *([ended] if ended else [])],
            history=self._history.rows,
            learning_rate=self._learning_rate,
            seconds=time.monotonic() - self._began,
        ).plain()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        self.recall(state := state_of(checkpoint))
        # Lightning does not begin an epoch again that it goes on with.
        self._began, self._learning_rate = time.monotonic() - state.seconds, state.learning_rate
        self._planned = state.planned
        if state.ended:
            self._history.ends.pop()
            begin_patience_anew(checkpoint["callbacks"])

    def recall(self, state: State) -> None:
        """Take the epochs so far from a checkpoint."""
        self._history.rows[:], self._history.ends[:] = state.history, state.ends

    def on_train_start(self) -> None:
        if self._planned != self.phase.epochs and self.phase.schedule:
            self._lay_out_anew()

    def _lay_out_anew(self) -> None:
        """Put the schedule where it would be now, had the phase been this long from its beginning.

        One that follows a metric does not know how long the phase is.
        """
        (config,), (optimizer,) = self.trainer.lr_scheduler_configs, self.trainer.optimizers
        if config.reduce_on_plateau:
            return
        steps = config.scheduler.last_epoch
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        epochs = self.phase.epochs
        made = make_schedule(self.phase.schedule, optimizer, epochs, self._steps_an_epoch() * epochs)["scheduler"]
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Detected call of `lr_scheduler.step")  # the steps were taken before
            for _ in range(steps):
                made.step()
        config.scheduler = made


# Lightning asks for the signature at each step, which takes as long as a small layer.
Learner.training_step.__signature__ = inspect.signature(Learner.training_step)  # type: ignore[attr-defined]
