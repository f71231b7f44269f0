"""A sample of the table in docs/torch_tools.md, and the table itself: no cell says a fault."""

from __future__ import annotations

from functools import cache

import pytest
import torch
from torch import nn

from tests.torch_tools.__main__ import FINE, NOTES, PAGE, page, read
from tests.torch_tools.networks import DOCUMENTS, Inputs, network
from tests.torch_tools.tools import REASONS, TOOLS, fault

SAMPLE = ("lenet_1998", "capsnet", "cnn_lstm")
"""Small networks with classes of our own, a recurrent layer, and outputs with names."""
SCRIPTED = ("googlenet", "inception_v3", "fasterrcnn_mobilenet_v3_large_fpn", "retinanet_resnet50_fpn")
"""Networks with training-only outputs and with torchvision's procedures."""
made = cache(network)


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("variant", SAMPLE)
def test_a_tool_does_what_it_should(variant: str, tool: str) -> None:
    assert fault(tool, DOCUMENTS[variant], *made(variant)) is None


@pytest.mark.parametrize("variant", SCRIPTED)
def test_what_torchvision_scripts_is_scripted(variant: str) -> None:
    assert fault("script", DOCUMENTS[variant], *network(variant)) is None


class Broken(nn.Module):
    """Computes something else each time, keeps a function, reads values, and is its own copy."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)
        self.calls = 0.0
        self.act = lambda x: x

    def __deepcopy__(self, memo: dict[int, object]) -> Broken:
        return self

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.calls += 1
        if x.sum().item() > 1e9:
            return x
        return self.act(self.fc(x)) * self.calls


@pytest.mark.parametrize("tool", [each for each in TOOLS if each not in ("autocast", "quantise", "channels_last")])
def test_a_tool_that_fails_is_told(tool: str) -> None:
    inputs: Inputs = (torch.ones(2, 3),)
    assert fault(tool, "none", Broken().eval(), inputs)


def test_a_reason_that_does_not_hold_is_told() -> None:
    (_, document), reason = next(iter(REASONS.items()))
    assert fault("deepcopy", "none", nn.Linear(2, 2), (torch.ones(1, 2),)) is None
    tool = next(tool for tool, name in REASONS if name == document)
    assert fault(tool, document, nn.Linear(2, 2), (torch.ones(1, 2),)) == f"works, though {reason}"


def test_the_table_says_no_fault() -> None:
    rows = read()
    assert rows
    for variant, cells in rows.items():
        for tool, cell in zip(TOOLS, cells, strict=True):
            reason = REASONS.get((tool, DOCUMENTS[variant]))
            assert cell == (str(NOTES[reason]) if reason else FINE), (variant, tool)
    assert page(rows).split("- **")[1:] == PAGE.read_text("utf-8").split("- **")[1:], "all but the versions"
