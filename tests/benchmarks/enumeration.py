"""Counting a grid of EfficientNets, a point, against torchvision's constructor and torchinfo on the meta device."""

from __future__ import annotations

from itertools import product

import torch
import torchinfo
import torchvision
from timing import cases, paired, report

from archspec.api.documents import open_document
from archspec.search.points import Points, Settings

STEPS = [round(1 + step / 20, 2) for step in range(13)]
GRID: list[Settings] = [
    (("depth", depth), ("width", width), ("resolution", round(224 * scale)))
    for depth, width, scale in product(cases(STEPS), cases(STEPS[:10]), cases(STEPS[:10]))
]
"""The paper's grid of growths: 1,300 points."""


def ours() -> list[object]:
    """Parameters and MACs of all points, from the page to the last count."""
    document, variant = open_document("efficientnet_b0", None)
    points = Points(document, variant, {}, ("params", "macs"))
    return [points.counted(each) for each in GRID]


def peer() -> torchinfo.ModelStatistics:
    """Of one point in the middle of the grid: EfficientNet-B1's depth and a width like B2's."""
    return torchinfo.summary(on_meta(), input_size=(1, 3, 240, 240), device="meta", verbose=0)


def on_meta() -> torch.nn.Module:
    """The module alone, without weights."""
    with torch.device("meta"):
        return torchvision.models.efficientnet_b1().eval()


def main() -> None:
    """Measure and print."""
    fast, summed = paired(ours, peer, rounds=3)
    _, built = paired(lambda: None, on_meta, rounds=3)
    each = fast / len(GRID)
    print(f"a point: archspec {each * 1e3:.2f} ms, on meta {built * 1e3:.0f} ms, with torchinfo {summed * 1e3:.0f} ms")
    report("building on meta / archspec", built / each, "at least 10")
    report("torchinfo / archspec", summed / each, "at least 40")


if __name__ == "__main__":
    main()
