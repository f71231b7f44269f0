"""Networks for video: what they give for clips of any length, and that they learn where a digit moves to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from torch import Tensor, nn

import archspec
from archspec.api import zoo

from .learning import clips, learn

SMALL = {"resolution": 32, "backbone": "lenet", "features": ["act6"], "hidden_size": 32, "num_classes": 4}
BACKBONES = sorted(name for name, document in zoo.variants() if "C5" in document.taps and "cifar" not in name)
CLASSIFIERS = {document.name: name for name, document in zoo.variants() if document.task == "image classification"}
SAMPLE = sorted(CLASSIFIERS.values())[::6]
FRAMES = {
    "lenet": {},
    "maxvit_t": {"image_size": 32, "stem": 16, "widths": [32, 64], "depths": [2, 1], "head_dim": 16, "partition": 4},
    "swin_t": {"image_size": 32, "width": 16, "depths": [2, 2], "heads": [2, 4], "window": 4},
}
"""Small ones; those with windows put them back together by the number of images, which is that of all frames."""


def loss_of(module: nn.Module) -> Any:
    return lambda x, label: nn.functional.cross_entropy(module(x), label)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_any_classifier_sees_the_frames(backbone: str) -> None:
    resolution = 299 if backbone == "inception_v3" else 224
    network = archspec.read("cnn_lstm", backbone=backbone, resolution=resolution, num_classes=7)
    assert network.graph.root.shapes == ((7,),)
    frames = network.graph.nodes["frames"]
    assert str(frames.shapes[0][0]) == "T" and len(frames.shapes[0]) == 2


@pytest.mark.parametrize("name", SAMPLE)
def test_any_bundled_classifier_sees_the_frames(name: str, tmp_path: Path) -> None:
    alone = archspec.read(name).graph
    sizes = ", ".join(map(str, alone.root.input_shapes[0]))
    video = archspec.read(written(tmp_path, f"input: [T, {sizes}]\ngraph: [{{time_distributed: {name}}}]\n")).graph
    (scores,) = video.root.shapes
    assert str(scores[0]) == "T" and scores[1:] == alone.root.shapes[0]
    assert video.counts.params <= alone.counts.params  # auxiliary heads are left out


@pytest.mark.parametrize("name", FRAMES)
def test_a_classifier_over_time_is_that_classifier_of_each_frame(name: str, tmp_path: Path) -> None:
    settings, sizes = FRAMES[name], archspec.read(name, **FRAMES[name]).graph.root.input_shapes[0]
    layer = {"use": name, **{key: value for key, value in settings.items() if key != "input"}}
    page = {"input": ["T", *sizes], "graph": {"frames": {"time_distributed": layer}}}
    module = archspec.load(written(tmp_path, yaml.safe_dump(page))).eval()
    for steps in (1, 3):
        video = torch.rand(2, steps, *sizes)
        with torch.no_grad():
            each = [module.frames.layer(video[:, step]) for step in range(steps)]
            torch.testing.assert_close(module(video), torch.stack(each, dim=1))


BLOCKS = """\
input: [T, H, 8, 16]
params: {rows: 2}
blocks:
  halves:
    graph: [{reshape: [batch * rows, "input.shape[0] // rows", 8, 16]}]
  wholes:
    inputs: [pieces, maps]
    graph: [{reshape: [batch, "maps.shape[0]", 8, 16], from: [pieces, maps]}]
  inner:
    graph: [windowed, {graph: [identity]}]
  windowed:
    graph:
      windows: {window_partition: 4}
      each: {linear: 16}
      size: {window_reverse: ["input.shape[0]", 8, 4], from: [each, input]}
      halves: halves
      norm: {layer_norm: [8, 16], eps: 1e-3}
      whole: {wholes: , from: [norm, size]}
