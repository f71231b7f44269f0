"""Several networks → one page with variants: each variant is the network that it was written of."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import archspec
from archspec.api.architecture import read_document
from archspec.importing.page import write_family
from archspec.language.diagnostics import Findings
from archspec.language.document import parse_document
from archspec.language.source import Source

FAMILIES = [
    ["resnet18", "resnet34"],
    ["resnet50", "resnet101", "resnet152"],
    ["resnet18", "resnet50", "resnext50_32x4d"],
    ["densenet121", "densenet161"],
    ["vgg11", "vgg11_bn", "vgg19"],
    ["mobilenet_v1", "mobilenet_v1_050", "mobilenet_v1_128"],
    ["mobilenet_v3_large", "mobilenet_v3_small"],
    ["efficientnet_b0", "efficientnet_b1", "efficientnet_b7"],
    ["r3d_18", "mc3_18"],
    ["resnet18", "resnet34", "resnet50"],
    ["vgg11", "vgg13", "vgg16", "vgg19"],
    ["vit_b_16", "vit_b_32", "vit_l_16"],
    ["convnext_tiny", "convnext_small", "convnext_base"],
]
LINES = {"resnet34,resnet50": 22, "vgg13,vgg16,vgg19": 33, "densenet161": 28, "vit_l_16": 48, "convnext_base": 76}
"""No page of a family that ends with these may be longer."""


@pytest.mark.parametrize("members", FAMILIES, ids=",".join)
def test_each_variant_is_its_network(members: list[str]) -> None:
    graphs = {name: archspec.read(name).graph for name in members}
    text = write_family(graphs)
    document = parse_document(Source("family.yaml", text), Findings())
    for name, graph in graphs.items():
        assert read_document(document, name, {}).graph.fingerprint == graph.fingerprint, f"{name}\n{text}"
    most = next((lines for last, lines in LINES.items() if ",".join(members).endswith(last)), None)
    assert most is None or text.count("\n") <= most, text


def test_networks_of_different_families_are_told() -> None:
    with pytest.raises(archspec.SpecError, match="not of one family"):
        write_family({name: archspec.read(name).graph for name in ("alexnet", "lenet")})


def net(depth: int, width: int) -> nn.Module:
    return nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)], nn.ReLU(), nn.Linear(width, 10))


def test_modules_of_a_family_are_one_page() -> None:
    family = archspec.from_modules({"small": net(2, 8), "large": net(4, 8)}, torch.zeros(2, 8), name="nets")
    assert (
        family.to_yaml()
        == """archspec: 1
name: nets
title: Sequential
input: [8]
params: {depths: [2]}
variants:
  small: {}
  large: {depths: [4]}
graph: [{linear: 8, repeat: "depths[0]"}, relu, {linear: 10}]
"""
    )
    assert family.name == "small"
