"""ResNets from 100 to 10,000 layers: elaborating, drawing and writing source should take time linear in the layers.

The time is the processor's, so that other work on the machine does not count, and the fastest of several runs by turns.
As in `timing.paired` no garbage is collected meanwhile: when Python does so depends on all that ran before.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from timing import report, seconds, times

import archspec

DEPTHS = (100, 1_000, 10_000)
ROUNDS = 5


def steps(layers: int) -> dict[str, Callable[[], object]]:
    """What is measured of a ResNet of so many layers."""
    blocks = (layers - 2) // 3
    settings = {"depths": [3, 4, blocks - 10, 3]}
    architecture = archspec.read("resnet50", **settings)
    return {
        "elaborate": lambda: archspec.read("resnet50", **settings),
        "draw": lambda: architecture.draw().bytes("dot"),
        "source": architecture.source,
    }


def measured(run: Callable[[], object]) -> float:
    """The seconds of one run, without those of what was left before it."""
    gc.collect()
    gc.disable()
    try:
        return seconds(run, time.process_time)
    finally:
        gc.enable()


def main() -> None:
    """Measure and print the time per layer, and by how much it grows."""
    runs = {(what, layers): run for layers in DEPTHS for what, run in steps(layers).items()}
    rounds = [{key: measured(run) for key, run in runs.items()} for _ in range(times(ROUNDS))]
    best = {key: min(each[key] for each in rounds) for key in runs}
    for what in steps(DEPTHS[0]):
        print(f"  {what}:", ", ".join(f"{best[what, layers]:.3f} s for {layers:,} layers" for layers in DEPTHS))
        growth = (best[what, 10_000] / 10_000) / (best[what, 1_000] / 1_000)
        report(f"{what}: time per layer, 10,000 against 1,000 layers", growth, "at most 1.5 (linear)")


if __name__ == "__main__":
    main()
