"""Ctrl-C and a polite kill: the step that runs is finished, a checkpoint is written, and then it stops."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from lightning.pytorch import Callback, LightningModule, Trainer

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Stopped(Exception):  # noqa: N818 - it is no error
    """The run was asked to stop, and its checkpoint is written."""


class StopWhenAsked(Callback):
    """Finishes the step, writes `checkpoint` and raises `Stopped`; asked a second time, the process stops at once.

    After an epoch's last step the epoch is ended too, which writes the checkpoint: one from before that would lack what
    was measured in the epoch. The processes of one run stop at the same step. `told` hears that the wish was
    understood.
    """

    def __init__(self, checkpoint: Path, told: Callable[[], None] = lambda: None) -> None:
        self._checkpoint, self._told = checkpoint, told
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopWhenAsked:
        self._before = {number: signal.signal(number, self._ask) for number in SIGNALS}
        return self

    def __exit__(self, *raised: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        for each, handler in self._before.items():
            signal.signal(each, handler)
        self._told()

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        # Lightning puts a handler of its own around ours, which ends the run in its own way.
        if not self._asked:
            for number in self._before:
                signal.signal(number, self._ask)

    def on_train_batch_end(self, trainer: Trainer, pl_module: LightningModule, *batch: Any) -> None:
        if not trainer.is_last_batch and self._is_asked(trainer):
            trainer.save_checkpoint(self._checkpoint)
            raise Stopped

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._stop_between(trainer)

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._stop_between(trainer)

    def _stop_between(self, trainer: Trainer) -> None:
        """Stop where the end of an epoch has written the checkpoint."""
        if self._is_asked(trainer):
            raise Stopped

    def _is_asked(self, trainer: Trainer) -> bool:
        if trainer.world_size == 1:
            return self._asked
        return trainer.strategy.reduce_boolean_decision(self._asked, all=False)
