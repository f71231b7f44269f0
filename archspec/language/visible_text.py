"""Text that comes from outside, as it may be shown: its control characters are seen, and control nothing."""

from __future__ import annotations

import json
from typing import Any
from unicodedata import category as category_of
from unicodedata import east_asian_width

_MOST_TEXT = 1000


def printable(text: str, *, lines: bool = False) -> str:
    """The text as it may stand in a message: `visible`, and cropped where it is very long.

    With `lines`, line ends are kept.
    """
    if len(text) > _MOST_TEXT:
        text = text[: _MOST_TEXT - 1] + "…"
    return visible(text, lines=lines)


def visible(text: str, *, lines: bool = False) -> str:
    """The text as it may go to a terminal or into a picture: control characters are shown, and control nothing.

    With `lines`, line ends are kept.

    >>> visible("red \\x1b[31m and \\u202eback")
    'red ␛[31m and \\\\u202eback'
    """
    if text.isprintable():
        return text
    return "".join(char if lines and char == "\n" else cell(char)[0] for char in text)


def json_text(value: Any, **options: Any) -> str:
    """A value as JSON; what is not printable stands in it as an escape, so that it is the same value to a program.

    >>> print(json_text({"é": "\\x9b2J"}))
    {"é": "\\u009b2J"}
    """
    text = json.dumps(value, ensure_ascii=False, **options)
    return text if text.isprintable() else "".join(map(_escaped, text))


def _escaped(char: str) -> str:
    return char if char == "\n" or char.isprintable() else json.dumps(char)[1:-1]


def cell(char: str) -> tuple[str, int]:
    """What is shown for a character, and how many columns that takes."""
    if " " <= char <= "~":
        return char, 1
    if char == "\t":
        return "    ", 4
    if char < " ":
        return chr(0x2400 + ord(char)), 1
    if char == "\x7f":
        return "␡", 1
    category = category_of(char)
    # Format characters reorder or hide text, and lone surrogates cannot be written at all.
    if category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        escape = f"\\u{ord(char):04x}"
        return escape, len(escape)
    if category in ("Mn", "Me"):
        return char, 0
    return char, 2 if east_asian_width(char) in "WF" else 1
