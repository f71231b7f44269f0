"""The pre-processing that belongs to torchvision's weights."""

from __future__ import annotations

from typing import Any

from archspec.language.diagnostics import did_you_mean
from archspec.training.data.sources.base import data_error


def preset_of(weights: Any, builder: str) -> Any:
    """What is done to an image before a network with these weights; `None` without weights.

    `weights` is the name of weights of torchvision's `builder` (`IMAGENET1K_V1`, `DEFAULT`), one with the name of its
    enum in front (`ResNet50_Weights.IMAGENET1K_V1`), or a member. Raises `SpecError` for a name that there is not.
    """
    if weights is None:
        return None
    return (_member(weights, builder) if isinstance(weights, str) else weights).transforms()


def _member(name: str, builder: str) -> Any:
    from torchvision import models

    enum, _, member = name.rpartition(".")
    if enum:
        try:
            return models.get_weight(name)
        except ValueError as error:
            raise data_error("unknown-preset", f"torchvision has no weights `{name}`", found=str(error)) from None
    if builder not in models.list_models():
        help_ = "name the weights' own class too, such as `ResNet50_Weights.IMAGENET1K_V1`"
        raise data_error("unknown-preset", f"torchvision has no weights for `{builder}`", help=help_)
    members = models.get_model_weights(builder).__members__
    if member not in members:
        near = did_you_mean(member, members)
        raise data_error("unknown-preset", f"torchvision's `{builder}` has no weights `{member}`", help=near)
    return members[member]
