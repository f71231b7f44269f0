"""Clips in folders, one for each class: a folder of frames or a video file each."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from archspec.language.diagnostics import Diagnostic
from archspec.language.plural import plural
from archspec.training.data.images import SUFFIXES, UnreadableError, read_image
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import Flag, Items, Positive, Source, Split, data_error, register
from archspec.training.data.sources.folders import (
    classes_inside,
    existing,
    files_inside,
    named_classes,
    natural,
    refuse_back,
    split_folders,
    subfolders,
)
from archspec.training.data.videos import SUFFIXES as VIDEOS
from archspec.training.data.videos import read_video

if TYPE_CHECKING:
    from torchvision.tv_tensors import Image, Video

SHOWN = 10


class TooShortError(UnreadableError):
    """A clip has too few frames."""

    code = "data-frames"
    what = "has too few frames"
    help = "take it away, ask for fewer (`frames: …`), or write `loop: true` to begin it again"


class UnequalError(UnreadableError):
    """The frames of a clip differ in size."""

    code = "data-frames"
    what = "has frames of several sizes"
    help = "all frames of a clip have one size: fix the clip, or remove it"


@dataclass(frozen=True)
class Choice:
    """Which frames of a clip are taken: `frames` of them, or all; every `step`-th, or evenly spread over the clip.

    Frames in steps begin anywhere where `by_chance`, or else so that they lie in the middle. A short clip begins again
    where it is to `loop`.
    """

    frames: int | None
    step: int | None = None
    loop: bool = False
    by_chance: bool = False

    def __call__(self, count: int) -> list[int]:
        """The numbers of the frames that are taken of a clip of so many, none where it has too few.

        >>> Choice(4)(10), Choice(4, step=2)(10), Choice(4, loop=True)(3)
        ([1, 3, 6, 8], [1, 3, 5, 7], [0, 1, 2, 0])
        """
        if self.frames is None:
            return list(range(0, count, self.step or 1))
        if count < self.reach:
            return [place % count for place in range(0, self.reach, self.step or 1)] if self.loop else []
        if self.step is None:
            return [(2 * place + 1) * count // (2 * self.frames) for place in range(self.frames)]
        room = count - self.reach
        start = random.randint(0, room) if self.by_chance else room // 2
        return list(range(start, start + self.reach, self.step))

    @property
    def reach(self) -> int:
        """The least number of frames that a clip needs."""
        return ((self.frames or 1) - 1) * (self.step or 1) + 1


@dataclass(frozen=True)
class ClipFiles:
    """Clips as folders of frames or video files, and the class of each."""

    files: tuple[Path, ...]
    frames: tuple[tuple[Path, ...], ...]
    labels: tuple[int, ...]
    channels: int | None
    choice: Choice

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[Video, int]:
        clip = read_clip(self.files[index], self.frames[index], self.channels, self.choice)
        return clip, self.labels[index]


def read_clip(clip: Path, frames: Sequence[Path], channels: int | None, choice: Choice) -> Video:
    """The chosen frames `[T, C, H, W]` of a video, or of a folder with these frames.

    Raises `UnreadableError` where a file is gone or torn, and where there are too few frames.
    """
    import torch
    from torchvision.tv_tensors import Video

    chosen = _Chosen(choice, clip)
    if _is_video(clip):
        return Video(read_video(clip, channels, chosen))
    images = [read_image(frames[number], channels) for number in chosen(len(frames))]
    if len({image.shape for image in images}) > 1:
        raise UnequalError(clip, ", ".join(sorted({_size(image) for image in images})))
    return Video(torch.stack(images))


@dataclass(frozen=True)
class _Chosen:
    """A choice made of one clip, which is at fault where it has too few frames."""

    choice: Choice
    file: Path

    def __call__(self, count: int) -> list[int]:
        chosen = self.choice(count) if count else []
        if not chosen:
            raise TooShortError(self.file, f"{plural(count, 'frame')}, and {self.choice.reach} are needed")
        return chosen


@register
class Clips(Source):
    """Clips in folders named by their classes: each a folder of frames, `wave/1/001.jpg`, or a video, `wave/1.mp4`.

    These may lie under `train`, `validation` and `test`. Frames come in the order of the numbers in their names. Of
    `frames`, there are as many as the network takes, where that is a number. They are spread evenly over the clip; or
    every `step`-th is taken, from anywhere in training and from the middle otherwise. A clip with too few begins again
    with `loop: true`.
    """

    name = "clips"
    example: ClassVar[str] = "{clips: {root: videos, frames: 16}}"

    frames: Positive | None = None
    step: Positive | None = None
    loop: Flag = False

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        choice = self.choice(wanted)
        parts = split_folders(existing(root))
        folders = {split: classes_inside(part) for split, part in parts.items()}
        classes = named_classes(*([each.name for each in inside] for inside in folders.values()))
        return {split: _items(part, folders[split], classes, wanted, choice) for split, part in parts.items()}

    def choice(self, wanted: Wanted) -> Choice:
        """Which frames of a clip are taken."""
        return Choice(self.frames or wanted.frames, self.step, self.loop)


def _items(part: Path, folders: list[Path], classes: tuple[str, ...], wanted: Wanted, choice: Choice) -> Items:
    found = [(clip, classes.index(folder.name)) for folder in folders for clip in _clips(folder, part)]
    if not found:
        raise data_error(
            "data-missing",
            f"there are no clips in the folders of `{part}`",
            expected=f"a folder of frames for each clip, such as `{part / 'wave' / '1' / '001.jpg'}`, or a video",
            found=plural(len(folders), "folder") if folders else "no folders",
        )
    files, labels = tuple(clip for clip, _ in found), tuple(label for _, label in found)
    frames = tuple(map(frames_of, files))
    drawn = ClipFiles(files, frames, labels, wanted.channels, choice)
    training = replace(drawn, choice=replace(choice, by_chance=True)) if choice.step else None
    return Items(drawn, classes, labels, files, frames, training, problems=_too_short(files, frames, choice))


def _clips(folder: Path, root: Path) -> list[Path]:
    """The videos in a class's folder, and the folders with frames right inside them."""
    videos = files_inside(folder, VIDEOS, root=root)  # which passes through all folders, and is told of links
    return sorted([*(each for each in subfolders(folder) if any(_frames(each))), *videos])


