"""Where in the user's own Python something happened: an exception → the line of theirs that it came from."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path

import torch

from archspec.language.read_text import shown_name
from archspec.language.source import Source, Span

_OURS = Path(__file__).parents[1]
_TORCH = Path(torch.__file__).parent


def place_of_error(error: BaseException) -> Span | None:
    """The last line outside of torch and archspec that an exception went through, or that its text names."""
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return span_of(error.filename, error.lineno)
    for each in _causes(error):
        frames = [frame for frame in traceback.extract_tb(each.__traceback__) if _is_users(frame.filename)]
        if frames:
            return span_of(frames[-1].filename, frames[-1].lineno or 1)
    return None


def span_of(file: str, line: int) -> Span | None:
    """A line of a file from its first character to its last; `None` where the file cannot be read."""
    try:
        text = Path(file).read_text("utf-8", "replace")
    except (OSError, ValueError):
        return None
    source = Source(shown_name(_short(file)), text, Path(file))
    code = source.line(line)
    start = len(code) - len(code.lstrip()) + 1
    return Span(source, line, start, line, max(len(code.rstrip()) + 1, start + 1))


_LINE = re.compile(r'File "([^"]+)", line (\d+)')


def place_in(trace: str | None) -> str:
    """The line that a traceback's text comes from, `file:line`: the last that is not torch's own."""
    places = [(file, line) for file, line in _LINE.findall(trace or "") if "/torch/" not in file]
    return ":".join(places[-1]) if places else ""


def span_at(place: str) -> Span | None:
    """A `file:line` as a stretch of that file."""
    file, colon, line = place.rpartition(":")
    return span_of(file, int(line)) if colon else None


def place_text(place: str) -> str:
    """A `file:line` with the file as the user would name it."""
    file, colon, line = place.rpartition(":")
    return f"{_short(file)}:{line}" if colon else place


def in_words(error: BaseException) -> str:
    """What an exception says, in its first line; its kind, where that alone tells something or it says nothing."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    kind = type(error).__name__
    if isinstance(error, KeyError) or not first:
        return f"{kind}: {first}" if first else kind
    return first


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and those that it came from, the first of them first."""
    if (before := error.__cause__ or error.__context__) is not None:
        yield from _causes(before)
    yield error


def _is_users(file: str) -> bool:
    path = Path(file)
    if file.startswith("<") or not path.is_file():
        return False
    return not any(path.is_relative_to(each) for each in (_OURS, _TORCH)) and "importlib" not in path.parts


def _short(file: str) -> str:
    """A file's path from the folder that one stands in, where it lies inside."""
    path = Path(file)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return file
