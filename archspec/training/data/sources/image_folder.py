"""Images in folders, one for each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from archspec.training.data.images import SUFFIXES, read_image
from archspec.training.data.sources.base import SPLITS, Items, Source, Split, data_error, register

if TYPE_CHECKING:
    from torchvision.tv_tensors import Image

_SPLIT_NAMES: dict[str, Split] = {
    **{split: split for split in SPLITS},
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "testing": "test",
}


@dataclass(frozen=True)
class ImageFiles:
    """Images in files, and the class of each."""

    files: tuple[Path, ...]
    labels: tuple[int, ...]
    channels: int | None

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Image, int]:
        return read_image(self.files[index], self.channels), self.labels[index]


@register
class ImageFolder(Source):
    """Images in folders named by their classes: `root/cat/1.jpg`; or these under `train`, `validation` and `test`.

    `val` and `valid` are taken for `validation`. Folders in a class's folder are looked through, hidden files are not.
    """

    name = "image_folder"
    example: ClassVar[str] = "{image_folder: {root: photos}}"

    def open(self, root: Path, channels: int | None) -> Mapping[Split, Items]:
        if not root.is_dir():
            raise data_error("data-missing", f"there is no folder `{root}`")
        parts = {_SPLIT_NAMES[each.name.lower()]: each for each in _folders(root) if each.name.lower() in _SPLIT_NAMES}
        if "train" not in parts:
            parts = {"train": root}
        return {split: _items(folder, channels) for split, folder in parts.items()}


def _items(folder: Path, channels: int | None) -> Items:
    classes = tuple(each.name for each in _folders(folder))
    found = [(file, label) for label, name in enumerate(classes) for file in _images(folder / name)]
    if not found:
        raise data_error(
            "data-missing",
            f"there are no images in the folders of `{folder}`",
            expected=f"a folder for each class with images in it, such as `{folder / 'cat' / '1.jpg'}`",
            found=f"{len(classes)} folders" if classes else "no folders",
        )
    files, labels = tuple(file for file, _ in found), tuple(label for _, label in found)
    return Items(ImageFiles(files, labels, channels), classes, labels, files)


def _folders(root: Path) -> list[Path]:
    return sorted(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))


def _images(folder: Path) -> list[Path]:
    return sorted(
        each
        for each in folder.rglob("*")
        if each.suffix.lower() in SUFFIXES
        and not any(part.startswith(".") for part in each.relative_to(folder).parts)
        and each.is_file()
    )
