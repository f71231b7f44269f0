"""Files that appear whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex


def write_whole(path: str | Path, content: str | bytes) -> None:
    """Write a file so that a reader sees all of it or what was there before; text is written as UTF-8.

    The content is written to a file beside it and moved into place. A link is followed. What cannot be replaced, such
    as `/dev/stdout`, is written to directly. Raises `OSError` where the place cannot be written, and leaves nothing.
    """
    data = content.encode() if isinstance(content, str) else content
    if Path(path).exists() and not Path(path).is_file():
        Path(path).write_bytes(data)
        return
    place = Path(os.path.realpath(path))
    beside = place.with_name(f".{place.name[:100]}.{token_hex(6)}")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if place.exists():
            beside.chmod(place.stat().st_mode & 0o777)
        beside.replace(place)
    except OSError as error:
        if error.filename:
            error.filename = str(path)  # what was asked for, not the file beside it
        raise
    finally:
        beside.unlink(missing_ok=True)
