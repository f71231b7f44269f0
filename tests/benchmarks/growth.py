"""ResNets from 100 to 10,000 layers: elaboration and drawing should take time linear in the layers."""

from __future__ import annotations

from timing import report, seconds

import archspec

DEPTHS = (100, 1_000, 10_000)


def main() -> None:
    """Measure and print the time per layer, and by how much it grows."""
    read, draw = {}, {}
    for layers in DEPTHS:
        blocks = (layers - 2) // 3
        settings = {"depths": [3, 4, blocks - 10, 3]}
        read[layers] = seconds(lambda settings=settings: archspec.read("resnet50", **settings))
        architecture = archspec.read("resnet50", **settings)
        draw[layers] = seconds(lambda architecture=architecture: architecture.draw().bytes("dot"))
        print(f"  {layers:>6} layers: elaborate {read[layers]:.3f} s, draw {draw[layers]:.3f} s")
    for what, times in (("elaborate", read), ("draw", draw)):
        growth = (times[10_000] / 10_000) / (times[1_000] / 1_000)
        report(f"{what}: time per layer, 10,000 against 1,000 layers", growth, "at most 1.5 (linear)")


if __name__ == "__main__":
    main()
