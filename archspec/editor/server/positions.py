"""Places of a page in the protocol's terms: lines and columns from 0, columns in UTF-16 units."""

from __future__ import annotations

from lsprotocol import types as lsp

from archspec.language.source import Source, Span


def position(source: Source, line: int, column: int) -> lsp.Position:
    """The protocol's position of a line and column that count from 1."""
    before = source.line(line)[: max(0, column - 1)]
    return lsp.Position(max(0, line - 1), len(before.encode("utf-16-le", "surrogatepass")) // 2)


def range_of(span: Span) -> lsp.Range:
    """The protocol's range of a place."""
    return lsp.Range(
        position(span.source, span.line, span.column), position(span.source, span.end_line, span.end_column)
    )


def place(source: Source, at: lsp.Position) -> tuple[int, int]:
    """The line and column, counted from 1, of a position of the protocol."""
    text = source.line(at.line + 1).encode("utf-16-le", "surrogatepass")
    return at.line + 1, len(text[: 2 * at.character].decode("utf-16-le", "replace")) + 1
