"""Losses: torch.nn.functional's, and those of papers that it lacks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from archspec.training.recipe.calls import Callee, vocabulary
from archspec.training.recipe.signature_index import Kind

if TYPE_CHECKING:
    from torch import Tensor

LossFunction = "Callable[..., Tensor]"

_LOSSES: dict[str, Callable[..., Any]] = {}
_SCORES: dict[str, Callable[[Any], Any]] = {}


def register(name: str, scores: Callable[[Any], Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Function decorator: add a loss of `(input, target, …)`; registering a name twice raises.

    `scores` turns an output `[N, C, …]` into a probability for each class. A package adds a loss through an entry point
    of the group `archspec.losses` that names a module which registers it.
    """

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        if name in _LOSSES:
            raise ValueError(f"a loss named {name!r} is registered already")
        _LOSSES[name], _SCORES[name] = function, scores
        return function

    return add


@cache
def losses() -> Mapping[str, Callee]:
    """Every loss by its name: torch.nn.functional's that reduce an input and a target, ours, and those of packages."""
    for entry in metadata.entry_points(group="archspec.losses"):
        entry.load()
    return vocabulary({**LOSSES.functions(), **_LOSSES}, _GIVEN, exact=True)


_GIVEN = ("input", "target", "weight", "size_average", "reduce", "reduction")
"""What the run gives a loss, or torch has given up."""


def weighs_classes(loss: str) -> bool:
    """Whether a loss takes a weight for each class, as `weight`.

    >>> weighs_classes("cross_entropy"), weighs_classes("mse_loss")
    (True, False)
    """
    own = _LOSSES.get(loss)
    return loss in _WEIGHING if own is None else "weight" in inspect.signature(own).parameters


_WEIGHING = ("cross_entropy", "nll_loss", "multi_margin_loss")
"""torch.nn.functional's of class numbers; what others call `weight` is for each item."""


def scores(loss: str, output: Tensor) -> Tensor:
    """A probability for each class `[N, C, …]`, read off the output that a loss trains."""
    read = _SCORES.get(loss)
    if read is not None:
        return read(output)  # type: ignore[no-any-return]
    return output.exp() if loss == "nll_loss" else output.softmax(1)


def _torch_losses() -> dict[str, Callable[..., Any]]:
    from torch.nn import functional

    return {
        name: function
        for name, function in vars(functional).items()
        if inspect.isfunction(function)
        and not name.startswith("_")
        and list(inspect.signature(function).parameters)[:2] == ["input", "target"]
        and "reduction" in inspect.signature(function).parameters
    }


LOSSES = Kind("losses", "torch.nn.functional", _torch_losses)


def _lengths(output: Tensor) -> Tensor:
    """The lengths of capsules, which are probabilities already."""
    return output


@register("margin_loss", scores=_lengths)
def margin_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    present: float = 0.9,
    absent: float = 0.1,
    down_weight: float = 0.5,
) -> Tensor:
    """The margin loss over capsules' lengths `[N, C]` for class numbers `[N]` (Sabour et al. 2017, equation 4).

    `weight` `[C]` weighs each item by its class, and the mean is over these weights.
    """
    from torch.nn import functional

    is_class = functional.one_hot(target, input.shape[1])
    of_present = is_class * (present - input).clamp(min=0) ** 2
    of_absent = (1 - is_class) * (input - absent).clamp(min=0) ** 2
    of_items = (of_present + down_weight * of_absent).sum(1)
    return of_items.mean() if weight is None else (weight[target] * of_items).sum() / weight[target].sum()
