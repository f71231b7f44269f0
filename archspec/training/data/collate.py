"""Items → a batch, in the form in which the network takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import default_collate

from archspec.language.diagnostics import Diagnostic
from archspec.training.data.dataset import Fault
from archspec.training.data.network_inputs import Wanted


@dataclass(frozen=True)
class Collate:
    """`(inputs, targets)` of a batch: `inputs` feed the network's `forward` in order; or the first fault of an item.

    What comes as a list is not stacked: the images of a network that takes them so, and the targets of detection. In
    training, a network that takes targets is fed with them too.
    """

    wanted: Wanted
    listed_targets: bool
    training: bool

    def __call__(self, drawn: list[Any]) -> Any:
        fault = next((each for each in drawn if isinstance(each, Fault)), None)
        if fault:
            return fault
        inputs, targets = zip(*drawn)
        images, *others = zip(*inputs)
        if not self.wanted.listed and len({_size(image) for image in images}) > 1:
            return Fault(_of_several_sizes({_size(image) for image in images}))
        first = list(images) if self.wanted.listed else default_collate(list(images))
        told = list(targets) if self.listed_targets else default_collate(list(targets))
        fed = (first, *(default_collate(list(each)) for each in others))
        if self.training and len(fed) == 1 and self.wanted.feeds_target:
            fed = (*fed, self._fed(told))
        return fed, told

    def _fed(self, targets: Any) -> Any:
        fields = self.wanted.fields
        return [{name: each[name] for name in fields} for each in targets] if fields else targets


def _size(value: Any) -> tuple[int, ...]:
    return tuple(value.shape) if isinstance(value, torch.Tensor) else ()


def _of_several_sizes(sizes: set[tuple[int, ...]]) -> Diagnostic:
    found = ", ".join("×".join(map(str, size)) for size in _few(sizes))
    help_ = "end the transforms with one size for all, such as `{resize: [224, 224]}`"
    return Diagnostic("data-shape", "the images of a batch have several sizes", found=found, help=help_)


def _few(sizes: set[tuple[int, ...]]) -> Sequence[tuple[int, ...]]:
    return sorted(sizes)[:4]
