"""A spec's text, and places in it."""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path

from msgspec import Struct

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""What YAML's readers count as the end of a line: fewer characters than `str.splitlines` takes."""


class Source(Struct, frozen=True, dict=True):
    """A text and the name by which messages call it (the path as the user gave it)."""

    name: str
    text: str
    path: Path | None = None
    """The file, where there is one: names beside it can be found."""
    standard: bool = False
    """Whether it comes with archspec as one of the standard blocks."""

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return _LINE_BREAK.split(self.text)

    def line(self, number: int) -> str:
        """The text of line `number`, counted from 1; empty past the end."""
        lines = self.lines
        return lines[number - 1] if 0 < number <= len(lines) else ""


class Span(Struct, frozen=True):
    """A stretch of a source: lines and columns count from 1, and `end_column` is exclusive."""

    source: Source
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}"
