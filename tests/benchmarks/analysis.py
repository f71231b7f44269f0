"""Parameters, MACs and shapes of EfficientNet-B7 against torchinfo on the meta device."""

from __future__ import annotations

import torch
import torchinfo
import torchvision
from timing import paired, report

from archspec import Architecture, read
from archspec.elaborate.memo.memo import KEPT
from archspec.ops.shapes import Shape

SIZE = (1, 3, 600, 600)


def ours() -> tuple[Architecture, int, int, list[tuple[Shape, ...]]]:
    """From the spec to every count and the shapes of every node."""
    architecture = read("efficientnet_b7")
    shapes = [node.shapes for node in architecture.graph.walk()]
    return architecture, architecture.params, architecture.macs, shapes


def peer() -> torchinfo.ModelStatistics:
    """From torchvision's constructor to every count: torchinfo needs a module to look at."""
    with torch.device("meta"):
        model = torchvision.models.efficientnet_b7().eval()
    return torchinfo.summary(model, input_size=SIZE, device="meta", verbose=0)


def main() -> None:
    """Measure and print."""
    for what, prepare in (
        ("the first time in a process", KEPT.forget),
        ("in a process that has seen its blocks", lambda: None),
    ):
        fast, slow = paired(ours, peer, rounds=9, prepare=prepare)
        print(f"{what}: archspec {fast * 1e3:.1f} ms, torchinfo {slow * 1e3:.1f} ms")
        report("torchinfo / archspec", slow / fast, "at least 50")


if __name__ == "__main__":
    main()
