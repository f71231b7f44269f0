"""Data sets of installed packages, by their entry points."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import pytest
import torch

import archspec
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.training.data import Data, held_against
from archspec.training.data.sources import packages, sources
from tests.training.data.recipes import net, opened, settings, told

PLUGIN = '''
"""Data sets as packages have them."""

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset, IterableDataset

from archspec.training.data.sources import Items, Source
from tests.training.digits import digits


class Digits(Dataset):
    """Digits as Pillow's images, as torchvision's data sets give them."""

    classes = [str(number) for number in range(10)]

    def __init__(self, root: str, train: bool = True, stride: int = 50, invert: bool = False, transform=None):
        images, labels = digits()
        chosen = slice(0 if train else 1, None, stride)
        self.root, self.images, self.targets = root, images[chosen], torch.tensor(labels[chosen], dtype=torch.int64)
        self.invert = invert

    def __len__(self):
        return len(self.images)

    def __getitem__(self, item):
        image = 255 - self.images[item] if self.invert else self.images[item]
        return Image.fromarray(image), self.targets[item]


def halves(split: str):
    """The top half and the bottom half of each digit: two inputs of floating point."""
    if split not in ("train", "val"):
        raise ValueError(f"no {split}")
    return Halves(0 if split == "train" else 1)


class Halves:
    def __init__(self, first):
        images, labels = digits()
        self.images, self.labels = images[first::50], labels[first::50]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, item):
        image = self.images[item].astype("float32") / 255
        return (image[:14], image[14:]), int(self.labels[item])


class Found(Dataset):
    """Objects in images."""

    task = "detection"
    classes = ["__background__", "digit"]

    def __init__(self, boxes: bool = True):
        self.boxes = boxes

    def __len__(self):
        return 8

    def __getitem__(self, item):
        target = {"boxes": [[4, 4, 24, 24]], "labels": torch.tensor([1])} if self.boxes else {}
        return digits()[0][item], target


def stream(count: int = 3):
    class Stream(IterableDataset):
        def __iter__(self):
            return iter(range(count))

    return Stream()


def single():
    return [torch.zeros(1, 28, 28)]


class Own(Source):
    """A source of its own."""

    name = "own"
    example = "own"

    def open(self, root, wanted):
        return {"train": Items(Digits("").images, ("a", "b"), None)}


nothing = 3
'''


@pytest.fixture(autouse=True)
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "digits_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    names = {"digits": "Digits", "halves": "halves", "found": "Found", "own": "Own", "stream": "stream"}
    names |= {"single": "single", "nothing": "nothing", "lost": "no_such_name"}
    entries = [metadata.EntryPoint(name, f"digits_plugin:{value}", packages.GROUP) for name, value in names.items()]
    monkeypatch.setattr(metadata, "entry_points", lambda group: entries if group == packages.GROUP else [])
    packages.installed.cache_clear()


def test_a_data_set_is_named_like_any_other(tmp_path: Path) -> None:
    assert {"mnist", "digits", "own"} <= set(sources())
    graph = net(tmp_path, "[3, 32, 32]", num_classes=10)
    data = opened(f"digits: {{root: {tmp_path}, stride: 25}}\nbatch_size: 8\nworkers: 0", graph)
    assert held_against(data, graph) == []
    assert data.classes == tuple("0123456789")
    assert {split: len(part) for split, part in data.parts.items()} == {"train": 180, "validation": 20, "test": 200}
    (images,), targets = next(iter(data.train_dataloader()))
    assert (images.shape, images.dtype, targets.dtype) == ((8, 3, 32, 32), torch.float32, torch.int64)


def test_its_keywords_are_fields(tmp_path: Path) -> None:
    assert settings(f"digits: {{root: {tmp_path}, invert: true}}").source.invert is True  # type: ignore[attr-defined]
    assert told("digits: {root: here, strid: 3, invert: 1, train: false}") == (
        """\
error[wrong-type]: `invert` of `digits` cannot be `1`
  --> recipe.yaml:1:40
  |
1 | digits: {root: here, strid: 3, invert: 1, train: false}
  |                                        ^
  = expected: true or false

error[unknown-key]: `digits` has no key `strid`
  --> recipe.yaml:1:22
  |
1 | digits: {root: here, strid: 3, invert: 1, train: false}
  |                      ^^^^^
  = expected: `root`, `stride`, `invert`
  = help: did you mean `stride`?

