"""Every file of a data set looked at: whole or not, within a time; what was seen is remembered."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from archspec.files.atomic import write_whole
from archspec.training.data.images import SUFFIXES, UnreadableError, load
from archspec.training.data.videos import SUFFIXES as VIDEOS
from archspec.training.data.videos import look_at_video

AT_ONCE = 256
"""How many files are looked at between two looks at the clock."""
Marks = NDArray[np.uint64]


@dataclass(frozen=True)
class Looked:
    """What came of it: the files at fault, and how many there was no time for."""

    faults: list[UnreadableError]
    unseen: int


def look_at(files: Sequence[Path], seconds: float, memory: Path | None = None) -> Looked:
    """Read every file as far as it takes to know that it is whole, the time allowing.

    The files found whole are remembered in `memory`, by path, size and time of change; they are not read again.
    """
    deadline = time.monotonic() + seconds
    known = _remembered(memory)
    faults: list[UnreadableError] = []
    marks: list[int] = []
    left = iter(files)
    done = 0
    with ThreadPoolExecutor(_processors()) as pool:
        while time.monotonic() < deadline and (some := list(islice(left, AT_ONCE))):
            done += len(some)
            for seen in pool.map(lambda file: _seen(file, known), some):
                if isinstance(seen, UnreadableError):
                    faults.append(seen)
                else:
                    marks.append(seen)
    _remember(memory, known, marks)
    return Looked(faults, len(files) - done)


def memory_of(root: Path) -> Path | None:
    """The file in which it is remembered what of a folder was seen: in the user's folder for what can be lost."""
    try:
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # there is no home
        return None
    return home / "archspec" / "data" / f"{_digest(str(root.resolve())):016x}.npy"


def _seen(file: Path, known: frozenset[int]) -> int | UnreadableError:
    try:
        status = file.stat()
    except OSError as error:
        return UnreadableError(
            file, "it does not exist" if isinstance(error, FileNotFoundError) else str(error.strerror)
        )
    mark = _digest(f"{file.absolute()}\0{status.st_size}\0{status.st_mtime_ns}")
    if mark in known:
        return mark
    try:
        if file.suffix.lower() in VIDEOS and file.suffix.lower() not in SUFFIXES:
            look_at_video(file)
        else:
            load(file, 3)
    except UnreadableError as error:
        return error
    return mark


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "little")


def _remembered(memory: Path | None) -> frozenset[int]:
    try:
        marks: Marks = np.load(memory, allow_pickle=False) if memory else np.empty(0, np.uint64)
    except (OSError, ValueError, EOFError):  # there is none, or it is of no use
        return frozenset()
    return frozenset(marks.tolist())


def _remember(memory: Path | None, known: frozenset[int], marks: Iterable[int]) -> None:
    every = known | set(marks)
    if memory is None or len(every) == len(known):
        return
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        write_whole(memory, _bytes(np.array(sorted(every), np.uint64)))
    except OSError:
        return  # then they are looked at again


def _bytes(array: Marks) -> bytes:
    from io import BytesIO

    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
