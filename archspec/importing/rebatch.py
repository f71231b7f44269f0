"""Rebatch: what was written for one number of examples, run for another.

A program says sizes as numbers: `view(1, 196, 768)`, whose 1 is the batch. Where as many elements are given as in a
batch of others, that dimension holds the batch that can, by how many elements come before it; of several the one that
leaves most others as they were, and of all the last dimension, over which layers compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any


def rebatched(taken: Sequence[int], sizes: Sequence[int], batch: int) -> list[int]:
    """The sizes that hold all elements of a tensor of the shape `taken`, in which the batch is `batch`.

    >>> rebatched((13, 3, 224), (1, 672), 13)
    [13, 672]
    >>> rebatched((4, 13 * 64, 7), (4, 64, 7, 1), 13)
    [4, 832, 7, 1]
    >>> rebatched((197, 13, 768), (197, 768), 13)
    [2561, 768]
    """
    sizes = [*sizes]
    if -1 in sizes:
        rest = -prod(sizes)
        if rest and prod(taken) % rest == 0:
            return [prod(taken) // rest if size == -1 else size for size in sizes]
    elements, told = prod(taken), prod(sizes)
    if elements == told or not told or elements % told:
        return sizes
    at = next((number for number, size in enumerate(taken) if size % batch == 0 and size), 0)
    before, more = prod(taken[:at]), elements // told
    ways = [_with(sizes, place, more) for place in range(len(sizes)) if _may_hold(sizes, place, before)]
    return max(ways, key=lambda each: (each[-1] == sizes[-1], _alike(taken, each)), default=sizes)


def _may_hold(sizes: Sequence[int], place: int, before: int) -> bool:
    """Whether a dimension can hold the batch, if so many elements come before it."""
    outer = prod(sizes[:place])
    return before % outer == 0 and sizes[place] % (before // outer) == 0


def _with(sizes: Sequence[int], place: int, more: int) -> list[int]:
    return [size * more if number == place else size for number, size in enumerate(sizes)]


def _alike(one: Sequence[int], other: Sequence[int]) -> int:
    """How many dimensions two shapes share, from the first on and from the last back."""
    return shared(one, other) + shared(one[::-1], other[::-1])


def shared(one: Sequence[Any], other: Sequence[Any]) -> int:
    """How many sizes two shapes have in common, from the first on."""
    return next((number for number, (a, b) in enumerate(zip(one, other)) if a != b), min(len(one), len(other)))
