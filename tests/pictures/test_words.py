"""What a picture says of ops, edges and documented figures, in the words of papers."""

from __future__ import annotations

from typing import Any

import pytest

import archspec
from archspec.graph.labels import op_words
from archspec.graph.model import Leaf
from archspec.ops import ops
from archspec.ops.shapes import symbol
from archspec.pictures.drawing import compose
from archspec.pictures.drawing.captions import verdict_lines


def words(name: str, fields: dict[str, Any], *shapes: tuple[Any, ...]) -> str:
    return op_words(ops()[name](**fields), *shapes)


@pytest.mark.parametrize(
    ("name", "fields", "shapes", "said"),
    [
        ("mean", {"dim": 1}, [(symbol("T"), 101)], "mean over T"),
        ("mean", {"dim": -2}, [(symbol("T"), 101)], "mean over T"),
        ("mean", {"dim": (2, 3)}, [(512, 7, 7)], "mean over dims 2, 3"),
        ("vector_norm", {"dim": -1}, [(10, 16)], "length over the last dim"),
        ("vector_norm", {"dim": -2}, [(10, 16)], "length over dim −2"),
        ("unsqueeze", {"dim": 1}, [(512,)], "unsqueeze dim 1"),
        ("squeeze", {"dim": -1}, [(512, 1)], "squeeze the last dim"),
        ("permute", {"dims": (0, 2, 3, -3)}, [(96, 56, 56)], "permute 0, 2, 3, −3"),
        ("unflatten", {"unflattened_size": (1, -1)}, [(16, 8, 8)], "unflatten 1, −1"),
        ("unflatten", {"unflattened_size": (32, 8)}, [(256, 6, 6)], "unflatten 32×8"),
        ("rbf", {"centers": ((-1.0, 1.0), (1.0, -1.0), (1.0, 1.0))}, [(2,)], "RBF 3"),
        ("scale", {"init_value": 1.0, "bias": True}, [(6, 14, 14)], "scale, bias"),
        ("conv", {"out_channels": 8, "kernel_size": 3, "bias": False}, [(3, 32, 32)], "3×3 conv, 8"),
        ("upsample_like", {}, [(256, 25, 25), (256, 50, 50)], "upsample to match"),
        ("upsample_like", {"mode": "bilinear"}, [(8, 5, 5), (8, 9, 9)], "bilinear upsample to match"),
        (
            "multi_scale_roi_align",
            {"output_size": 7, "sampling_ratio": 2},
            [(1000, 4), (800, 800), (256, 200, 200)],
            "multi-scale RoIAlign to 7×7",
        ),
    ],
)
def test_ops_are_said_as_papers_say_them(
    name: str, fields: dict[str, Any], shapes: list[tuple[Any, ...]], said: str
) -> None:
    assert words(name, fields, *shapes) == said


def names_of_edges(name: str) -> list[str]:
    return [edge.name for edge in archspec.read(name).draw(view="overview").drawing.main.edges if edge.name]


def test_the_first_output_of_an_op_needs_no_name_where_no_other_is_taken() -> None:
    assert names_of_edges("cnn_lstm") == []
    assert names_of_edges("show_and_tell") == ["h_n", "c_n"]


def test_documented_figures_that_agree_come_first() -> None:
    statuses = [verdict.status for verdict in archspec.read("resnet50_v1").figures]
    assert statuses[0] == "differs as explained"
    (said,) = verdict_lines(archspec.read("resnet50_v1").figures)
    assert said == "documented figures: 1 agrees, 1 differs as explained"


@pytest.mark.parametrize("name", ["yolov8", "swin"])
def test_an_equation_on_several_lines_keeps_its_commas(name: str) -> None:
    """What an equation says stands in its box, letter by letter."""
    graph = archspec.read(name).graph
    said = {"".join(map(str, box.lines)).replace(" ", "") for box in compose(graph).boxes()}
    equations = [op_words(node.op) for node in graph.walk() if isinstance(node, Leaf) and node.op.name == "compute"]
    calls = {words.replace(" ", "") for words in equations if "(" in words and "," in words}
    assert calls and calls <= said
