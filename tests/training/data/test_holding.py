"""Data held against a spec: every mismatch, all at once, with how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.graph import Graph
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
    assert told == (
        f"""\
error[data-classes]: the data has 2 classes, `net` tells 5 apart
{place}  = expected: 5
  = found: 2: `seven`, `three`
  = help: set `num_classes` to 2: `--set num_classes=2`

error[data-batch]: there are 22 items to train on, fewer than a batch of 64
{place}  = help: set `batch_size` to 22 or less, or `drop_last: false`

error[data-shape]: the transforms `train` give images of another shape than `net` takes
{place}  = expected: 3×32×32
  = found: 3×28×28
  = help: end `train` with `{{resize: [32, 32]}}`, or leave the list out: images then come in the spec's size

error[data-range]: the transforms `train` give values far from those that networks are fed with
{place}  = expected: about 0 to 1, or about -3 to 3 where they are normalised
  = found: 0 to 255
  = help: write `scale: true` in `to_dtype`, or check `normalize`

error[data-shape]: the transforms `eval` give images of another shape than `net` takes
{place}  = expected: 3×32×32
  = found: 1×28×28
  = help: add `{{grayscale: 3}}` to `eval`

error[data-range]: the transforms `eval` give no floating point
{place}  = found: uint8
  = help: end `eval` with `{{to_dtype: float32, scale: true}}`"""
    )
