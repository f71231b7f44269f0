"""The loader: batches in their order, from the batch at which a run was stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader

from archspec.language.diagnostics import SpecError
from archspec.training.data.items import Fault, Part
from archspec.training.data.order import Order


class Loader(DataLoader[Any]):
    """Batches `(inputs, targets)` of a part in an order; what cannot be drawn raises `SpecError` that names it.

    `state_dict` says how many batches of the epoch were given. After `load_state_dict`, that epoch goes on from there
    and every other begins at its beginning; the same batches come as would have come without a stop.
    """

    sampler: Order

    def __init__(self, part: Part, order: Order, collate: Callable[[list[Any]], Any], workers: int) -> None:
        super().__init__(
            part,
            batch_size=order.share,
            sampler=order,
            num_workers=workers,
            collate_fn=collate,
            pin_memory=torch.cuda.is_available(),
            persistent_workers=workers > 0,
            generator=torch.Generator().manual_seed(order.seed),  # the run's own chance is left alone
        )
        self._epoch = self._given = 0
        self._resumed = False

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        # Nothing is done before the first batch is asked for: only then is the epoch known.
        if not self._resumed or self._epoch != self.sampler.epoch:
            self._epoch, self._given = self.sampler.epoch, 0
        self._resumed = False
        self.sampler.start = self._given
        for batch in super().__iter__():
            if isinstance(batch, Fault):
                raise SpecError([batch.diagnostic])
            self._given += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """The epoch, and how many of its batches were given."""
        return {"epoch": self.sampler.epoch, "batches": self._given if self._epoch == self.sampler.epoch else 0}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self._epoch, self._given, self._resumed = state["epoch"], state["batches"], True
        self.sampler.set_epoch(self._epoch)
