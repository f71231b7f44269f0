"""The pre-processing that belongs to torchvision's weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archspec.language.diagnostics import did_you_mean
from archspec.training.data.sources.base import Task, data_error


@dataclass(frozen=True)
class Preset:
    """torchvision's own transforms of an image or clip; a target beside it is left as it is."""

    transforms: Any

    def __call__(self, image: Any, *targets: Any) -> Any:
        done = self.transforms(image)
        if _is_of("VideoClassification", self.transforms):
            done = done.transpose(-4, -3)  # frames first, as every other step takes and gives them
        return (done, *targets) if targets else done

    def __str__(self) -> str:
        return " ".join(repr(self.transforms).split())


def preset_of(weights: Any, builder: str, task: Task) -> Preset | None:
    """What is done to an image before a network with these weights; `None` without weights.

    `weights` is the name of weights of torchvision's `builder` (`IMAGENET1K_V1`, `DEFAULT`), one with the name of its
    enum in front (`ResNet50_Weights.IMAGENET1K_V1`), or a member. Raises `SpecError` for a name that there is not, and
    for one that would move an image under its boxes.
    """
    if weights is None:
        return None
    member = _member(weights, builder) if isinstance(weights, str) else weights
    preset = Preset(member.transforms())
    if task == "detection" and not _is_of("ObjectDetection", preset.transforms):
        message = f"the transforms of `{member}` cut an image, and leave its boxes where they were"
        help_ = "take weights of a detector, or write the `transforms` out"
        raise data_error("unknown-preset", message, help=help_)
    return preset


def _is_of(name: str, transforms: Any) -> bool:
    return name in {each.__name__ for each in type(transforms).__mro__}


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
