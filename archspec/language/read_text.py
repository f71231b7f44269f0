"""A spec's file → its text, or a message that says why there is none."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from archspec.language.diagnostics import Diagnostic, SpecError, nearest
from archspec.language.source import Source, Span
from archspec.language.visible_text import visible

MAX_BYTES = 1 << 20
"""The largest spec that is read. The largest bundled one is about a hundredth of this."""


def read_source(path: Path, name: str | None = None) -> Source:
    """The text of a spec's file.

    `name` is what messages call it; left out, the path as given. Raises `SpecError` for a file that is missing, not a
    plain file, unreadable, larger than `MAX_BYTES` or not UTF-8 text.
    """
    name = shown_name(str(path) if name is None else name)
    data = _bytes(path, name)
    if len(data) > MAX_BYTES:
        _refuse(
            "file-too-large",
            f"`{name}` is larger than a spec may be",
            expected=f"at most {MAX_BYTES:,} bytes",
            found=_size(path, len(data)),
        )
    source = Source(name, _text(data, name), path)
    for read in _recording:
        read.append(source)
    return source


_recording: list[list[Source]] = []


@contextmanager
def recorded() -> Iterator[list[Source]]:
    """The files that are read within it, as they are read."""
    read: list[Source] = []
    _recording.append(read)
    try:
        yield read
    finally:
        _recording.pop()


def is_file(path: Path) -> bool:
    """Whether there is a plain file; a name that no file can have is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def shown_name(name: str) -> str:
    """A file's name as text: the bytes in it that are not UTF-8 stand as escapes, and control characters are visible.

    >>> print(shown_name("caf\\udce9.yaml"))
    caf\\xe9.yaml
    """
    return visible(name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def _bytes(path: Path, name: str) -> bytes:
    """The file's first bytes, one more than are allowed: a device or a pipe has no size to ask for beforehand."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            _refuse("not-a-file", f"`{name}` is a folder", expected="a YAML file", help=_inside(path))
        if not stat.S_ISREG(mode):
            # A pipe could block for ever, and a device need not end.
            _refuse("not-a-file", f"`{name}` is not a plain file", expected="a YAML file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        _refuse("file-not-found", f"there is no file `{name}`", help=_nearby(path))
    except PermissionError:
        _refuse("file-unreadable", f"`{name}` may not be read", help="check the file's permissions")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        _refuse("file-unreadable", f"`{name}` cannot be read", found=reason)


def _text(data: bytes, name: str) -> str:
    if b"\0" in data:
        encoded = data.startswith((b"\xff\xfe", b"\xfe\xff"))
        found = "UTF-16 or UTF-32 text" if encoded else "a binary file (it holds NUL bytes)"
        _refuse("not-text", f"`{name}` is not UTF-8 text", expected="UTF-8 text", found=found)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # With a byte order mark in front, positions are counted past it.
        body = data.removeprefix(b"\xef\xbb\xbf")
        before = body[: error.start].decode("utf-8", "replace")
        readable = Source(name, body.decode("utf-8", "replace"))
        line, column = len(Source(name, before).lines), len(Source(name, before).lines[-1]) + 1
        _refuse(
            "not-text",
            f"`{name}` is not UTF-8 text",
            span=Span(readable, line, column, line, column + 1),
            expected="UTF-8 text",
            found=f"the byte 0x{body[error.start]:02x}",
            help="save the file as UTF-8",
        )


def _size(path: Path, read: int) -> str:
    try:
        return f"{path.stat().st_size:,} bytes"
    except OSError:
        return f"more than {read - 1:,} bytes"


def _nearby(path: Path) -> str | None:
    """The help for a missing file: the nearest name in its folder, or the nearest existing thing to say."""
    folder = path.parent
    if not folder.is_dir():
        return f"there is no folder `{folder}`"
    close = nearest(path.name, _names(folder))
    return f"did you mean `{folder / close}`?" if close else None


def _inside(folder: Path) -> str | None:
    specs = [name for name in _names(folder) if name.endswith((".yaml", ".yml"))]
    if not specs:
        return None
    shown = ", ".join(f"`{folder / name}`" for name in specs[:5])
    return f"name a file in it: {shown}" + (", …" if len(specs) > 5 else "")


def _names(folder: Path) -> list[str]:
    try:
        return sorted(each.name for each in folder.iterdir())
    except OSError:
        return []


def _refuse(
    code: str,
    message: str,
    *,
    span: Span | None = None,
    expected: str | None = None,
    found: str | None = None,
    help: str | None = None,
) -> NoReturn:
    raise SpecError([Diagnostic(code, message, span=span, expected=expected, found=found, help=help)]) from None
