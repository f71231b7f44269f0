"""Another input than the spec's, from outside: for every bundled spec, and with published weights."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch

import archspec
from archspec.language.yaml_tree import plain
from archspec.runtime.verify import verify
from tests.elaborate.reading import read

MAPPED = """\
archspec: 1
name: net
input: {a: [3, 32, 32], b: {shape: [T], dtype: int64}}
graph: {c: relu, d: {embedding: 9, embedding_dim: 2, from: b}}
output: [c, d]
"""
SIZED = """\
archspec: 1
name: net
params: {side: 32, out: side // 4}
input: [3, side, side]
graph: [{conv: out, kernel_size: 3}, {max_pool: 2}]
"""


def faults(text: str, folder: Path, **given: Any) -> str:
    with pytest.raises(archspec.SpecError) as error:
        read(text, folder, **given)
    return str(error.value)


def test_a_size_that_is_a_param_sets_it(tmp_path: Path) -> None:
    assert read(SIZED, tmp_path, input=[3, 64, 64]).graph.root.children[0].shapes == ((16, 62, 62),)
    assert read(SIZED, tmp_path, input=[1, 64, 48]).graph.root.children[0].shapes == ((8, 62, 46),)
    assert read(SIZED, tmp_path, input=[1, 64, 64], side=32).graph.root.children[0].shapes == ((8, 62, 62),)
    assert read(SIZED, tmp_path, input=[1, "H", "W"]).graph.root.input_shapes[0][0] == 1


def test_one_of_several_inputs_is_set_by_name(tmp_path: Path) -> None:
    shapes = read(MAPPED, tmp_path, input={"a": [1, 8, 8], "b": [7]}).graph.root.input_shapes
    assert [tuple(shape) for shape in shapes] == [(1, 8, 8), (7,)]
    assert "`net` has several inputs" in faults(MAPPED, tmp_path, input=[1, 8, 8])
    assert "`net` has no input `c`" in faults(MAPPED, tmp_path, input={"c": [1]})
    assert "input `a` is a shape" in faults(MAPPED, tmp_path, input={"a": 3})
    assert "the input is a shape" in faults(SIZED, tmp_path, input="1x8x8")
    assert "a size of `input` cannot be `0`" in faults(SIZED, tmp_path, input=[1, 0, 8])


def test_figures_hold_for_the_spec_s_own_input() -> None:
    assert archspec.read("resnet18").figures and not archspec.read("resnet18", input=[1, 64, 64]).figures


GRAY = [
    "alexnet",
    "densenet",
    "efficientnet",
    "googlenet",
    "lenet",
    "mobilenet_v1",
    "mobilenet_v2",
    "mobilenet_v3",
    "resnet",
    "vgg",
    "inception_v3",
    "video_resnet",
    "cnn_lstm",
    "channel_boosted",
]


@pytest.mark.parametrize("name", GRAY)
def test_bundled_networks_take_images_of_one_channel(name: str) -> None:
    own = plain(archspec.read(name).document.input)
    channels = len(own) - 3 - (name == "video_resnet")
    side = 299 if name == "inception_v3" else 96
    large = [side if size not in ("T", "channels") and (isinstance(size, str) or size > 200) else size for size in own]
    shape = [*large[:channels], 1, *large[channels + 1 :]]
    architecture = archspec.read(name, input=shape)
    assert list(map(str, architecture.graph.root.input_shapes[0])) == list(map(str, shape))
    if architecture.params < 6e6:
        assert verify(architecture.graph, architecture.build(), {"T": 2}) == []


@pytest.mark.parametrize("channels", [1, 6])
def test_the_first_convolution_is_summed_or_fresh(
    channels: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    torch.manual_seed(0)
    whole = archspec.load("resnet18", input=[3, 64, 64]).eval()
    torch.save(whole.state_dict(), path := tmp_path / "w.pt")
    with caplog.at_level(logging.WARNING, "archspec"):
        other = archspec.load("resnet18", weights=path, input=[channels, 64, 64]).eval()
    assert "summed over the channels of the input: conv1.weight" in caplog.text
    x = torch.randn(2, 1, 64, 64)
    gray, wanted = other(x.expand(2, channels, 64, 64)), whole(x.expand(2, 3, 64, 64))
    torch.testing.assert_close(gray, wanted, rtol=1e-4, atol=1e-4)
    caplog.clear()
    with caplog.at_level(logging.WARNING, "archspec"):
        fresh = archspec.load("resnet18", weights=path, input=[channels, 64, 64], first_conv="fresh")
    assert "left as initialised: conv1.weight" in caplog.text and "summed" not in caplog.text
    assert torch.equal(fresh.layer1[0].conv1.weight, whole.layer1[0].conv1.weight)
