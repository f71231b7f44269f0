"""Every bundled architecture and small spec, laid out as pages show it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import archspec
from archspec.api import zoo
from archspec.pictures.drawing import Drawing, Sheet, View, compose
from archspec.pictures.layout.graphviz import Placed, Problem
from archspec.pictures.layout.lay_out import laid_out
from tests.samples import SPECS, sample

SHUFFLE = str(Path(__file__).parents[1] / "codegen" / "specs" / "shuffle.yaml")
SOME = ["resnet18", "vgg16_bn", "googlenet_2014", "mobilenet_v3_small", "lenet_1998", SHUFFLE]
NAMES = [*zoo.documents(), *SOME, *SPECS]
VIEWS = [("figure", "TB"), ("figure", "LR"), ("overview", "TB"), ("detail", "TB"), ("detail", "LR")]


@cache
def drawn(name: str, kind: str) -> Drawing:
    architecture = sample(name) if name in SPECS else archspec.read(name)
    return compose(architecture.graph, View(kind))  # type: ignore[arg-type]


@cache
def laid(name: str, kind: str, direction: str) -> list[tuple[Sheet, Problem, Placed]]:
    """Each sheet, what was to be laid out of it, and where everything is."""
    sheets = drawn(name, kind).sheets
    found = laid_out(sheets, direction)  # type: ignore[arg-type]
    return [(sheet, given, placed) for sheet, (given, placed) in zip(sheets, found, strict=True)]
