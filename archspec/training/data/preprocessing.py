"""What is done to an image on its way to the network: a recipe's steps, with what follows from weights or spec."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from archspec.training.data.network_inputs import Wanted
from archspec.training.data.presets import Preset
from archspec.training.data.transforms import PRESET, made, step, step_text
from archspec.training.recipe.calls import Call

MARGIN = 0.875
"""How much of a photograph's shorter side the network sees: 224 of 256."""


class TransformError(Exception):
    """A transform failed on an image."""

    def __init__(self, step: str, reason: str) -> None:
        super().__init__(step, reason)
        self.step, self.reason = step, reason


@dataclass(frozen=True)
class Pipeline:
    """The steps in order, each with the text that names it."""

    steps: tuple[tuple[str, Callable[..., Any]], ...]

    def __call__(self, *values: Any) -> Any:
        """The image, or the image and its target, with every step done; raises `TransformError` where one cannot."""
        for text, transform in self.steps:
            try:
                values = _as_tuple(transform(*values))
            except Exception as error:  # torchvision's kernels fail in many ways
                raise TransformError(text, (str(error).strip() or type(error).__name__).splitlines()[0]) from error
        return values if len(values) > 1 else values[0]

    @property
    def texts(self) -> tuple[str, ...]:
        """The steps as a reader sees them."""
        return tuple(text for text, _ in self.steps)


def pipeline(steps: Sequence[Call] | None, preset: Preset | None, wanted: Wanted, uniform: bool) -> Pipeline:
    """The pipeline of a recipe's steps; without any, what belongs to the weights or follows from the spec's input.

    A clip `[T, C, H, W]` comes as `[C, T, H, W]` in the end where the network takes it so.
    """
    parts: list[tuple[str, Callable[..., Any]]] = []
    for given in steps if steps is not None else (None,):
        if given and given.name != PRESET:
            parts.append((step_text(given), made(given)))
        elif preset is not None:
            parts.append((str(preset), preset))
        else:
            parts += [(step_text(each), made(each)) for each in fitting(wanted, uniform)]
    return Pipeline((*parts, ("channels before frames", _channels_first)) if wanted.time == 1 else tuple(parts))


def fitting(wanted: Wanted, uniform: bool) -> list[Call]:
    """The steps that bring an image to the spec's input, values from 0 to 1.

    Images of one size are resized; photographs are resized and cut out of the middle, so that nothing is distorted. A
    network that takes a list of images takes each in its own size.

    >>> [step_text(each) for each in fitting(Wanted(("input",), ((3, 224, 224),)), uniform=False)]
    ['resize(size=256)', 'center_crop(size=[224, 224])', 'to_dtype(dtype=float32, scale=true)']
    """
    import torch

    size = None if wanted.listed else wanted.size
    steps = []
    if size and (uniform or size[0] != size[1]):
        steps = [step("resize", size=size)]
    elif size:
        steps = [step("resize", size=round(size[0] / MARGIN)), step("center_crop", size=size)]
    return [*steps, step("to_dtype", dtype=torch.float32, scale=True)]


def _channels_first(clip: Any) -> Any:
    return clip.transpose(0, 1) if clip.ndim == 4 else clip


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
