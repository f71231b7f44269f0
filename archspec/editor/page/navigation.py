"""From a word to where it is defined and to all that means the same, and another name for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from archspec.editor.page.analysis import Analysis, analyse
from archspec.editor.page.words import Word, words
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.language.identifiers import is_identifier
from archspec.language.source import Source, Span


class Target(Struct, frozen=True):
    """A place in this page, or in the file at `path`."""

    path: Path | None
    line: int
    column: int
    end_column: int


def word_at(page: Analysis, line: int, column: int) -> Word | None:
    """The word at a place, the shortest where several stand there."""
    here = [each for each in words(page) if _holds(each.span, line, column)]
    return min(here, key=lambda each: each.span.end_column - each.span.column, default=None)


def _holds(span: Span, line: int, column: int) -> bool:
    return span.line == span.end_line == line and span.column <= column <= span.end_column


def definition(page: Analysis, word: Word) -> Target | None:
    """Where a word is defined: on the page, in a file beside it, or among the standard blocks."""
    for each in words(page):
        if each.defines and each.names == word.names:
            return _target(each.span)
    name = word.home[0] if word.sort in ("field", "value") and word.home else word.name
    block = page.library.block(name) if word.sort in ("block", "field", "value") and name else None
    if block is None or block.source is page.source:
        return None
    own = block.params.get(word.name)
    path = block.source.path or _standard(name)
    span = own.span if own is not None and word.sort != "block" else block.span
    return Target(path, span.line, span.column, span.end_column) if path is not None else None


def _standard(name: str) -> Path | None:
    import archspec

    with suppress(KeyError):
        return Path(archspec.__file__).parent / standard_block(name).source.name if name in standard_names() else None
    return None


def _target(span: Span) -> Target:
    return Target(None, span.line, span.column, span.end_column)


def references(page: Analysis, word: Word) -> list[Word]:
    """All words of the page that mean the same, the definition among them."""
    return sorted({each for each in words(page) if each.names == word.names}, key=lambda each: _place(each.span))


def _place(span: Span) -> tuple[int, int]:
    return span.line, span.column


class RenameError(Exception):
    """Why a word cannot have another name."""


def renamed(page: Analysis, word: Word, name: str) -> list[Word]:
    """The words whose text becomes `name`; raises `RenameError` where that would not be the same network."""
    same = references(page, word)
    if word.sort not in ("node", "value", "block", "variant") or not any(each.defines for each in same):
        raise RenameError(f"`{word.name}` is not defined on this page")
    if not is_identifier(name) and word.sort != "node":
        raise RenameError(f"`{name}` is not a plain name")
    if not all(each.exact for each in same):
        raise RenameError(f"`{word.name}` stands in a text of several lines, where it cannot be told apart")
    text = replaced(page.source.text, [each.span for each in same], name)
    variant = name if word.sort == "variant" and word.name == page.variant else page.variant
    after = analyse(Source(page.source.name, text, page.source.path), variant)
    worse = _errors(after) - _errors(page)
    if worse or _counts(after) != _counts(page):
        raise RenameError(next(iter(worse), f"the network would be another one with `{name}`"))
    return same


def _errors(page: Analysis) -> set[str]:
    return {each.message for each in page.found if each.severity == "error"}


def _counts(page: Analysis) -> object:
    return page.architecture and (page.architecture.params, page.architecture.macs, page.architecture.depth)


def replaced(text: str, spans: Sequence[Span], name: str) -> str:
    """A text with other words at some places, each on one line; their quotes stay."""
    lines = text.splitlines(keepends=True)
    for span in sorted(set(map(inner, spans)), key=lambda each: (each[0], -each[1])):
        number, start, end = span
        line = lines[number - 1]
        lines[number - 1] = line[: start - 1] + name + line[end - 1 :]
    return "".join(lines)


def inner(span: Span) -> tuple[int, int, int]:
    """A place on one line without the quotes around it: its line, its first column and the one behind it."""
    text = span.source.line(span.line)[span.column - 1 : span.end_column - 1]
    quoted = len(text) > 1 and text[0] in "\"'" and text[-1] == text[0]
    return span.line, span.column + quoted, span.end_column - quoted
