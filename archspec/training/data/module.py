"""The data of a run as Lightning takes it: its parts, their loaders, and what is known of them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lightning.pytorch import LightningDataModule

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.plural import plural
from archspec.training.data.collate import Collate
from archspec.training.data.dataset import Part
from archspec.training.data.loader import Loader
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sampler import Draw, Order
from archspec.training.data.settings import DataSettings
from archspec.training.data.sources import Split
from archspec.training.metrics import Aim


class Data(LightningDataModule):
    """The parts `train`, `validation` and `test` of one source, each item `(image, target)` with its transforms done.

    A batch is `((images,), targets)`: what stands in the first tuple feeds the network's `forward` in order; where the
    network takes targets in training, they stand there too. Batches of training come shuffled by seed and epoch alone.
    """

    def __init__(
        self, settings: DataSettings, parts: Mapping[Split, Part], wanted: Wanted, root: str, seed: int
    ) -> None:
        super().__init__()
        self.settings, self.parts, self.wanted, self.root, self.seed = settings, dict(parts), wanted, root, seed
        self.allow_zero_length_dataloader_with_multiple_devices = True

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes' names, in the order of their numbers."""
        return self.parts["train"].items.classes

    @property
    def aim(self) -> Aim:
        """What is asked of the network."""
        if self.settings.source.task == "detection":
            return Aim(len(self.classes), detects=True, masks="masks" in self.wanted.fields)
        return Aim(len(self.classes))

    @property
    def class_weights(self) -> tuple[float, ...] | None:
        """For each class, how much rarer than the mean it is in training, where a recipe asks for it."""
        counts = self.counts("train")
        if not self.settings.class_weights or not counts:
            return None
        return tuple(sum(counts) / len(counts) / max(count, 1) for count in counts)

    def counts(self, split: Split) -> tuple[int, ...]:
        """The number of items of each class; empty where items have no one class."""
        part = self.parts[split]
        labels = part.items.labels
        if labels is None:
            return ()
        counted = Counter(labels[item] for item in part.chosen)
        return tuple(counted[label] for label in range(len(part.items.classes)))

    def train_dataloader(self) -> Loader:
        return self.loader("train", shuffle=True)

    def val_dataloader(self) -> Loader | list[Loader]:
        return self.loader("validation") if "validation" in self.parts else []

    def test_dataloader(self) -> Loader | list[Loader]:
        return self.loader("test") if "test" in self.parts else []

    def loader(self, split: Split, *, shuffle: bool = False) -> Loader:
        """The loader of a part; shuffled, it is one of training, whose batches are whole."""
        part, settings = self.parts[split], self.settings
        rank, world = (self.trainer.global_rank, self.trainer.world_size) if self.trainer else (0, 1)
        if settings.batch_size % world:
            raise SpecError([_unshared(settings, world)])
        order = Order(
            len(part),
            settings.batch_size,
            seed=self.seed,
            shuffle=shuffle,
            drop_last=shuffle and settings.drop_last,
            equal_shares=shuffle,
            rank=rank,
            world=world,
        )
        collate = Collate(self.wanted, settings.source.task == "detection", shuffle)
        return Loader(part, order, collate, self._workers(part, world), settings)

    def batches(self, split: Split) -> int:
        """How many batches an epoch has, in all processes together."""
        count, size = len(self.parts[split]), self.settings.batch_size
        return count // size if split == "train" and self.settings.drop_last else -(-count // size)

    def least_share(self, world: int, limit: float) -> int:
        """The fewest items of a batch that one of so many processes draws, at most `limit` batches an epoch."""
        count, size = len(self.parts["train"]), self.settings.batch_size
        rest, batches = count % size, self.batches("train")
        takes_all = limit >= (1.0 if isinstance(limit, float) else batches)
        partial = rest and not self.settings.drop_last and takes_all
        return max(1, min(size // world, -(-rest // world) if partial else size))

    def few(self, split: Split, items: int) -> Any:
        """A batch of a part's first items, or the fault of one of them; drawn anew where there are fewer."""
        part = self.parts[split]
        drawn = part.__getitems__([Draw(0, item % len(part)) for item in range(items)])
        return Collate(self.wanted, self.settings.source.task == "detection", split == "train")(drawn)

    def describe(self) -> dict[str, Any]:
        """What the data is, as plain JSON values."""
        return {
            "source": self.settings.source.name,
            "root": self.root,
            "classes": list(self.classes),
            "items": {split: len(part) for split, part in self.parts.items()},
            "items_by_class": {split: list(self.counts(split)) for split in self.parts},
            "transforms": {split: list(part.pipeline.texts) for split, part in self.parts.items()},
            "batch_size": self.settings.batch_size,
            "seed": self.seed,
            "uniform": all(part.items.uniform for part in self.parts.values()),
        }

    def _workers(self, part: Part, world: int) -> int:
        if self.settings.workers is not None:
            return self.settings.workers
        return min(8, (os.cpu_count() or 1) // world) if not part.items.uniform else 0


def _unshared(settings: DataSettings, world: int) -> Diagnostic:
    size = settings.batch_size
    near = sorted({max(size // world, 1) * world, -(-size // world) * world})
    return Diagnostic(
        "data-batch",
        f"a batch of {plural(size, 'item')} cannot be shared equally among {world} processes",
        settings.at("batch_size"),
        help=f"set `batch_size` to {' or '.join(map(str, near))}",
    )


def numbers(part: Part) -> Sequence[int]:
    """The classes of a part's items."""
    labels = part.items.labels
    return [labels[item] for item in part.chosen] if labels is not None else ()
