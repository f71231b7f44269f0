from __future__ import annotations

from typing import Any

import pytest
import torch
from msgspec.structs import replace
from torch import nn

from archspec.runtime.build import build
from archspec.runtime.verify import Mismatch, verify
from tests.codegen.samples import NAMES, graph_of


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_torch_agrees(name: str, device: str) -> None:
    graph = graph_of(name)
    module = build(graph, device=device)
    assert verify(graph, module) == []
    assert module.training


def test_a_wrong_count_is_found() -> None:
    graph = graph_of("unet")
    wrong = replace(graph, root=replace(graph.root, counts=replace(graph.counts, params=graph.counts.params + 1)))
    assert verify(wrong, build(graph)) == [
        Mismatch("", "parameters", graph.counts.params + 1, graph.counts.params),
        Mismatch("", "trainable parameters", graph.counts.params + 1, graph.counts.params),
    ]


def test_a_module_that_differs_is_found() -> None:
    graph = graph_of("unet")
    module: Any = build(graph)
    module.enc1[0] = nn.Conv2d(1, 16, kernel_size=3)
    module.enc1[2] = nn.Conv2d(16, 16, kernel_size=3, padding=2, bias=False)
    found = {(each.address, each.what): (each.inferred, each.torch) for each in verify(graph, module)}
    assert found["enc1.0", "output shapes"] == ([(16, 64, 64)], [(16, 62, 62)])
    assert found["enc1.2.bias", "state_dict entry"] == ((16,), None)
    assert found["", "parameters"] == (graph.counts.params, graph.counts.params - 16)


def test_frozen_parameters_are_counted_apart() -> None:
    graph = graph_of("corners")
    module = build(graph)
    module.requires_grad_(True)
    assert [each.what for each in verify(graph, module)] == ["trainable parameters"]


def test_leaves_no_hook_and_no_mode_behind() -> None:
    graph = graph_of("unet")
    module = build(graph).eval()
    verify(graph, module)
    assert not module.training
    assert not any(each._forward_hooks for each in module.modules())
    assert torch.is_grad_enabled()
