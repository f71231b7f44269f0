"""Source text within a line's width, in the layout that black and ruff give."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Hashable, Iterable
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

WIDTH = 100
"""Columns of a generated line."""

TABLE = 32
"""From so many numbers on, a list is set as a table: filled lines, which black is told to leave."""

_SKIP = "  # fmt: skip"
_PAIRS = {"(": ")", "[": "]", "{": "}"}


class Group(Struct, frozen=True):
    """Items in brackets, on one line or one each.

    A call's items (`hug`) may also share one line of their own. A comprehension's parts have no commas. A tuple of one
    item closes with `,)`.
    """

    opening: str
    items: tuple[Text, ...]
    closing: str
    commas: bool = True
    hug: bool = True


class Marked(Struct, frozen=True):
    """A text that is written of something, each key saying of what; its lines can be told by them."""

    text: Text
    keys: tuple[Hashable, ...]


Text: TypeAlias = str | Group | Marked


class Line(str):
    """A line, and the keys of what is written in it."""

    __slots__ = ("keys",)

    keys: frozenset[Hashable]

    def __new__(cls, text: str, keys: Iterable[Hashable] = ()) -> Line:
        line = super().__new__(cls, text)
        line.keys = frozenset(keys)
        return line


def marked(lines: Iterable[str], *keys: Hashable) -> list[str]:
    """Lines of which more is known to be written in them."""
    return [Line(line, keys_of(line).union(keys)) for line in lines]


def keys_of(line: str) -> frozenset[Hashable]:
    """What is written in a line."""
    return line.keys if isinstance(line, Line) else frozenset()


def flat(text: Text) -> str:
    """The text on one line.

    >>> flat(Group("f(", ("1", Group("[", ("2", "3"), "]")), ")"))
    'f(1, [2, 3])'
    """
    if isinstance(text, Marked):
        return flat(text.text)
    if isinstance(text, str):
        return text
    return f"{text.opening}{_joined(text)}{text.closing}"


def prefixed(prefix: str, text: Text) -> Text:
    """The text with something right before it: `bias=` or `self.conv = `."""
    if isinstance(text, Marked):
        return replace(text, text=prefixed(prefix, text.text))
    return prefix + text if isinstance(text, str) else replace(text, opening=prefix + text.opening)


def suffixed(text: Text, suffix: str) -> Text:
    """The text with something right after it."""
    if isinstance(text, Marked):
        return replace(text, text=suffixed(text.text, suffix))
    return text + suffix if isinstance(text, str) else replace(text, closing=text.closing + suffix)


def laid_out(text: Text, indent: int) -> list[str]:
    """Lines at an indentation, broken at brackets where one line is too wide."""
    if _holds_table(text) and not flat(text).endswith(_SKIP) and len(flat(text)) > WIDTH:
        return _broken(suffixed(text, _SKIP), indent)
    return _broken(text, indent)


def _broken(text: Text, indent: int) -> list[str]:
    if isinstance(text, Marked):
        return marked(_broken(text.text, indent), *text.keys)
    margin = " " * indent
    line = Line(margin + flat(text), keys_inside(text))
    if isinstance(text, str) or not text.items or len(line) <= WIDTH:
        return [line]
    inner = Line(" " * (indent + 4) + _joined(text), keys_inside(text))
    if text.hug and text.commas and len(inner) <= WIDTH:
        return [margin + text.opening, inner, margin + text.closing.removeprefix(",")]
    if _is_table(text):
        inside = " " * (indent + 4)
        lines = textwrap.wrap(f"{_joined(text)},", WIDTH, initial_indent=inside, subsequent_indent=inside)
    else:
        comma = "," if text.commas else ""
        lines = [each for item in text.items for each in _broken(suffixed(item, comma), indent + 4)]
    return [margin + text.opening, *lines, margin + text.closing.removeprefix(",")]


def keys_inside(text: Text) -> frozenset[Hashable]:
    """The keys of all that is marked in a text."""
    if isinstance(text, Marked):
        return keys_inside(text.text).union(text.keys)
    return frozenset().union(*map(keys_inside, text.items)) if isinstance(text, Group) else frozenset()


def _is_table(text: Text) -> bool:
    return isinstance(text, Group) and len(text.items) >= TABLE and all(map(_is_number, text.items))


def _holds_table(text: Text) -> bool:
    if isinstance(text, Marked):
        return _holds_table(text.text)
    return isinstance(text, Group) and (_is_table(text) or any(map(_holds_table, text.items)))


def _is_number(text: Text) -> bool:
    return isinstance(text, str) and text.lstrip("-").replace(".", "", 1).isdigit()


def parsed(expression: str) -> Text:
    """A call as a group, so that it can be broken; any other text as it is.

    >>> parsed("torch.cat([a, b], dim=1)").items[1]
    'dim=1'
    >>> flat(parsed("((8,), (16, 32))"))
    '((8,), (16, 32))'
    >>> parsed("2 * (a + b)").commas
    False
    >>> flat(parsed('f("a,b)", c)'))
    'f("a,b)", c)'
    """
    opening = next((at for at, char in enumerate(_blanked(expression)) if char in _PAIRS), None)
    if opening is None or _closing(expression, opening) != len(expression) - 1:
        return expression
    parts = _split(expression[opening + 1 : -1])
    lone = len(parts) == 1 and expression[-2] == ","
    called = re.search(r"[\w)\]]$", expression[:opening]) is not None
    if expression[opening] == "(" and len(parts) == 1 and not (called or lone):
        # Brackets of arithmetic, which a comma would make a tuple.
        return Group(expression[: opening + 1], tuple(map(parsed, parts)), ")", commas=False)
    hug = expression[opening] == "(" and opening > 0
    return Group(expression[: opening + 1], tuple(map(parsed, parts)), ",)" if lone else expression[-1], hug=hug)


def _joined(group: Group) -> str:
    return (", " if group.commas else " ").join(map(flat, group.items))


def _blanked(text: str) -> str:
    """A text with nothing in its strings that could be read as code."""
    return _STRING.sub(lambda found: "_" * len(found[0]), text) if '"' in text else text


_STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def _closing(text: str, opening: int) -> int | None:
    """Where the bracket that opens at `opening` closes."""
    depth, text = 0, _blanked(text)
    for at in range(opening, len(text)):
        depth += (text[at] in _PAIRS) - (text[at] in _PAIRS.values())
        if depth == 0:
            return at
    return None


def _split(text: str) -> list[str]:
    """The parts between commas that stand in no bracket."""
    parts, depth = [""], 0
    for char, sign in zip(text, _blanked(text)):
        depth += (sign in _PAIRS) - (sign in _PAIRS.values())
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]
