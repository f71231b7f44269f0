"""Data held against a spec: every mismatch, all at once, with how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.graph.model import Graph
from archspec.training.data import held_against
from tests.training.data.recipes import net, opened
from tests.training.digits import write_folders, write_idx


def problems(text: str, graph: Graph) -> str:
    return "\n\n".join(map(str, held_against(opened(text, graph), graph)))


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folders(tmp_path_factory.mktemp("photos"), each=12, mode="RGB")


@pytest.mark.parametrize("shape", ["[1, 28, 28]", "[3, 28, 28]", "[3, 299, 299]", "[1, 16, 24]"])
def test_images_come_as_the_spec_takes_them(photos: Path, tmp_path: Path, shape: str) -> None:
    assert problems(f"image_folder: {photos}\nbatch_size: 4", net(tmp_path, shape)) == ""


@pytest.mark.parametrize("shape", ["[1, 32, 32]", "[3, 28, 28]"])
def test_digits_come_as_the_spec_takes_them(tmp_path: Path, shape: str) -> None:
    root = write_idx(tmp_path / "idx")
    assert problems(f"mnist: {root}", net(tmp_path, shape, num_classes=10)) == ""


def test_all_mismatches_are_told_at_once(photos: Path, tmp_path: Path) -> None:
    text = f"""\
image_folder: {photos}
batch_size: 64
transforms: {{train: [{{to_dtype: float32}}], eval: [{{grayscale: 1}}]}}
"""
    told = problems(text, net(tmp_path, "[3, 32, 32]", num_classes=5))
    place = f"  --> recipe.yaml:1:1\n  |\n1 | image_folder: {photos}\n  | ^^^^^^^^^^^^\n"
    line = "3 | transforms: {train: [{to_dtype: float32}], eval: [{grayscale: 1}]}\n"
    train = f"  --> recipe.yaml:3:14\n  |\n{line}  |              ^^^^^\n"
    eval_ = f"  --> recipe.yaml:3:44\n  |\n{line}  |                                            ^^^^\n"
    assert told == (
        f"""\
error[data-classes]: the data has 2 classes, `net` predicts 5 classes
{place}  = expected: 5
  = found: 2: `seven`, `three`
  = help: set `num_classes` to 2: `--set num_classes=2`

error[data-batch]: there are 22 items to train on, fewer than a batch of 64
  --> recipe.yaml:2:13
  |
2 | batch_size: 64
  |             ^^
  = help: set `batch_size` to 22 or less, or `drop_last: false`

error[data-shape]: the transforms `train` give images of another shape than `net` takes
{train}  = expected: 3×32×32
  = found: 3×28×28
  = help: end `train` with `{{resize: [32, 32]}}`, or leave the list out: images then come in the spec's size

error[data-range]: the transforms `train` give images with values far outside the range that networks expect
{train}  = expected: about 0 to 1, or about -3 to 3 where they are normalised
  = found: 0 to 255
  = help: write `scale: true` in `to_dtype`, or check `normalize`

error[data-shape]: the transforms `eval` give images of another shape than `net` takes
{eval_}  = expected: 3×32×32
  = found: 1×28×28
  = help: add `{{grayscale: 3}}` to `eval`

error[data-range]: the transforms `eval` give images that are not floating-point
{eval_}  = found: uint8
  = help: end `eval` with `{{to_dtype: float32, scale: true}}`"""
    )


def test_splits_that_differ_in_their_classes(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    write_folders(root / "train", (3, 7), each=6)
    write_folders(root / "val", (3,), each=3)
    write_folders(root / "test", (3, 7), each=3)
    (root / "test" / "seven").rename(root / "test" / "Seven")
    place = f"  --> recipe.yaml:1:1\n  |\n1 | image_folder: {root}\n  | ^^^^^^^^^^^^\n"
    told = problems(f"image_folder: {root}\nbatch_size: 2", net(tmp_path, num_classes=3))
    assert told == (
        f"""\
warning[data-empty-class]: no item of validation is of class `seven`
{place.rstrip()}

error[data-class-names]: test has items of classes that training has none of: `Seven`
{place}  = help: did you mean `seven`?

warning[data-empty-class]: no item of test is of class `seven`
{place.rstrip()}"""
    )


def test_a_class_keeps_its_number_in_every_split(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    write_folders(root / "train", (3, 7), each=6)
    write_folders(root / "test", (3,), each=3)
    data = opened(f"image_folder: {root}\nbatch_size: 2", net(tmp_path))
    assert data.classes == ("seven", "three")
    assert data.counts("test") == (0, 3)


def test_every_file_is_looked_at_and_those_at_fault_are_listed(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "photos", each=40)
    (root / "seven" / "03.png").write_bytes(b"")
    torn = root / "three" / "31.png"
    torn.write_bytes(torn.read_bytes()[:-30])
    told = problems(f"image_folder: {root}\nbatch_size: 2", net(tmp_path))
    assert told == (
        f"""\
error[data-unreadable]: 2 files cannot be read
  --> recipe.yaml:1:1
  |
1 | image_folder: {root}
  | ^^^^^^^^^^^^
  = found: `{root / "seven" / "03.png"}`: it is not an image
      `{torn}`: image file is truncated
  = help: restore them, or remove them"""
    )


def test_limited_data_is_looked_at_no_further(tmp_path: Path) -> None:
    root = write_folders(tmp_path / "photos", each=40)
    text = f"image_folder: {root}\nbatch_size: 2\nlimit: 4"
    (left, *_) = set(root.rglob("*.png")) - {
        file
        for part in opened(text, net(tmp_path)).parts.values()
        for item in part.chosen
        for file in part.items.all_files(item)
    }
    left.write_bytes(b"")
    assert problems(text, net(tmp_path)) == ""
