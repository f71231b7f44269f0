"""A list whose length says something keeps it when blocks fold: what torch gets is what the op asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archspec
from archspec.elaborate.symbol_table import op_signature
from archspec.ops import Op, ops
from archspec.runtime.verify import verify

CASES = {
    "adaptive_avg_pool": ("[8, 16, 16]", "{adaptive_avg_pool: [n, n]}", (8, 4)),
    "adaptive_max_pool": ("[8, 16, 16]", "{adaptive_max_pool: [n, n]}", (8, 4)),
    "avg_pool": ("[8, 16, 16]", "{avg_pool: [n, n], stride: [1, 1], padding: [1, 1]}", (2, 3)),
    "channel_affine": ("[2, 8, 8]", "{channel_affine: [n, n], shift: [n, 0]}", (1, 2)),
    "conv": ("[8, 16, 16]", "{conv: 8, kernel_size: [n, n], stride: [1, n], dilation: [n, n]}", (2, 3)),
    "conv_transpose": ("[8, 8, 8]", "{conv_transpose: 8, kernel_size: [n, n], stride: [n, n]}", (1, 2)),
    "layer_norm": ("[8, 16, 16]", "[{adaptive_avg_pool: n}, {layer_norm: [n, n]}]", (16, 8)),
    "rms_norm of 3": ("[8, 8, 8]", "[{conv: n, kernel_size: 1}, {max_pool: 8 / n}, {rms_norm: [n, n, n]}]", (8, 4)),
    "lp_pool": ("[8, 16, 16]", "{lp_pool: [n, n], norm_type: 2}", (2, 3)),
    "max_pool": ("[8, 16, 16]", "{max_pool: [n, n], dilation: [n, n], stride: [1, 1]}", (1, 2)),
    "mean": ("[4, 4, 4, 4]", "{unflatten: [n, -1], dim: 2}", (2, 4)),
    "pad": ("[8, 16, 16]", "{pad: [n, n, n, n]}", (1, 2)),
    "pad of one dimension": ("[8, 16]", "{pad: [n, n]}", (1, 2)),
    "permute": ("[8, 16, 16]", "{permute: [0, n, 3 - n, 3]}", (1, 2)),
    "reshape": ("[8, 16, 16]", "[{reshape: [n, n, -1]}, {reshape: [8, 16, 16]}]", (2, 4)),
    "rms_norm": ("[8, 16, 16]", "[{adaptive_avg_pool: n}, {rms_norm: [n, n]}]", (16, 8)),
    "split": ("[8, 4, 4]", "[{split: [n, 8 - n]}, {concat: ['previous[1]', 'previous[0]']}]", (4, 2)),
    "unflatten": ("[16, 8, 8]", "[{conv: n * n, kernel_size: 1}, {unflatten: [n, n]}, {flatten: 1}]", (4, 2)),
    "amax": ("[4, 4, 4]", "{amax: [n, 3]}", (1, 2)),
    "amin": ("[4, 4, 4]", "{amin: [n, 3]}", (1, 2)),
    "expand": ("[1, 4, 4]", "{expand: [n, 4, 4]}", (2, 3)),
    "flip": ("[4, 4, 4]", "{flip: [n, 3]}", (1, 2)),
    "full_like": ("[4, 4, 4]", "{full_like: 1, size: [batch, n, 4]}", (1, 2)),
    "constant_pad": ("[4, 4, 4]", "{constant_pad: [n, 1, 0, n]}", (1, 2)),
    "functional_conv": (
        "[4, 8, 8]",
        "[{parameter: [4, 4, 2, 2]}, {functional_conv: , stride: [1, n], padding: [n, 1], from: [input, '0']}]",
        (1, 2),
    ),
    "functional_conv_transpose": (
        "[4, 8, 8]",
        "[{parameter: [4, 4, 3, 3]}, {functional_conv_transpose: , stride: [3, n], from: [input, '0']}]",
        (2, 3),
    ),
    "fold": ("[16, 36]", "[{fold: [7, 7], kernel_size: [2, 2]}, {unfold: [n, n], stride: [n, 1]}]", (2, 3)),
    "fractional_max_pool": ("[8, 16, 16]", "{fractional_max_pool: [n, n], output_size: [n, 4]}", (2, 3)),
    "logsumexp": ("[4, 4, 4]", "{logsumexp: [n, 3]}", (1, 2)),
    "max_pool_with_indices": ("[8, 16, 16]", "[{max_pool_with_indices: [n, n], stride: [1, n]}, {select: 0}]", (1, 2)),
    "max_unpool": (
        "[8, 16, 16]",
        "[{max_pool_with_indices: [n, n]}, {max_unpool: [n, n], from: ['0', '0.indices']}]",
        (2, 4),
    ),
    "roll": ("[4, 4, 4]", "{roll: [n, 1], dims: [n, 3]}", (1, 2)),
    "std": ("[4, 4, 4]", "{std: [n, 3]}", (1, 2)),
    "sum": ("[4, 4, 4]", "{sum: [n, 3]}", (1, 2)),
    "tile": ("[4, 4, 4]", "{tile: [n, 1]}", (1, 2)),
    "unfold": ("[4, 8, 8]", "{unfold: [n, n], stride: [n, 1], padding: [1, n]}", (2, 3)),
    "var": ("[4, 4, 4]", "{var: [n, 3]}", (1, 2)),
    "upsample": ("[8, 4, 4]", "[{upsample: , size: [n, n]}, {upsample: , scale_factor: [n, n]}]", (2, 3)),
    "vector_norm": ("[8, 4, 4]", "{unflatten: [n, -1], dim: 1}", (2, 4)),
}  # fmt: skip
"""The input, the node in a block that is called with each of two values of `n` one after another, and these."""

EXPRESSIONS = {
    *(
        "reshape",
        "permute",
        "split",
        "amax",
        "amin",
        "expand",
        "flip",
        "logsumexp",
        "roll",
        "std",
        "sum",
        "tile",
        "var",
    ),
    *("mean", "vector_norm", "constant_pad", "functional_conv", "functional_conv_transpose"),
    "full_like",
}
"""Ops that are written out in `forward`, with their numbers: blocks in which these differ are several classes."""

APART = {
    *("rbf", "region_proposals", "sample_proposals", "detection_transform", "anchor_detections", "box_detections"),
    *("point_detections", "default_box_detections", "grid_points"),
    *("roi_pool", "roi_align", "multi_scale_roi_align"),
    *("parameter", "buffer", "relative_position_index", "log_spaced_coordinates", "shifted_window_mask"),
    *("linspace", "numbers"),
}
"""Ops with lists that are tables or settings of a detector, which the tests of the detectors run; and tensors that are
held, in `tests/ops/test_held.py`."""


def takes_a_list(op: type[Op]) -> bool:
    written = op_signature(op).fields
    return any("tuple[" in str(info.annotation) for name, info in op.model_fields.items() if name in written)


def test_every_op_that_takes_a_list_has_a_case() -> None:
    assert {name for name, op in ops().items() if takes_a_list(op)} - APART == {name.split()[0] for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_the_folded_source_makes_the_module_that_the_op_asks_for(name: str, tmp_path: Path) -> None:
    shape, node, numbers = CASES[name]
    graph = f"[{node}]" if node.startswith("{") else node
    path = tmp_path / "net.yaml"
    path.write_text(
        f"archspec: 1\nname: net\ninput: {shape}\n"
        f"blocks: {{unit: {{params: {{n: int}}, graph: {graph}}}}}\n"
        f"graph: {{a: {{unit: {numbers[0]}, from: input}}, b: {{unit: {numbers[1]}, from: input}}}}\n"
        "output: {a: a, b: b}\n"
    )
    architecture = archspec.read(path)
    module = archspec.load(path).eval()
    assert verify(architecture.graph, module) == []
    assert architecture.source().count("class Unit(") == 1 or name in EXPRESSIONS
    module(torch.rand(2, *architecture.graph.root.input_shapes[0]))
