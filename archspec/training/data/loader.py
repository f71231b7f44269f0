"""The loader: batches in their order, from the batch at which a run was stopped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch.utils.data import DataLoader

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.data.dataset import Fault, Part
from archspec.training.data.sampler import Order
from archspec.training.data.settings import DataSettings, located


@contextmanager
def told_of_workers() -> Iterator[None]:
    """The death of a worker becomes a message. torch raises it wherever the run is when the signal comes."""
    try:
        yield
    except RuntimeError as error:
        if not (reason := _LOST.search(str(error))):
            raise
        raise SpecError([_lost(reason["how"].strip().rstrip("."))]) from None


_LOST = re.compile(r"DataLoader worker \(pid.*?\) (is|are|exited)?(?P<how>.*)", re.DOTALL)


def _lost(how: str) -> Diagnostic:
    shared = "bus error" in how.lower() or "shared memory" in how.lower()
    help_ = (
        "shared memory (`/dev/shm`) is full: make it larger, or write `workers: 0`"
        if shared
        else "memory may be short: write fewer `workers`, or `workers: 0` to read the data in the run's own process"
    )
    message = "a data-loading worker died"
    return Diagnostic("data-worker", message, found=how.splitlines()[0], help=help_)


class Loader(DataLoader[Any]):
    """Batches `(inputs, targets)` of a part in an order; what cannot be drawn raises `SpecError` that names it.

    `state_dict` says how many batches of the epoch were given. After `load_state_dict`, that epoch goes on from there
    and every other begins at its beginning; the same batches come as would have come without a stop.
    """

    sampler: Order

    def __init__(
        self, part: Part, order: Order, collate: Callable[[list[Any]], Any], workers: int, settings: DataSettings
    ) -> None:
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
        self._part, self._settings = part, settings
        self._epoch = self._given = 0
        self._resumed = False

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        # Nothing is done before the first batch is asked for: only then is the epoch known.
        if not self._resumed or self._epoch != self.sampler.epoch:
            self._epoch, self._given = self.sampler.epoch, 0
        self._resumed = False
        self.sampler.start = self._given
        with told_of_workers():
            batches = super().__iter__()
        while True:
            with told_of_workers():
                batch = next(batches, None)
            if batch is None:
                return
            if isinstance(batch, Fault):
                raise SpecError([located(batch.diagnostic, self._settings, self._part.split)])
            self._given += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """The epoch, and how many of its batches were given."""
        return {"epoch": self.sampler.epoch, "batches": self._given if self._epoch == self.sampler.epoch else 0}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self._epoch, self._given, self._resumed = state["epoch"], state["batches"], True
        self.sampler.set_epoch(self._epoch)
