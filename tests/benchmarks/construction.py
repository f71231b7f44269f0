"""Constructing modules, with real initialisation and on the meta device, against torchvision's constructors."""

from __future__ import annotations

import statistics

import torch
import torchvision
from timing import cases, paired, report

from archspec import read
from archspec.runtime.build import build

MODELS = (
    "resnet18",
    "alexnet",
    "vgg11",
    "googlenet",
    "inception_v3",
    "resnet50",
    "resnext50_32x4d",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v2",
)


def main() -> None:
    """Measure and print: the graph is elaborated and its source compiled before, as a class is defined before."""
    for device, target, rounds in (("cpu", "at most 1.10", 3), ("meta", "at most 1.00", 9)):
        ratios = []
        for name in cases(MODELS):
            graph, constructor = read(name).graph, getattr(torchvision.models, name)
            extra = {"init_weights": True} if name in ("googlenet", "inception_v3") else {}

            def peer(constructor=constructor, extra=extra, device=device):  # type: ignore[no-untyped-def]
                with torch.device(device):
                    return constructor(**extra)

            ours, theirs = paired(lambda graph=graph, device=device: build(graph, device=device), peer, rounds)
            ratios.append(ours / theirs)
            print(f"  {device:<5} {name:<20} {ours * 1e3:9.1f} ms  {theirs * 1e3:9.1f} ms  {ours / theirs:6.3f}")
        report(f"construction on {device}, median of ten models", statistics.median(ratios), target)


if __name__ == "__main__":
    main()
