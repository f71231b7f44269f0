"""What a checkpoint says of the run beside Lightning's own: read back, it is held against the run before it is used."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.recipe.recipe import Recipe
from archspec.training.run.checkpoints import read_checkpoint
from archspec.training.run.early_stopping import Ended

if TYPE_CHECKING:
    from torch import Tensor, nn

STATE = "archspec"
"""The key of a checkpoint under which a run keeps what is its own."""
_LIGHTNINGS = ("loops", "optimizer_states", "lr_schedulers")
"""What Lightning would go on without, from another place."""
_Count = Annotated[int, Meta(ge=0)]


class State(Struct):
    """Where a run stands.

    `begun` epochs came before the phase, `done` are whole, the phase's own among them, and `planned` the phase was to
    have; `ended` says that a callback ended it. `ends` are the phases that ended early, `history` the epochs' rows.
    """

    phase: _Count
    begun: _Count
    done: _Count
    planned: _Count
    ended: bool
    ends: list[Ended]
    history: list[dict[str, float | int | str]]
    learning_rate: float
    seconds: float

    def plain(self) -> Any:
        """The same as values that are read back without a class."""
        return msgspec.to_builtins(self)


def state_of(checkpoint: Mapping[str, Any]) -> State:
    """The state in a checkpoint; raises `msgspec.ValidationError` where it has none."""
    return msgspec.convert(checkpoint.get(STATE), State)


def open_checkpoint(path: Path, recipe: Recipe, module: nn.Module) -> tuple[dict[str, Any], State]:
    """A run's checkpoint and its state; raises `SpecError` where it is not of this run."""
    checkpoint = read_checkpoint(path)
    try:
        state = state_of(checkpoint)
        tensors = checkpoint["state_dict"]
        if state.phase >= len(recipe.phases) or not isinstance(tensors, dict):
            raise not_of_this_run(path, "its phases are not those of the recipe")
        _ = checkpoint["callbacks"].get, checkpoint["global_step"] + 0
        if missing := next((key for key in _LIGHTNINGS if key not in checkpoint), None):
            raise not_of_this_run(path, f"it has no `{missing}`")
    except (msgspec.ValidationError, KeyError, TypeError, AttributeError):
        raise not_of_this_run(path, "it was not written by this version of archspec") from None
    if fault := _misfit(module.state_dict(), tensors):
        raise not_of_this_run(path, fault)
    return checkpoint, state


def _misfit(own: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """Which tensor is not one of the run's network."""
    for name in (*own, *given):
        if name.endswith("_extra_state"):
            continue
        if name not in own or name not in given:
            return f"`{name}` is in {'the network' if name in own else 'the checkpoint'} alone"
        if not _alike(own[name], given[name]):
            return f"`{name}` is another tensor than the network's"
    return None


def _alike(own: Tensor, given: Any) -> bool:
    return getattr(given, "shape", None) == own.shape and not given.is_meta and given.layout == own.layout


def not_of_this_run(path: Path, found: str) -> SpecError:
    """The error for a checkpoint that a run cannot go on from."""
    help_ = "put the run's own checkpoint in its place, or remove it: the run then starts from the beginning"
    return SpecError(
        [Diagnostic("run-unreadable", f"`{path}` is not a checkpoint of this run", found=found, help=help_)]
    )
