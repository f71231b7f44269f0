"""A phase that ends before its last epoch: where that was, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lightning.pytorch import Callback, Trainer
from lightning.pytorch.callbacks import EarlyStopping, Timer
from lightning.pytorch.callbacks.early_stopping import EarlyStoppingReason

from archspec.language.plural import plural


@dataclass(frozen=True)
class Ended:
    """The end of a phase after `epoch` of the run, of `planned` up to the phase's own end."""

    phase: str
    epoch: int
    planned: int
    reason: str

    def __str__(self) -> str:
        return f"phase `{self.phase}` ended after epoch {self.epoch} of {self.planned}: {self.reason}"


def ended_early(trainer: Trainer, phase: str) -> Ended | None:
    """Why training stops at the end of this epoch, where a callback asked for it before the phase's last one."""
    epochs: Any = trainer.fit_loop.epoch_progress.current
    done, planned = epochs.processed, trainer.max_epochs or 0
    if not trainer.should_stop or done >= planned:
        return None
    reasons = filter(None, map(_reason, trainer.callbacks))  # type: ignore[attr-defined]
    return Ended(phase, done, planned, next(reasons, "a callback stopped it"))


def begin_patience_anew(callbacks: dict[str, Any]) -> None:
    """Let a phase that its callbacks ended be resumed: in their saved states they start counting again."""
    for state in callbacks.values():
        if "wait_count" in state:
            state["wait_count"] = 0


def _reason(callback: Callback) -> str | None:
    if isinstance(callback, Timer):
        is_up = (callback.time_remaining() or 0) <= 0
        return f"its time limit was reached after {callback.time_elapsed():.0f} s" if is_up else None
    if not isinstance(callback, EarlyStopping) or callback.stopping_reason == EarlyStoppingReason.NOT_STOPPED:
        return None
    best = f"{float(callback.best_score):.4g}"
    said = {
        EarlyStoppingReason.PATIENCE_EXHAUSTED: f"has not been better than {best} for "
        f"{plural(callback.wait_count, 'measurement')}",
        EarlyStoppingReason.NON_FINITE_METRIC: "is not finite",
        EarlyStoppingReason.STOPPING_THRESHOLD: f"reached {callback.stopping_threshold}",
        EarlyStoppingReason.DIVERGENCE_THRESHOLD: f"is worse than {callback.divergence_threshold}",
    }
    return f"`{callback.monitor}` {said[callback.stopping_reason]}"
