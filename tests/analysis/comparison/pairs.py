"""Networks to compare: kin and strangers, in pairs."""

from __future__ import annotations

import archspec
from archspec.analysis.comparison import Comparison, compare

PAIRS = [
    ("lenet", "lenet_1998"),
    ("alexnet", "alexnet_2012"),
    ("vgg16_bn", "vgg16_c"),
    ("resnet18", "resnet50"),
    ("resnet50", "resnet101"),
    ("resnet50", "resnext50_32x4d"),
    ("googlenet", "googlenet_2014"),
    ("densenet121", "densenet169"),
    ("mobilenet_v3_large", "mobilenet_v3_small"),
    ("efficientnet_b0", "efficientnet_b3"),
    ("googlenet", "resnet50"),
    ("resnet50", "densenet121"),
]


def compared(old: str, new: str) -> Comparison:
    """The comparison of two networks by name."""
    return compare(archspec.read(old).graph, archspec.read(new).graph)
