"""Seeded parts of a set of items, each class in the proportion it has in the whole."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence


def divided(count: int, labels: Sequence[int] | None, fraction: float, seed: int) -> tuple[list[int], list[int]]:
    """The numbers of the items left, and of those taken out: `fraction` of each class, `labels` given.

    A class of two or more keeps one on either side. The same arguments give the same parts everywhere.

    >>> left, taken = divided(10, [0] * 5 + [1] * 5, 0.2, seed=0)
    >>> sorted(item // 5 for item in taken)
    [0, 1]
    """
    left, taken = [], []
    for label, items in _by_class(count, labels).items():
        random.Random(f"{seed}:{label}").shuffle(items)
        number = round(len(items) * fraction)
        number = min(max(number, 1), len(items) - 1) if len(items) > 1 else 0
        taken += items[:number]
        left += items[number:]
    return sorted(left), sorted(taken)


def limited(count: int, labels: Sequence[int] | None, limit: int | None, seed: int) -> list[int]:
    """The numbers of at most `limit` items, each class in its proportion.

    >>> sorted(item // 5 for item in limited(10, [0] * 5 + [1] * 5, 4, seed=0))
    [0, 0, 1, 1]
    """
    if limit is None or limit >= count:
        return list(range(count))
    return _in_turn(_by_class(count, labels), limit, seed)


def _in_turn(classes: dict[int, list[int]], limit: int, seed: int) -> list[int]:
    ranked = []
    for label, items in classes.items():
        random.Random(f"{seed}:{label}").shuffle(items)
        ranked += [((place + 0.5) / len(items), label, item) for place, item in enumerate(items)]
    return sorted(item for _, _, item in sorted(ranked)[:limit])


def _by_class(count: int, labels: Sequence[int] | None) -> dict[int, list[int]]:
    classes: dict[int, list[int]] = defaultdict(list)
    for item in range(count):
        classes[labels[item] if labels is not None else 0].append(item)
    return classes
