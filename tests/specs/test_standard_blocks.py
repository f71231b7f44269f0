"""Standard blocks against the modules that their papers' readers know, weights and chance included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

import archspec
from archspec.runtime.verify import verify

X, MEMORY = (5, 16), (7, 16)


def loaded(folder: Path, inputs: str, call: str) -> nn.Module:
    path = folder / "net.yaml"
    path.write_text(f"archspec: 1\nname: net\ninput: {inputs}\ngraph: [{call}]\n")
    module = archspec.load(path)
    assert verify(archspec.read(path).graph, module) == []
    return module


def with_its_weights(ours: nn.Module, theirs: nn.Module) -> None:
    ours.load_state_dict({f"0.{name}": tensor for name, tensor in theirs.state_dict().items()})


def equal(ours: nn.Module, theirs: Any, *inputs: torch.Tensor) -> bool:
    torch.manual_seed(1)
    expected = theirs(*inputs)
    torch.manual_seed(1)
    return torch.equal(ours(*inputs), expected)


@pytest.mark.parametrize("first", ["true", "false"])
@pytest.mark.parametrize("act", ["relu", "gelu"])
def test_encoder_layer_is_torchs(first: str, act: str, tmp_path: Path) -> None:
    call = f"{{encoder_layer: 4, hidden: 32, norm_first: {first}, act: {act}}}"
    ours = loaded(tmp_path, str([*X]), call)
    theirs = nn.TransformerEncoderLayer(16, 4, 32, activation=act, batch_first=True, norm_first=first == "true")
    with_its_weights(ours, theirs)
    assert equal(ours, theirs, torch.randn(2, *X))


@pytest.mark.parametrize("first", ["true", "false"])
@pytest.mark.parametrize("causal", ["true", "false"])
def test_decoder_layer_is_torchs(first: str, causal: str, tmp_path: Path) -> None:
    call = f"{{decoder_layer: 4, hidden: 32, norm_first: {first}, causal: {causal}, from: [x, memory]}}"
    ours = loaded(tmp_path, f"{{x: {[*X]}, memory: {[*MEMORY]}}}", call)
    theirs = nn.TransformerDecoderLayer(16, 4, 32, batch_first=True, norm_first=first == "true")
    with_its_weights(ours, theirs)
    mask = nn.Transformer.generate_square_subsequent_mask(5) if causal == "true" else None
    run = lambda x, memory: theirs(x, memory, tgt_mask=mask)  # noqa: E731
    assert equal(ours, run, torch.randn(2, *X), torch.randn(2, *MEMORY))


@pytest.mark.parametrize(("height", "width", "window"), [(6, 4, 2), (6, 9, 3), (4, 4, 4)])
def test_windows_hold_what_stands_together(height: int, width: int, window: int, tmp_path: Path) -> None:
    x = torch.arange(2 * height * width * 3.0).view(2, height, width, 3)
    windows = loaded(tmp_path, f"[{height}, {width}, 3]", f"{{window_partition: {window}}}")(x)
    expected = [
        example[row : row + window, column : column + window].reshape(-1, 3)
        for example in x
        for row in range(0, height, window)
        for column in range(0, width, window)
    ]
    assert torch.equal(windows, torch.stack(expected))
    back = f"{{window_partition: {window}}}, {{window_reverse: [{height}, {width}, {window}]}}"
    assert torch.equal(loaded(tmp_path, f"[{height}, {width}, 3]", back)(x), x)


def test_heads_are_split_as_torch_splits_them(tmp_path: Path) -> None:
    x = torch.randn(2, 5, 12)
    heads = loaded(tmp_path, "[5, 12]", "{split_heads: 3}")(x)
    assert torch.equal(heads, torch.stack(x.chunk(3, dim=-1), dim=1))
    assert torch.equal(loaded(tmp_path, "[5, 12]", "{split_heads: 3}, merge_heads")(x), x)


def maps_of(*shape: int) -> torch.Tensor:
    return torch.randn(2, *shape)


@pytest.mark.parametrize(("height", "width"), [(12, 16), (16, 24)])
def test_correlation_is_torchvisions(height: int, width: int, tmp_path: Path) -> None:
    from torchvision.models.optical_flow.raft import CorrBlock

    size = f"{height}, {width}"
    path = tmp_path / "net.yaml"
    path.write_text(
        f"archspec: 1\nname: net\ninput: {{a: [8, {size}], b: [8, {size}], places: [2, {size}]}}\ngraph:\n"
        "  pyramid: {correlation: 3, from: [a, b]}\n  read: {correlation_lookup: 2, from: [places, pyramid]}\n"
    )
    ours, theirs = archspec.load(path), CorrBlock(num_levels=3, radius=2)
    assert verify(archspec.read(path).graph, ours) == []
    a, b, places = maps_of(8, height, width), maps_of(8, height, width), maps_of(2, height, width).abs() * 8
    theirs.build_pyramid(a, b)
    torch.testing.assert_close(ours(a, b, places), theirs.index_pyramid(places), atol=1e-5, rtol=1e-4)
    assert archspec.read(path).macs == height * width * height * width * 8


@pytest.mark.parametrize("factor", [2, 8])
def test_convex_upsampling_is_torchvisions(factor: int, tmp_path: Path) -> None:
    from torchvision.models.optical_flow._utils import upsample_flow

    inputs = f"{{flow: [2, 5, 6], mask: [{9 * factor**2}, 5, 6]}}"
    ours = loaded(tmp_path, inputs, f"{{convex_upsample: {factor}, from: [flow, mask]}}")
    flow, mask = maps_of(2, 5, 6), maps_of(9 * factor**2, 5, 6)
    torch.testing.assert_close(ours(flow, mask), upsample_flow(flow, mask, factor=factor))


def test_boxes_are_decoded_as_yolov8_does(tmp_path: Path) -> None:
    """Distances as means of distributions, from each place, in pixels."""
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: net\ninput: {fine: [64, 8, 12], coarse: [64, 4, 6]}\ngraph:\n"
        "  grid: {grid_points: [8, 16], from: [fine, coarse]}\n"
        "  one: {flatten: 2, from: fine}\n  other: {flatten: 2, from: coarse}\n  all: {concat: [one, other], dim: 2}\n"
        "  sides: dfl\n  halves: {chunk: 2}\n"
        '  corners: {compute: "concat([grid.points - halves[0], grid.points + halves[1]], dim=1) * grid.strides"}\n'
    )
    module = archspec.load(path)
    assert verify(archspec.read(path).graph, module) == []
    maps = maps_of(64, 8, 12), maps_of(64, 4, 6)
    found, start = module(*maps), 0
    for x, stride in zip(maps, (8, 16)):
        for row in range(x.shape[2]):
            for column in range(x.shape[3]):
                chances = x[:, :, row, column].view(2, 4, 16).softmax(-1)
                left, top, right, bottom = (chances * torch.arange(16)).sum(-1).unbind(1)
                x0, y0 = column + 0.5 - left, row + 0.5 - top
                x1, y1 = column + 0.5 + right, row + 0.5 + bottom
                corners = torch.stack((x0, y0, x1, y1), 1) * stride
                torch.testing.assert_close(found[:, :, start], corners, atol=1e-4, rtol=1e-4)
                start += 1
