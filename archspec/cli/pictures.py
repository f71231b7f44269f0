"""A picture's format and file, as the commands that draw share them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from archspec.cli import console
from archspec.pictures.displayable import ENDINGS


def chosen_format(out: str | None, format: str | None, formats: Sequence[str]) -> str:
    """The format that was asked for, which must not contradict the file's name; the first where none was."""
    suffix = "" if out in (None, "-") else Path(str(out)).suffix.removeprefix(".").lower()
    named = ENDINGS.get(suffix, suffix) if ENDINGS.get(suffix, suffix) in formats else None
    if format and named and format != named:
        raise typer.BadParameter(f"{format} does not fit the name {out!r}", param_hint="'--format'")
    if suffix and not (format or named):
        message = f"{out!r} ends with none of {', '.join(formats)}; say which with --format"
        raise typer.BadParameter(message, param_hint="'--out'")
    return format or named or formats[0]


def write_picture(path: Path, content: bytes, format: str, force: bool) -> None:
    """Write a picture with its seal, whole or not at all, and never over what archspec did not write."""
    from archspec.files.outputs import refuse_foreign, write_all
    from archspec.files.seal import sealed

    if not force:
        refuse_foreign([path], format)
    write_all({path: sealed(content, format)})


def deliver(content: bytes, out: str, format: str, force: bool) -> None:
    """Write a picture to the file that `out` names and say so; or to stdout where it is `-`."""
    if out == "-":
        sys.stdout.buffer.write(content)
        return
    path = Path(out)
    write_picture(path, content, format, force)
    console.say(f"wrote {console.name(path)}")
