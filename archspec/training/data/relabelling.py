"""Data with some of the classes that a network knows, relabelled with the network's own numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from archspec.training.data.module import Data
from archspec.training.data.sources.base import Drawable, Items


@dataclass(frozen=True)
class Renumbered:
    """Items whose classes have other numbers: `numbers[i]` in place of `i`."""

    drawn: Drawable
    numbers: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.drawn)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        image, target = self.drawn[index]
        if isinstance(target, dict):
            labels = [self.numbers[label] for label in target["labels"].tolist()]
            return image, {**target, "labels": target["labels"].new_tensor(labels)}
        return image, self.numbers[target]


def relabelled(data: Data, classes: tuple[str, ...]) -> Data:
    """The data with `classes` for its own, which are all among them; changed in place."""
    if data.classes == classes:
        return data
    for split, part in data.parts.items():
        data.parts[split] = replace(part, items=_renumbered(part.items, classes))
    return data


def _renumbered(items: Items, classes: tuple[str, ...]) -> Items:
    numbers = tuple(classes.index(name) for name in items.classes)
    labels = None if items.labels is None else [numbers[label] for label in items.labels]
    return replace(items, drawn=Renumbered(items.drawn, numbers), classes=classes, labels=labels)