def clips_at(place: Path) -> list[Path]:
    """The clip that lies there, a video or a folder with frames right inside it; or all clips in the folders there."""
    if not place.is_dir() or _frames(place):
        return [place]
    folders = subfolders(place)
    for folder in folders:
        refuse_back(folder, place)
    inside = [clip for folder in folders for clip in clips_at(folder)]
    return sorted([*inside, *files_inside(place, VIDEOS, deep=False)])


def frames_of(clip: Path) -> tuple[Path, ...]:
    """The files that a clip is read from: its frames in order, or the video itself."""
    return tuple(_frames(clip)) if clip.is_dir() else (clip,)


def _frames(clip: Path) -> list[Path]:
    return sorted(files_inside(clip, SUFFIXES, deep=False), key=natural)


def _size(image: Image) -> str:
    return f"{image.shape[-1]}×{image.shape[-2]}"


def _is_video(clip: Path) -> bool:
    return not clip.is_dir()


def _too_short(files: Sequence[Path], frames: Sequence[Sequence[Path]], choice: Choice) -> tuple[Diagnostic, ...]:
    """Clips that have fewer frames than are taken of each; a video's are counted when it is read."""
    counted = [(clip, len(each)) for clip, each in zip(files, frames) if not _is_video(clip)]
    short = [] if choice.loop else [(clip, count) for clip, count in counted if count < choice.reach]
    if not short:
        return ()
    lines = [f"`{clip}`: {plural(count, 'frame')}" for clip, count in short[:SHOWN]]
    lines += [f"and {len(short) - SHOWN} more"] * (len(short) > SHOWN)
    return (
        Diagnostic(
            "data-frames",
            f"{plural(len(short), 'clip')} {'has' if len(short) == 1 else 'have'} too few frames",
            expected=f"{choice.reach} at least",
            found="\n".join(lines),
            help="take them away, ask for fewer (`frames: …`), or write `loop: true` to begin them again",
        ),
    )
