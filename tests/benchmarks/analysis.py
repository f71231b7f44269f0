"""Parameters, MACs and shapes of EfficientNet-B7 against torchinfo on the meta device."""

from __future__ import annotations

import torch
import torchinfo
import torchvision
from timing import paired, report

from archspec import read
from archspec.elaborate.memo import KEPT
from archspec.shapes import Shape

SIZE = (1, 3, 600, 600)


def ours() -> tuple[int, int, list[tuple[Shape, ...]]]:
    """From the spec to every count and the shapes of every node."""
    architecture = read("efficientnet_b7")
    shapes = [node.shapes for node in architecture.graph.nodes.values()]
    return architecture.params, architecture.macs, shapes


def peer() -> torchinfo.ModelStatistics:
    """From torchvision's constructor to every count: torchinfo needs a module to look at."""
    with torch.device("meta"):
        model = torchvision.models.efficientnet_b7().eval()
    return torchinfo.summary(model, input_size=SIZE, device="meta", verbose=0)


def ours_first() -> object:
    """The same with nothing kept from an earlier analysis in this process."""
    KEPT.forget()
    return ours()


def main() -> None:
    """Measure and print."""
    for what, analysed in (
        ("the first time in a process", ours_first),
        ("in a process that has seen its blocks", ours),
    ):
        fast, slow = paired(analysed, peer, rounds=9)
        print(f"{what}: archspec {fast * 1e3:.1f} ms, torchinfo {slow * 1e3:.1f} ms")
        report("torchinfo / archspec", slow / fast, "at least 50")


if __name__ == "__main__":
    main()
