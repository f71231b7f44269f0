"""ResNets from 100 to 10,000 layers: elaborating, drawing and writing source should take time linear in the layers."""

from __future__ import annotations

import gc
from collections.abc import Callable

from timing import report, seconds

import archspec

DEPTHS = (100, 1_000, 10_000)
ROUNDS = 5


def fastest(run: Callable[[], object]) -> float:
    """The seconds of the fastest of several runs, each after a full collection of what those before left."""
    return min((gc.collect(), seconds(run))[1] for _ in range(ROUNDS))


def measured(layers: int) -> dict[str, float]:
    """The seconds that each step takes for a ResNet of so many layers."""
    blocks = (layers - 2) // 3
    settings = {"depths": [3, 4, blocks - 10, 3]}
    architecture = archspec.read("resnet50", **settings)
    return {
        "elaborate": fastest(lambda: archspec.read("resnet50", **settings)),
        "draw": fastest(lambda: architecture.draw().bytes("dot")),
        "source": fastest(architecture.source),
    }


def main() -> None:
    """Measure and print the time per layer, and by how much it grows."""
    times = {}
    for layers in DEPTHS:
        times[layers] = measured(layers)
        print(f"  {layers:>6} layers:", ", ".join(f"{what} {taken:.3f} s" for what, taken in times[layers].items()))
    for what in times[DEPTHS[0]]:
        growth = (times[10_000][what] / 10_000) / (times[1_000][what] / 1_000)
        report(f"{what}: time per layer, 10,000 against 1,000 layers", growth, "at most 1.5 (linear)")


if __name__ == "__main__":
    main()