"""


@pytest.mark.parametrize(
    "graph",
    [
        "{video: fold_time, layer: windowed, all: {unfold_time: , from: [layer, input]}}",
        "{video: fold_time, layer: {graph: [windowed]}, all: {unfold_time: , from: [layer, input]}}",
        "{all: {time_distributed: windowed}}",
        "{all: {time_distributed: inner}}",
    ],
)
def test_blocks_put_the_windows_of_each_frame_back_together(graph: str, tmp_path: Path) -> None:
    module = archspec.load(written(tmp_path, f"{BLOCKS}graph: {graph}\n")).eval()
    frame = BLOCKS.replace("[T, H, 8, 16]", "[H, 8, 16]") + "graph: {layer: windowed}\n"
    alone = archspec.load(written(tmp_path, frame)).eval()
    alone.load_state_dict(dict(zip(alone.state_dict(), module.state_dict().values())))
    video = torch.rand(2, 3, 16, 8, 16)
    with torch.no_grad():
        torch.testing.assert_close(module(video), torch.stack([alone(video[:, step]) for step in range(3)], dim=1))


def written(folder: Path, sections: str) -> Path:
    """A page with these sections, in a file."""
    path = folder / "video.yaml"
    path.write_text(f"archspec: 1\nname: video\n{sections}")
    return path


@pytest.mark.parametrize("steps", [1, 5])
@pytest.mark.parametrize("settings", [{}, {"recurrent": "gru", "num_layers": 2, "bidirectional": True}])
def test_each_frame_goes_through_the_backbone_alone(steps: int, settings: dict[str, Any]) -> None:
    module = archspec.load("cnn_lstm", **SMALL, **settings).eval()
    video = torch.rand(2, steps, 3, 32, 32)
    with torch.no_grad():
        layer = module.frames.layer
        expected = torch.stack([layer(video[:, step]) for step in range(steps)], dim=1)
        torch.testing.assert_close(module.frames(video), expected)
        sequence = module.recurrent(expected)[0]
        assert sequence.shape == (2, steps, 64 if settings else 32)
        torch.testing.assert_close(module(video), module.fc(sequence).mean(dim=1))


def test_the_last_frames_scores_may_count_alone() -> None:
    module = archspec.load("cnn_lstm", **SMALL, average=False).eval()
    video = torch.rand(2, 4, 3, 32, 32)
    with torch.no_grad():
        sequence = module.recurrent(module.frames(video))[0]
        torch.testing.assert_close(module(video), module.fc(sequence[:, -1]))


def test_lrcn_is_alexnet_to_its_first_linear_layer_and_an_lstm() -> None:
    graph = archspec.read("lrcn").graph
    assert graph.nodes["frames.layer.backbone"].counts.params == 2_334_080 + 37_752_832
    assert graph.nodes["recurrent"].op.hidden_size == 256
    assert str(graph.nodes["frames"].shapes[0]) == "(T, 4096)"


def test_cnn_lstm_learns_directions() -> None:
    torch.manual_seed(0)
    module = archspec.load("cnn_lstm", **SMALL, dropout=0.0)
    losses = learn(module, clips(192), loss_of(module), steps=60, size=32, lr=5e-3)
    assert sum(losses[-6:]) < 0.5 * sum(losses[:6])
    x, labels = clips(40, seed=1)
    with torch.no_grad():
        assert (module.eval()(x).argmax(1) == labels).float().mean() > 0.5


@pytest.mark.parametrize("variant", ["r3d_18", "mc3_18", "r2plus1d_18"])
def test_video_resnets_learn_directions(variant: str) -> None:
    torch.manual_seed(0)
    module = archspec.load(variant, num_classes=4)
    x, labels = clips(4)
    losses = learn(module, (x.transpose(1, 2), labels), loss_of(module), steps=3, size=4, lr=1e-4)
    assert losses[-1] < 0.7 * losses[0]


def test_the_clips_move_as_their_labels_say() -> None:
    video, labels = clips(40)
    assert video.shape == (40, 4, 3, 32, 32) and sorted(set(labels.tolist())) == [0, 1, 2, 3]
    moved = centres(video)[:, -1] - centres(video)[:, 0]
    assert torch.equal(direction(moved), labels)


def centres(video: Tensor) -> Tensor:
    """Where the digit stands in each frame: `[N, T, 2]`, down and right."""
    weight = video[:, :, 0] / video[:, :, 0].sum(dim=(2, 3), keepdim=True)
    places = torch.arange(video.shape[-1]).float()
    return torch.stack([(weight.sum(3) * places).sum(2), (weight.sum(2) * places).sum(2)], dim=2)


def direction(moved: Tensor) -> Tensor:
    """The number of the direction of each movement `[N, 2]`."""
    down, right = moved.unbind(1)
    return torch.where(right.abs() > down.abs(), (right < 0).long(), 2 + (down < 0).long())
