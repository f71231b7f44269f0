"""Where a cursor stands in a text that is half typed: the keys that lead there, and whether a key or a value is typed.

    graph:
      stem: {conv: 64, ker|        →   ("graph", "stem"), a key beside `conv`

The text before the cursor is read alone, with a mark where the cursor stands and all that is open closed behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from archspec.language.error_recovery import around_faults
from archspec.language.source import Source
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree

MARK = "\ue000"
"""A character that no page has a use for."""
_WORD = re.compile(r"[\w.{}+-]*$")


class Cursor(Struct, frozen=True):
    """The keys and numbers of items on the way, the word typed so far, and the other keys of the mapping around it.

    `flow` is the bracket that is open around it, if one is.
    """

    path: tuple[str | int, ...]
    is_key: bool
    word: str
    beside: tuple[str, ...] = ()
    flow: str = ""


def cursor_at(source: Source, line: int, column: int) -> Cursor | None:
    """What a cursor behind `column - 1` characters of a line types; `None` where that cannot be told."""
    before = [*source.lines[: line - 1], source.line(line)[: column - 1]]
    match = _WORD.search(before[-1])
    assert match is not None, "the pattern may match nothing"
    word, head = match[0].lstrip("{}"), before[-1][: len(before[-1]) - len(match[0].lstrip("{}"))]
    opened, quote = _open([*before[:-1], head])
    closing = "".join("}" if each == "{" else "]" for each in reversed(opened))
    flow = opened[-1:]
    for is_key in (False, True) if flow == "[" or quote else (True, False):
        text = "\n".join([*before[:-1], f"{head}{MARK}{quote}{': ' if is_key else ''}{closing}"])
        tree = around_faults(Source(source.name, text)).tree
        if tree is not None and (found := next(_marked(tree, ()), None)) is not None:
            path, key, beside = found
            return Cursor(path, key, word, beside, flow)
    return None


Found = tuple[tuple[str | int, ...], bool, tuple[str, ...]]


def _marked(tree: Tree, path: tuple[str | int, ...], beside: tuple[str, ...] = ()) -> Iterator[Found]:
    """Where the mark is; `beside` are the keys of the mapping around it."""
    if isinstance(tree, MappingTree):
        for key, value in tree.entries:
            if MARK in str(key.value):
                yield path, True, tuple(name for name in tree.names if MARK not in name)
            yield from _marked(value, (*path, str(key.value)), tree.names)
    elif isinstance(tree, Sequence):
        for number, item in enumerate(tree.items):
            yield from _marked(item, (*path, number), beside)
    elif isinstance(tree, Scalar) and MARK in str(tree.value):
        yield path, False, beside


def _open(lines: list[str]) -> tuple[str, str]:
    """The brackets and the quote that are open behind some lines, since the last that begins a key of the page."""
    start = next((at for at in range(len(lines) - 1, -1, -1) if lines[at][:1].strip(" #-}]")), 0)
    opened = quote = ""
    for line in lines[start:]:
        quote = ""
        for part in _PARTS.finditer(line):
            if part[0] in ("{", "["):
                opened += part[0]
            elif part[0] in ("}", "]"):
                opened = opened[:-1]
            elif part[0][0] in "\"'" and (len(part[0]) == 1 or part[0][-1] != part[0][0]):
                quote = part[0][0]
    return opened, quote


_PARTS = re.compile(r"""(?:(?<=\s)|^)\#.*|(?<=[\s,\[{:])"(?:[^"\\]|\\.)*"?|(?<=[\s,\[{:])'[^']*'?|[{}\[\]]""")
"""Comments, quoted texts, and brackets."""
