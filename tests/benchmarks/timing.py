"""Fair timings: two functions by turns, and what their medians say."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

SMALLEST = "--smallest" in sys.argv
"""Whether a benchmark is to run to its end and measure nothing: once, what is smallest. So the tests run it."""

Case = TypeVar("Case")


def cases(every: Sequence[Case]) -> Sequence[Case]:
    """What is measured: all, or the first alone."""
    return every[:1] if SMALLEST else every


def times(rounds: int) -> int:
    """How often it is measured."""
    return 1 if SMALLEST else rounds


def seconds(run: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """The wall time of one run, or what another clock shows, until its result is there."""
    start = clock()
    result = run()
    spent = clock() - start
    del result
    return spent


def paired(
    ours: Callable[[], object],
    peer: Callable[[], object],
    rounds: int,
    prepare: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """The median seconds of each, measured by turns after one run of each that does not count.

    `prepare` runs before each run of ours, outside of its time.
    """

    def own() -> float:
        prepare()
        return seconds(ours)

    ours(), peer()
    gc.collect()
    gc.disable()
    try:
        pairs = [(own(), seconds(peer)) if turn % 2 else (seconds(peer), own())[::-1] for turn in range(times(rounds))]
    finally:
        gc.enable()
    return statistics.median(each[0] for each in pairs), statistics.median(each[1] for each in pairs)


def report(what: str, ratio: float, target: str) -> None:
    """One line: the ratio and what it should be."""
    print(f"{what:<58} {ratio:8.3f}   target {target}")
