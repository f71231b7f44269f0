"""Checkpoints: when they are written, and that they are never half written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import LightningModule, Trainer
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.plugins.io import TorchCheckpointIO
from torch import Tensor

from archspec.api.run_folder import Run
from archspec.files.atomic import whole_file, write_whole
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.runtime.weights_file import what_it_is
from archspec.training.recipe.recipe import Recipe


class WholeFiles(TorchCheckpointIO):
    """Checkpoints that appear whole or not at all, on the disk that they belong on, and are read as plain data.

    Lightning's own are written to the system's temporary folder and moved, which another disk makes a copy. Messages
    name the folder as it was given.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        with whole_file(self._folder / Path(path).name) as file:
            save(checkpoint, file)

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = True) -> dict[str, Any]:
        return read_checkpoint(Path(path))


def save(content: Any, file: Any) -> None:
    """torch.save, but a disk that is full says so: torch itself reports where it was in its file."""
    try:
        torch.save(content, file)
    except RuntimeError as error:
        if isinstance(error.__context__, OSError):
            raise error.__context__ from None
        raise


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A checkpoint's content, on the CPU; nothing in the file is executed.

    Raises `SpecError` where it is cut off or no checkpoint, and `OSError` where it does not exist.
    """
    with path.open("rb") as file:
        try:
            content = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises many kinds for a file that is not its own
            what, _ = what_it_is(path, error)
            help_ = "remove it, and the run starts from the beginning"
            raise SpecError(
                [Diagnostic("run-unreadable", f"`{path}` is not a checkpoint: {what}", help=help_)]
            ) from None
    if not isinstance(content, dict):
        raise SpecError([Diagnostic("run-unreadable", f"`{path}` is not a checkpoint")])
    return content


class Movable(ModelCheckpoint):
    """A checkpoint that knows its score when its run's folder was moved; Lightning's own forgets it then.

    None is written at an epoch's last step: that at the epoch's end follows, with what was measured in the epoch. The
    best epoch is chosen among those whose weights were measured as they were at their end.
    """

    def on_train_batch_end(self, trainer: Trainer, *rest: Any) -> None:
        if (self._every_n_train_steps or self._train_time_interval) and not trainer.is_last_batch:
            super().on_train_batch_end(trainer, *rest)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        measured: Any = pl_module.measured
        if self.monitor is None or self.monitor in measured:
            super().on_train_epoch_end(trainer, pl_module)

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        here = {name: self._here(path) for name, path in state_dict.items() if name.endswith("_path")}
        scores = {self._here(path): score for path, score in state_dict["best_k_models"].items()}
        super().load_state_dict({**state_dict, **here, "best_k_models": scores, "dirpath": self.dirpath})

    def _here(self, path: str) -> str:
        return str(Path(self.dirpath or "", Path(path).name)) if path else path


def checkpoint_callbacks(recipe: Recipe, run: Run) -> list[Movable]:
    """The last state at each epoch's end and at times between, and the best one where a metric says which is."""
    section, folder = recipe.checkpoint, run.last.parent
    shared: dict[str, Any] = {"dirpath": folder, "enable_version_counter": False, "save_on_train_epoch_end": True}
    made = [Movable(filename=run.last.stem, every_n_epochs=1, **shared)]
    if section.steps is not None:
        made.append(Movable(filename=run.last.stem, every_n_train_steps=section.steps, **shared))
    if section.minutes is not None:
        interval = timedelta(minutes=section.minutes)
        made.append(Movable(filename=run.last.stem, train_time_interval=interval, **shared))
    if recipe.section.keep != "last":
        mode = "min" if "loss" in recipe.section.keep else "max"
        made.append(Movable(filename=run.best.stem, monitor=recipe.section.keep, mode=mode, every_n_epochs=1, **shared))
    return made


def kept_weights(recipe: Recipe, run: Run) -> dict[str, Tensor]:
    """The network's weights that a run comes to: the last ones, or the best ones where the recipe keeps these."""
    checkpoint = run.last if recipe.section.keep == "last" else run.best
    state = read_checkpoint(checkpoint)["state_dict"]
    return {name.removeprefix(_NETWORK): tensor for name, tensor in state.items() if name.startswith(_NETWORK)}


_NETWORK = "network."


def write_weights(weights: Mapping[str, Tensor], path: Path) -> None:
    """Write weights to a file that holds nothing else and runs no code."""
    from safetensors.torch import save as as_bytes

    write_whole(path, as_bytes({name: tensor.clone().contiguous() for name, tensor in weights.items()}))
