"""Seeded, stratified parts."""

from __future__ import annotations

from collections import Counter

from archspec.training.data.splits import divided, limited

LABELS = [0] * 80 + [1] * 20 + [2]


def test_each_class_is_divided_in_its_proportion() -> None:
    left, taken = divided(101, LABELS, 0.1, seed=0)
    assert sorted(left + taken) == list(range(101))
    assert Counter(LABELS[item] for item in taken) == {0: 8, 1: 2}
    assert 100 in left, "a class of one stays where it is learned"


def test_a_seed_decides() -> None:
    assert divided(101, LABELS, 0.1, seed=0) == divided(101, LABELS, 0.1, seed=0)
    assert divided(101, LABELS, 0.1, seed=0) != divided(101, LABELS, 0.1, seed=1)


def test_a_part_is_never_the_whole() -> None:
    assert [len(part) for part in divided(4, [0, 0, 1, 1], 0.01, seed=0)] == [2, 2]
    assert [len(part) for part in divided(4, [0, 0, 1, 1], 0.99, seed=0)] == [2, 2]
    assert [len(part) for part in divided(10, None, 0.3, seed=0)] == [7, 3]


def test_a_limit_keeps_the_proportions() -> None:
    assert Counter(LABELS[item] for item in limited(101, LABELS, 10, seed=0)) == {0: 8, 1: 2}
    assert limited(3, None, None, seed=0) == limited(3, None, 5, seed=0) == [0, 1, 2]
