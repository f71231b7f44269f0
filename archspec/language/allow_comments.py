"""Warnings that a page's author has seen: `# allow: hidden-index` at the end of the line, or alone above it."""

from __future__ import annotations

import re
from functools import lru_cache

from archspec.language.source import Span

_COMMENT = re.compile(r"(?:^|\s)#\s*allow:\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)")


def allowed(code: str, span: Span) -> bool:
    """Whether a comment on the line of `span`, or one that is all of the line above, allows what `code` warns of."""
    above = span.source.line(span.line - 1).strip() if span.line > 1 else ""
    lines = [span.source.line(span.line), *([above] if above.startswith("#") else [])]
    return any(code in _codes(line) for line in lines)


@lru_cache(64)
def _codes(line: str) -> frozenset[str]:
    """The codes that the comments of a line allow: a long line is asked for each place in it."""
    return frozenset(code for comment in _COMMENT.finditer(line) for code in re.split(r"\s*,\s*", comment[1]))
