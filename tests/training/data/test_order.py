"""The order of items: decided by seed and epoch, from any batch on, in any number of processes."""

from __future__ import annotations

from itertools import chain

import pytest

from archspec.training.data.sampler import Draw, Order


def epoch(number: int, **arguments: object) -> list[Draw]:
    order = Order(10, 4, **arguments)  # type: ignore[arg-type]
    order.set_epoch(number)
    assert len(order) == len(list(order))
    return list(order)


def test_an_epoch_is_a_shuffle_of_its_own_and_the_same_every_time() -> None:
    first, second = epoch(0, shuffle=True, seed=3), epoch(1, shuffle=True, seed=3)
    assert sorted(draw.item for draw in first) == list(range(10))
    assert first == epoch(0, shuffle=True, seed=3)
    assert [draw.item for draw in first] != [draw.item for draw in second]
    assert first != epoch(0, shuffle=True, seed=4)


def test_without_a_shuffle_items_come_in_their_order() -> None:
    assert [draw.item for draw in epoch(5)] == list(range(10))


@pytest.mark.parametrize("world", [1, 2, 4])
@pytest.mark.parametrize("drop_last", [True, False])
def test_processes_share_each_batch(world: int, drop_last: bool) -> None:
    alone = epoch(2, shuffle=True, drop_last=drop_last)
    shares = [
        epoch(2, shuffle=True, drop_last=drop_last, equal_shares=True, rank=rank, world=world) for rank in range(world)
    ]
    assert len({len(share) for share in shares}) == 1, "or one process would wait for ever"
    each = 4 // world
    for batch in range(2):
        together = chain.from_iterable(share[batch * each : (batch + 1) * each] for share in shares)
        assert list(together) == alone[batch * 4 : (batch + 1) * 4]
    rest = {draw for share in shares for draw in share[2 * each :]}
    assert rest == set(alone[8:])


@pytest.mark.parametrize("world", [1, 2, 3, 4])
def test_outside_of_training_each_item_is_drawn_once(world: int) -> None:
    order = [Order(10, 4 * world, rank=rank, world=world) for rank in range(world)]
    assert sorted(draw.item for each in order for draw in each) == list(range(10))
    assert [len(list(each)) for each in order] == [len(each) for each in order]


def test_it_starts_at_any_batch() -> None:
    order = Order(10, 4, shuffle=True)
    whole = list(order)
    order.start = 1
    assert list(order) == whole[4:]
    assert len(order) == 10, "the epoch is as long as ever"
