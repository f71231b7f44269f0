"""A text with YAML faults → the tree of what stands around them, for whoever needs a page while it is typed.

    conv1: {conv: 64,        conv1:
    bn1: batch_norm     →    bn1: batch_norm

What a fault lies in is blanked out and the text is read again, so all that is kept stands where it stood.
"""

from __future__ import annotations

import re

import yaml
from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.source import Source, Span
from archspec.language.yaml_errors import syntax_error
from archspec.language.yaml_parser import UNPRINTABLE, parse_leniently, unprintable
from archspec.language.yaml_tree import Tree

MOST_HOLES = 50
"""So many faults are left out; what follows then is left out as a whole."""


class Survived(Struct, frozen=True):
    """What is left of a text: its tree, if any, its faults, and the places that were left out."""

    tree: Tree | None
    faults: tuple[Diagnostic, ...]
    holes: tuple[Span, ...] = ()


def around_faults(source: Source) -> Survived:
    """The tree around a text's faults; nothing is raised."""
    lines = [UNPRINTABLE.sub("_", line) for line in source.lines]
    faults = [fault] if (fault := unprintable(source)) is not None else []
    holes: list[Span] = []
    while True:
        try:
            tree, others = parse_leniently(source, "\n".join(lines))
            return Survived(tree, (*faults, *others), tuple(holes))
        except SpecError as error:
            return Survived(None, (*faults, *error.diagnostics), tuple(holes))
        except yaml.MarkedYAMLError as error:
            faults.append(syntax_error(source, error))
            holes.append(_blank(source, lines, error, everything=len(holes) >= MOST_HOLES))


def _blank(source: Source, lines: list[str], error: yaml.MarkedYAMLError, *, everything: bool) -> Span:
    """Blank out what an error lies in: from where it begins to its line's end, or a whole line with what it holds."""
    line, column = _place(error, lines)
    while line > 0 and not lines[line].strip():
        line, column = line - 1, 0  # The text ends too soon.
    if not lines[line][column:].strip() or not lines[line][:column].strip():
        column = 0
    last = len(lines) - 1 if everything else line if column else _end(lines, line)
    hole = Span(source, line + 1, column + 1, last + 1, len(lines[last]) + 1)
    lines[line] = lines[line][:column]
    lines[line + 1 : last + 1] = [""] * (last - line)
    return hole


def _end(lines: list[str], line: int) -> int:
    """The last of the lines that stand inside a line: those below it that are indented more."""
    last = line
    for below in range(line + 1, len(lines)):
        if lines[below].strip():
            if _indent(lines[below]) <= _indent(lines[line]):
                break
            last = below
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


_BEGINS = ("flow", "quoted scalar", "simple key", "alias", "anchor", "block scalar", "tag", "directive")
"""The constructs that are themselves at fault, wherever that is noticed."""


def _place(error: yaml.MarkedYAMLError, lines: list[str]) -> tuple[int, int]:
    """Where what is wrong begins: a construct at fault, or the value or line in which something cannot stand."""
    begins = any(word in (error.context or "") for word in _BEGINS)
    mark = (error.context_mark if begins else error.problem_mark) or error.problem_mark or error.context_mark
    line, column = (min(mark.line, len(lines) - 1), mark.column) if mark is not None else (0, 0)
    if begins:
        return line, column
    value = lines[line].find(": ") + 2
    if 2 <= value <= column:
        return line, value
    above = next((number for number in range(line - 1, -1, -1) if lines[number].strip()), line)
    # A line without a key runs on into the next, whose `:` is then told.
    return (line if _KEY.search(lines[above]) else above), 0


_KEY = re.compile(r":(\s|$)|^\s*(#|- )")
