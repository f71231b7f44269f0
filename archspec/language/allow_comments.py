"""Warnings that a page's author has seen: `# allow: hidden-index` at the end of the line, or alone above it."""

from __future__ import annotations

import re

from archspec.language.source import Span

_COMMENT = re.compile(r"(?:^|\s)#\s*allow:\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)")


def allowed(code: str, span: Span) -> bool:
    """Whether a comment on the line of `span`, or one that is all of the line above, allows what `code` warns of."""
    above = span.source.line(span.line - 1).strip() if span.line > 1 else ""
    lines = [span.source.line(span.line), *([above] if above.startswith("#") else [])]
    return any(code in re.split(r"\s*,\s*", comment[1]) for line in lines for comment in _COMMENT.finditer(line))
