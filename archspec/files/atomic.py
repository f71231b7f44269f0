"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO

_BESIDE = re.compile(r"\..{1,100}\.[0-9a-f]{12}")
"""The names of files that are being written."""


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file so that a reader sees all of it or what was there before; text is written as UTF-8.

    The content is written to a file beside it and moved into place. A link is followed. What cannot be replaced, such
    as `/dev/stdout`, is written to directly. Raises `OSError` where the place cannot be written, and leaves nothing.
    """
    data = content.encode() if isinstance(content, str) else content
    if Path(path).exists() and not Path(path).is_file():
        Path(path).write_bytes(data)
        return
    with whole_file(path) as file:
        file.write(data)


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """A file to write to that takes its place, whole and on the disk, when all is written; else it leaves nothing."""
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{place.name[:100]}.{token_hex(6)}")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o777)
        beside.replace(place)
    except OSError as error:
        if error.errno is not None:
            error.filename = str(path)  # what was asked for, not the file beside it
        raise
    finally:
        with suppress(FileNotFoundError, NotADirectoryError):
            beside.unlink()


def sweep(folder: Path) -> None:
    """Take away what is left in a folder of files that a killed process had begun."""
    for path in folder.glob(".*.*"):
        if _BESIDE.fullmatch(path.name):
            path.unlink(missing_ok=True)