error[unknown-key]: `digits` has no key `train`
  --> recipe.yaml:1:43
  |
1 | digits: {root: here, strid: 3, invert: 1, train: false}
  |                                           ^^^^^
  = expected: `root`, `stride`, `invert`"""
    )


def two_inputs(folder: Path) -> Graph:
    path = folder / "halves.yaml"
    path.write_text(
        "archspec: 1\nname: halves\ninput: {top: [14, 28], bottom: [14, 28]}\n"
        "graph: {both: {concat: [top, bottom]}, flatten: flatten, fc: {linear: 10}}\n"
    )
    return archspec.read(path).graph


def test_several_inputs_are_given_in_their_order(tmp_path: Path) -> None:
    graph = two_inputs(tmp_path)
    data = opened("halves:\nbatch_size: 4\nworkers: 0", graph)
    assert held_against(data, graph) == []
    assert data.parts.keys() == {"train", "validation"}
    (top, bottom), targets = next(iter(data.train_dataloader()))
    assert (top.shape, bottom.shape, targets.shape) == ((4, 14, 28), (4, 14, 28), (4,))


def test_one_input_is_too_few_for_a_network_of_two(tmp_path: Path) -> None:
    graph = two_inputs(tmp_path)
    problems = held_against(opened(f"digits: {tmp_path}\nworkers: 0", graph), graph)
    assert (problems[0].message, problems[0].expected) == (
        "`halves` takes 2 values of each item, `digits` gives 1",
        "`top`, `bottom`",
    )


def test_objects_move_with_their_images(tmp_path: Path) -> None:
    graph = net(tmp_path, "[3, 56, 56]")
    text = (
        "found:\nbatch_size: 2\nworkers: 0\ntransforms: {train: [{resize: [56, 56]}, {to_dtype: float32, scale: true}]}"
    )
    data: Data = opened(text, graph)
    (images,), targets = next(iter(data.train_dataloader()))
    assert images.shape == (2, 3, 56, 56)
    assert [target["boxes"].tolist() for target in targets] == [[[8.0, 8.0, 48.0, 48.0]]] * 2
    assert held_against(data, graph) == []


@pytest.mark.parametrize(
    ("text", "message", "found"),
    [
        ("stream: 4", "`stream` is not a data set with a length", "Stream"),
        ("single: {root: here}", "`single` takes no folder: leave `root` and `--data` out", None),
        ("digits: {root: here, stride: 0}", "`digits` cannot be opened", "ValueError: slice step cannot be zero"),
    ],
)
def test_what_cannot_be_opened(tmp_path: Path, text: str, message: str, found: str | None) -> None:
    with pytest.raises(SpecError) as caught:
        opened(text, net(tmp_path))
    (problem,) = caught.value.diagnostics
    assert (problem.message, problem.found) == (message, found)
    assert problem.span is not None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lost", "`lost` cannot be loaded from `digits_plugin:no_such_name`"),
        ("nothing", "`digits_plugin:nothing` is not a data set"),
    ],
)
def test_what_cannot_be_loaded(name: str, message: str) -> None:
    assert told(f"{name}:").splitlines()[:2] == [f"error[data-source]: {message}", "  --> recipe.yaml:1:1"]


@pytest.mark.parametrize(
    ("text", "shape", "found"),
    [
        ("single:", "[1, 28, 28]", "TypeError: an item is a pair of input and target, not Tensor"),
        (
            "found: {boxes: false}",
            "[1, 28, 28]",
            "TypeError: the target of a detector is a mapping with `boxes` and `labels`",
        ),
    ],
)
def test_items_in_another_form(tmp_path: Path, text: str, shape: str, found: str) -> None:
    graph = net(tmp_path, shape)
    problems = held_against(opened(f"{text}\nbatch_size: 1\nworkers: 0\nvalidation: train", graph), graph)
    assert found in {problem.found for problem in problems}


def test_a_source_of_its_own_is_taken_as_it_is(tmp_path: Path) -> None:
    data = opened(f"own: {tmp_path}", net(tmp_path))
    assert (data.classes, data.settings.source.name) == (("a", "b"), "own")


def test_a_misspelt_name_is_told_of_them() -> None:
    assert "  = help: did you mean `digits`?" in told("digts:").splitlines()
