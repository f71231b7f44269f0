"""What `help:` offers in the place of what is wrong, held against the page before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from archspec.editor.page.analysis import Analysis, analyse
from archspec.editor.page.navigation import inner
from archspec.editor.page.nodes import every, graphs
from archspec.language.diagnostics import Diagnostic
from archspec.language.source import Source, Span


class Fix(Struct, frozen=True):
    """A text for a place on one line, and what it is called; columns are those without quotes."""

    title: str
    line: int
    column: int
    end_column: int
    text: str
    finding: Diagnostic


_OFFERS = re.compile(r"(did you mean|write|name the values:|name it:) ")
_CODE = re.compile(r"`([^`…]+)`")


def fixes(page: Analysis, first: int, last: int) -> list[Fix]:
    """A fix for each finding on these lines whose help offers one with which it is gone.

    Another spelling may bring up what was hidden by the fault; any other text leaves less that is wrong.
    """
    here = [each for each in page.found if _is_here(page, each.span, first, last)]
    return [fix for each in here if (fix := next(_good(page, each), None)) is not None]


def _is_here(page: Analysis, span: Span | None, first: int, last: int) -> bool:
    return span is not None and span.source is page.source and first <= span.line == span.end_line <= last


def _good(page: Analysis, finding: Diagnostic) -> Iterator[Fix]:
    for fix in _offered(page, finding):
        after = analyse(Source(page.source.name, applied(page.source.text, [fix]), page.source.path), page.variant)
        if not _told(after, finding) and (_respells(finding) or _wrong(after) < _wrong(page)):
            yield fix


def _told(page: Analysis, finding: Diagnostic) -> bool:
    return any(
        (each.code, each.message, each.node) == (finding.code, finding.message, finding.node) for each in page.found
    )


def _wrong(page: Analysis) -> int:
    return sum(each.severity == "error" for each in page.found)


def _respells(finding: Diagnostic) -> bool:
    return finding.severity == "warning" or (finding.help or "").startswith("did you mean")


def _offered(page: Analysis, finding: Diagnostic) -> Iterator[Fix]:
    """The texts that the help puts in quotes, each in the place of what the finding points at, or of its node."""
    if finding.span is None or finding.help is None or not _OFFERS.match(finding.help):
        return
    for text in _CODE.findall(finding.help):
        for span in (finding.span, *_nodes_around(page, finding.span)):
            line, column, end = inner(span)
            yield Fix(f"write `{text}`", line, column, end, text, finding)


def _nodes_around(page: Analysis, span: Span) -> Iterator[Span]:
    """The innermost node on one line that holds a place."""
    around = [
        whole
        for nodes in graphs(page).values()
        for node in every(nodes)
        if (whole := node.written.tree.span).line == whole.end_line == span.line
        and whole.column <= span.column
        and span.end_column <= whole.end_column
    ]
    yield from sorted(around, key=lambda each: each.end_column - each.column)[:1]


def applied(text: str, chosen: list[Fix]) -> str:
    """A text with some fixes made."""
    lines = text.splitlines(keepends=True)
    for fix in sorted(chosen, key=lambda each: (each.line, -each.column)):
        line = lines[fix.line - 1]
        lines[fix.line - 1] = line[: fix.column - 1] + fix.text + line[fix.end_column - 1 :]
    return "".join(lines)
