"""Folders of a data set: its splits, its classes and what lies in them; hidden files are passed over."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from archspec.training.data.sources.base import HOW_TO_SAY, SPLIT_NAMES, Split, data_error


def existing(root: Path) -> Path:
    """The folder itself; raises `SpecError` where there is none."""
    if not root.is_dir():
        raise data_error("data-missing", f"there is no folder `{root}`", help=HOW_TO_SAY)
    return root


def split_folders(root: Path) -> Mapping[Split, Path]:
    """The folders of the splits; without one for training, the whole is for training."""
    found: dict[Split, Path] = {}
    for folder in subfolders(root):
        split = SPLIT_NAMES.get(folder.name.lower())
        if split in found:
            raise data_error(
                "data-split",
                f"`{found[split]}` and `{folder}` are both for {split}",
                help="remove one, or merge the two",
            )
        if split:
            found[split] = folder
    return found if "train" in found else {"train": root}


def subfolders(root: Path) -> list[Path]:
    """The folders right inside a folder, by name."""
    return sorted(each for each in root.iterdir() if each.is_dir() and not each.name.startswith("."))


def classes_inside(part: Path) -> list[Path]:
    """The folders of the classes of a split; raises `SpecError` where one is a link to what is in the split already."""
    found = subfolders(part)
    for each in found:
        refuse_back(each, part)
    return found


def refuse_back(folder: Path, root: Path) -> None:
    """Raise `SpecError` where a folder is a link that leads back: to what lies in `root`, or to a folder around it."""
    if not folder.is_symlink():
        return
    real, whole, around = (Path(os.path.realpath(each)) for each in (folder, root, folder.parent))
    if real.is_relative_to(whole) or around.is_relative_to(real):
        message = f"`{folder}` is a link that leads back into the data: to `{real}`"
        raise data_error("data-link", message, help="remove the link: its files are there already")


def files_inside(folder: Path, suffixes: Collection[str], *, deep: bool = True, root: Path | None = None) -> list[Path]:
    """The files whose names end so, sorted; `deep`, those in the folders inside too.

    Raises `SpecError` for a link that leads back into `root`, or into the folder.
    """
    found = []
    for place, folders, files in os.walk(folder, followlinks=True):
        folders[:] = [each for each in folders if deep and not each.startswith(".")]
        for each in folders:
            refuse_back(Path(place, each), root or folder)
        found += [Path(place, each) for each in files if not each.startswith(".") and _suffix(each) in suffixes]
    return sorted(found)


def named_classes(*names: Iterable[str]) -> tuple[str, ...]:
    """The classes of several splits: by name, or by number where all names are numbers."""
    every = {name for each in names for name in each}
    by_number = all(name.isdecimal() for name in every)
    return tuple(sorted(every, key=(lambda name: (int(name), name)) if by_number else None))


def natural(path: Path) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts `frame_2` before `frame_10`.

    >>> sorted([Path("frame_10"), Path("frame_2")], key=natural)[0].name
    'frame_2'
    """
    parts = re.split(r"(\d+)", path.name)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)


def _suffix(name: str) -> str:
    return os.path.splitext(name)[1].lower()  # noqa: PTH122 - a path for each of a million names takes long
