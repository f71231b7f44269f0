"""The order in which items are drawn: decided by seed and epoch, from any batch on, in any number of processes."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch.utils.data import DistributedSampler


class Draw(NamedTuple):
    """Item number `item` in epoch `epoch`: all that decides what is drawn, with the seed."""

    epoch: int
    item: int


def mixed(*numbers: int) -> int:
    """One seed of several numbers, unlike that of any others.

    >>> mixed(0, 1) != mixed(1, 0)
    True
    """
    packed = struct.pack(f"<{len(numbers)}q", *numbers)
    return int.from_bytes(hashlib.blake2b(packed, digest_size=8).digest(), "little") >> 1


class Order(DistributedSampler[Draw]):
    """The share of one process in every batch.

    `batch_size` is that of all processes together; each draws an equal, consecutive share of each batch, so that what a
    batch holds does not depend on how many processes there are. In training the batches are whole: a last, smaller one
    is dropped, or filled up to an equal share for each with items of its own. Otherwise each item is drawn once.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        *,
        seed: int = 0,
        shuffle: bool = False,
        drop_last: bool = False,
        equal_shares: bool = False,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        super().__init__(range(count), world, rank, shuffle, seed, drop_last)  # type: ignore[arg-type]
        self.count, self.batch_size, self.equal_shares = count, batch_size, equal_shares
        self.start = 0
        """The number of the first batch that is drawn; that many are left out."""

    def __iter__(self) -> Iterator[Draw]:
        order = self._order()
        for first in range(self.start * self.batch_size, self._end, self.batch_size):
            yield from (Draw(self.epoch, item) for item in self._share(order[first : first + self.batch_size]))

    def __len__(self) -> int:
        whole, rest = divmod(self._end, self.batch_size)
        return whole * len(self._share([0] * self.batch_size)) + len(self._share([0] * rest))

    @property
    def share(self) -> int:
        """How many items of a whole batch this process draws."""
        return self.batch_size // self.num_replicas

    @property
    def _end(self) -> int:
        return self.count - self.count % self.batch_size if self.drop_last else self.count

    def _order(self) -> list[int]:
        if not self.shuffle:
            return list(range(self.count))
        generator = torch.Generator().manual_seed(mixed(self.seed, self.epoch))
        order: list[int] = torch.randperm(self.count, generator=generator).tolist()
        return order

    def _share(self, batch: list[int]) -> list[int]:
        shares = -(-len(batch) // self.num_replicas)
        if self.equal_shares and batch:
            batch = (batch * self.num_replicas)[: shares * self.num_replicas]
        return batch[self.rank * shares : (self.rank + 1) * shares]
