"""Eager forward, training step and peak memory against torchvision's modules, batch 1 and 8."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
import torchvision
from timing import cases, paired, report
from torch import nn

import archspec

MODELS = (
    "resnet18",
    "alexnet",
    "googlenet",
    "resnet50",
    "densenet121",
    "efficientnet_b0",
    "mobilenet_v2",
    "mobilenet_v3_large",
)


def pair(name: str) -> tuple[nn.Module, nn.Module]:
    """Our module and torchvision's with the same weights."""
    extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    peer = getattr(torchvision.models, name)(**extra)
    ours = archspec.load(name)
    ours.load_state_dict(peer.state_dict())
    return ours, peer


def forward(module: nn.Module, batch: torch.Tensor) -> Callable[[], object]:
    """Inference."""
    module.eval()

    def run() -> object:
        with torch.inference_mode():
            return module(batch)

    return run


def training(module: nn.Module, batch: torch.Tensor) -> Callable[[], object]:
    """Forward and backward."""
    module.train()

    def run() -> object:
        output = module(batch)
        loss = sum(each.sum() for each in output) if isinstance(output, tuple) else output.sum()
        loss.backward()
        module.zero_grad()
        return loss

    return run


def peak(kind: str, name: str, size: int) -> int:
    """The peak resident memory in KiB of a process that takes two training steps."""
    command = [sys.executable, __file__, "peak", kind, name, str(size)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def resident() -> int:
    """The peak resident memory of this process in KiB; `getrusage` gives that of the process which started it, too."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[1])  # type: ignore[index]


def measure_peak(kind: str, name: str, size: int) -> None:
    """Inside that process, where the other's module is never made: what is needed beyond the imports."""
    training(archspec.load("lenet"), torch.randn(1, 1, 32, 32))()
    before = resident()
    extra = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
    module = archspec.load(name) if kind == "ours" else getattr(torchvision.models, name)(**extra)
    step = training(module, torch.randn(size, 3, 224, 224))
    step(), step()
    print(resident() - before)


def main() -> None:
    """Measure and print."""
    torch.manual_seed(0)
    for size, rounds in cases(((1, 15), (8, 5))):
        batch = torch.randn(size, 3, 224, 224)
        for what, make in (("forward", forward), ("training step", training)):
            ratios = []
            for name in cases(MODELS):
                ours, peer = pair(name)
                fast, slow = paired(make(ours, batch), make(peer, batch), rounds)
                ratios.append(fast / slow)
                print(
                    f"  batch {size} {what:<14} {name:<20} {fast * 1e3:9.1f} ms {slow * 1e3:9.1f} ms {fast / slow:6.3f}"
                )
            report(f"{what}, batch {size}, median over models", statistics.median(ratios), "at most 1.02")
        memory = [peak("ours", name, size) / peak("peer", name, size) for name in cases(MODELS)]
        print("  peak memory " + ", ".join(f"{name} {ratio:.3f}" for name, ratio in zip(MODELS, memory)))
        report(f"peak memory of training, batch {size}, median", statistics.median(memory), "at most 1.02")


if __name__ == "__main__":
    if sys.argv[1:2] == ["peak"]:
        measure_peak(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    else:
        main()
