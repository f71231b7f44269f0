"""What a network takes, read off its graph, and batches that feed it so."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest
import torch

import archspec
from archspec.training.data import held_against
from archspec.training.data.network_inputs import Wanted, wanted_by
from tests.training.data.recipes import opened
from tests.training.digits import write_folders

LABELLED = """\
archspec: 1
name: labelled
input:
  image: [1, 28, 28]
  label: {shape: [], dtype: int64, optional: true}
graph: {flatten: {flatten: , from: image}, fc: {linear: 2}}
"""


def read(folder: Path, text: str) -> archspec.Architecture:
    path = folder / "spec.yaml"
    path.write_text(text)
    return archspec.read(path)


def of(*shape: object) -> Wanted:
    return Wanted(("input",), (shape,))


@pytest.mark.parametrize(
    ("wanted", "time", "frames", "channels", "size"),
    [
        (of(3, 224, 224), None, None, 3, (224, 224)),
        (of(1, 28, 20), None, None, 1, (28, 20)),
        (of(3, 16, 112, 112), 1, 16, 3, (112, 112)),
        (of(16, 3, 112, 112), 0, 16, 3, (112, 112)),
        (of(3, 3, 112, 112), 1, 3, 3, (112, 112)),
        (of("T", 3, 64, 64), 0, None, 3, (64, 64)),
        (of(3, "T", 64, 64), 1, None, 3, (64, 64)),
        (of(3, "H", "W"), None, None, 3, None),
        (of(28, 28), None, None, None, None),
        (of(10), None, None, None, None),
    ],
)
def test_dimensions_are_told_apart(
    wanted: Wanted, time: int | None, frames: int | None, channels: int | None, size: tuple[int, int] | None
) -> None:
    assert (wanted.time, wanted.frames, wanted.channels, wanted.size) == (time, frames, channels, size)


def test_symbols_of_a_spec(tmp_path: Path) -> None:
    text = "archspec: 1\nname: net\ninput: [T, 3, H, W]\ngraph: [{mean: [1, 2, 3, 4]}]\n"
    wanted = wanted_by(read(tmp_path, text).graph)
    assert (wanted.time, wanted.frames, wanted.channels, wanted.size) == (0, None, 3, None)


@pytest.mark.parametrize("workers", [0, 1])
def test_a_network_that_takes_labels_is_fed_with_them_in_training(tmp_path: Path, workers: int) -> None:
    root = write_folders(tmp_path / "photos", each=8)
    architecture = read(tmp_path, LABELLED)
    data = opened(f"image_folder: {root}\nbatch_size: 4\nworkers: {workers}", architecture.graph)
    assert held_against(data, architecture.graph) == []
    (images, labels), targets = next(iter(data.train_dataloader()))
    assert torch.equal(labels, targets)
    module = architecture.build()
    assert module(images, labels).shape == (4, 2)
    inputs, _ = next(iter(data.loader("validation")))
    assert len(inputs) == 1
    assert module(*inputs).shape == (2, 2)


def test_an_image_of_another_rank(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "photos", each=8)
    graph = read(tmp_path, "archspec: 1\nname: rows\ninput: [28, 28]\ngraph: [flatten, {linear: 2}]\n").graph
    (problem,) = held_against(opened(f"image_folder: {root}\nbatch_size: 4\nworkers: 0", graph), graph)
    assert (problem.expected, problem.found) == ("28×28", "3×28×28")
    assert problem.help == (
        "the network takes 2 dimensions of each item: begin its graph with a `reshape`, or take other data"
    )


def test_channels_that_no_image_has(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "photos", each=8)
    graph = read(tmp_path, "archspec: 1\nname: bands\ninput: [4, 28, 28]\ngraph: [flatten, {linear: 2}]\n").graph
    (problem,) = held_against(opened(f"image_folder: {root}\nbatch_size: 4\nworkers: 0", graph), graph)
    assert problem.help == "the network takes 4 channels, an image has 1 or 3"


def test_parts_travel_to_other_processes(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "photos", each=8)
    architecture = read(tmp_path, LABELLED)
    part = opened(f"image_folder: {root}\nbatch_size: 4", architecture.graph).parts["train"]
    for twin in (pickle.loads(pickle.dumps(part)), copy.deepcopy(part)):
        assert torch.equal(twin[3][0][0], part[3][0][0])
