"""Links in a data folder: those that lead elsewhere are followed, those that lead back are told."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from archspec.language.diagnostics import SpecError
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources import sources
from tests.training.digits import write_clips, write_folders

BACK = {
    "the class itself": ("three/more", "three"),
    "the data": ("three/more", "."),
    "around the data": ("three/more", ".."),
    "another class": ("three/more", "seven"),
    "a class twice": ("four", "three"),
    "deep": ("three/a/b/more", "three/a"),
}


@pytest.mark.parametrize("source", ["image_folder", "clips"])
@pytest.mark.parametrize("split", ["", "train"])
@pytest.mark.parametrize("kind", BACK)
def test_a_link_that_leads_back_is_told(kind: str, split: str, source: str, tmp_path: Path) -> None:
    part = tmp_path / "data" / split
    (write_folders if source == "image_folder" else write_clips)(part)
    link, target = (part / each for each in BACK[kind])
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target.resolve(), target_is_directory=True)
    began = time.monotonic()
    with pytest.raises(SpecError, match=r"error\[data-link\]: .* is a link that leads back into the data"):
        opened(source, tmp_path / "data")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("source", ["image_folder", "clips"])
def test_a_link_to_elsewhere_is_followed(source: str, tmp_path: Path) -> None:
    write = write_folders if source == "image_folder" else write_clips
    write(tmp_path / "data", (3,))
    write(tmp_path / "elsewhere", (7,))
    (tmp_path / "data/seven").symlink_to(tmp_path / "elsewhere/seven", target_is_directory=True)
    (tmp_path / "linked").symlink_to(tmp_path / "data", target_is_directory=True)
    assert opened(source, tmp_path / "linked") == ("seven", "three")


def opened(source: str, root: Path) -> tuple[str, ...]:
    shape = (3, 28, 28) if source == "image_folder" else (3, 4, 28, 28)
    return sources()[source]().open(root, Wanted(("input",), (shape,)))["train"].classes
