"""Video files → frames, read by PyAV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.training.data.images import UnreadableError

if TYPE_CHECKING:
    from torch import Tensor

SUFFIXES = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm", ".m4v", ".mpg", ".mpeg"})
"""The names of files that are taken for videos."""
MISSING = "PyAV, which reads videos, is not installed: `pip install av`"


def read_video(path: Path, channels: int | None, choose: Callable[[int], list[int]]) -> Tensor:
    """The chosen frames `[T, C, H, W]` of a video; `choose` is given how many it has.

    Raises `UnreadableError` where the file is gone or is no whole video.
    """
    import torch

    with _opened(path) as container:
        wanted = choose(_count(container, path))
        frames = {}
        for number, frame in enumerate(_frames(container)):
            if number in wanted:
                frames[number] = torch.from_numpy(frame.to_ndarray(format="gray" if channels == 1 else "rgb24"))
            if number >= max(wanted):
                break
        if lacking := sorted(set(wanted) - set(frames)):
            raise UnreadableError(path, f"it ends before its frame {lacking[0] + 1}")
    video = torch.stack([frames[number] for number in wanted])
    return video.unsqueeze(1) if channels == 1 else video.permute(0, 3, 1, 2)


def look_at_video(path: Path) -> None:
    """Raise `UnreadableError` unless a first frame can be read."""
    with _opened(path) as container:
        if next(_frames(container), None) is None:
            raise UnreadableError(path, "it has no frames")


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import av
    except ModuleNotFoundError:
        raise UnreadableError(path, MISSING) from None
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise UnreadableError(path, "there is no video in it")
            yield container
    except FileNotFoundError:
        raise UnreadableError(path, "it does not exist") from None
    except av.error.FFmpegError as error:
        reason = (error.strerror or str(error)).strip()
        raise UnreadableError(path, reason[:1].lower() + reason[1:]) from None


def _frames(container: Any) -> Iterator[Any]:
    yield from container.decode(video=0)


def _count(container: Any, path: Path) -> int:
    """How many frames a video has: as it says of itself, or counted where it does not."""
    count = int(container.streams.video[0].frames)
    if not count:
        count = sum(1 for _ in _frames(container))
        container.seek(0)
    if not count:
        raise UnreadableError(path, "it has no frames")
    return count
