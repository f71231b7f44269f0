"""The lines of a spec in which a node is written, whole: its span marks but the start of what takes several lines."""

from __future__ import annotations

from archspec.language.source import Source, Span


def spec_lines(span: Span) -> tuple[int, int]:
    """The first and the last line, counted from 1: from the node's key on, as far as its indentation goes.

    >>> source = Source("net.yaml", "graph:\\n  stem:\\n    conv: 64\\n    stride: 2\\n  relu: relu\\n")
    >>> spec_lines(Span(source, 3, 5, 3, 9)), spec_lines(Span(source, 5, 9, 5, 13))
    ((2, 4), (5, 5))
    """
    source, before = span.source, span.source.line(span.line)[: span.column - 1]
    if before.strip(" -") or span.end_line > span.line:
        return span.line, _last_of_flow(span)
    last = _last_line(source, span.line, span.column - 1)
    return (_key_line(source, span.line, span.column - 1) if not before.strip() else span.line), last


def _last_of_flow(span: Span) -> int:
    return span.end_line - 1 if span.end_column == 1 and span.end_line > span.line else span.end_line


def _last_line(source: Source, first: int, indent: int) -> int:
    """The last line of what stands at an indentation; a list may stand as far out as the key that follows it."""
    listed = source.line(first)[indent : indent + 1] == "-"
    last = first
    for number in range(first + 1, len(source.lines) + 1):
        text = source.line(number)
        if _says_nothing(text):
            continue
        own = _indent(text)
        if own < indent or (own == indent and listed and not text.lstrip().startswith("-")):
            break
        last = number
    return last


def _key_line(source: Source, first: int, indent: int) -> int:
    """The line of the key whose value starts below it."""
    for number in range(first - 1, 0, -1):
        text = source.line(number)
        if not _says_nothing(text):
            return number if text.split(" #")[0].rstrip().endswith((":", "-")) and _indent(text) <= indent else first
    return first


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _says_nothing(text: str) -> bool:
    return not text.strip() or text.lstrip().startswith("#")
