"""What cannot be followed is told in the user's terms: what was done, at which line, and what to try."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archspec


class Loops(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        while x.norm() > 1:
            x = x / 2
        return x


class ReadsANumber(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * x.max().item()


class Chooses(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


class Counts(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.seen += 1
        return x + self.seen


class OnGpu(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.to("cuda") * 2


class Fits(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(x)


FAILURES = {
    Loops: (
        "torch.export cannot follow `Loops`: it decides by the values of its input, not by their shapes",
        "while x.norm() > 1:",
    ),
    ReadsANumber: (
        "torch.export cannot follow `ReadsANumber`: it reads the value of a tensor as a number",
        "return x * x.max().item()",
    ),
    Chooses: ("torch.export cannot follow `Chooses`: it takes as many values as others say", "return x[x > 0]"),
    Counts: ("`Counts` changes itself as it runs: it writes into its own `seen`", "self.seen += 1"),
    OnGpu: ("torch.export cannot follow `OnGpu`: it needs a GPU", 'return x.to("cuda") * 2'),
    Fits: ("`Fits` itself fails on inputs of 2×3, the first number being the batch", "return self.fc(x)"),
}
"""Each module with its message and the line that it names."""


@pytest.mark.parametrize("module", FAILURES, ids=lambda module: module.__name__)
def test_what_stops_it_is_told_at_its_line(module: type[nn.Module]) -> None:
    message, line = FAILURES[module]
    with pytest.raises(archspec.SpecError) as caught:
        archspec.from_module(module(), torch.full((2, 3), 0.1))
    (told,) = caught.value.diagnostics
    assert told.message == message
    assert told.span is not None
    assert told.span.source.text.splitlines()[told.span.line - 1].strip() == line
    assert told.help


class Tripled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient * 3


class OwnGradient(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return Tripled.apply(x) + 1


def test_a_gradient_of_its_own_is_told() -> None:
    (warning,) = archspec.from_module(OwnGradient(), torch.rand(2, 3)).warnings
    assert warning.message == "the page shows the module in evaluation mode alone"
    assert warning.found == "`Tripled` computes its gradient itself"
