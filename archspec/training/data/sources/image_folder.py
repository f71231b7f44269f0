"""Images in folders, one for each class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from archspec.training.data.images import SUFFIXES, read_image
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import Items, Source, Split, data_error, register
from archspec.training.data.sources.folders import classes_inside, existing, files_inside, named_classes, split_folders

if TYPE_CHECKING:
    from torchvision.tv_tensors import Image


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

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        parts = split_folders(existing(root))
        folders = {split: classes_inside(part) for split, part in parts.items()}
        classes = named_classes(*([each.name for each in inside] for inside in folders.values()))
        return {split: _items(part, folders[split], classes, wanted.channels) for split, part in parts.items()}


def _items(part: Path, folders: list[Path], classes: tuple[str, ...], channels: int | None) -> Items:
    numbers = {name: number for number, name in enumerate(classes)}
    found = [(file, numbers[folder.name]) for folder in folders for file in files_inside(folder, SUFFIXES, root=part)]
    if not found:
        raise data_error(
            "data-missing",
            f"there are no images in the folders of `{part}`",
            expected=f"a folder for each class with images in it, such as `{part / 'cat' / '1.jpg'}`",
            found=f"{len(folders)} folders" if folders else "no folders",
        )
    files, labels = tuple(file for file, _ in found), tuple(label for _, label in found)
    return Items(ImageFiles(files, labels, channels), classes, labels, files)
