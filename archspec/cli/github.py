"""Diagnostics as GitHub's workflow commands, which it shows at their lines of a change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.api.check import Checked
from archspec.language.diagnostics import Diagnostic


def workflow_commands(results: Iterable[Checked]) -> Iterator[str]:
    """A line for each finding, told once for all variants: `::error file=net.yaml,line=4,col=9,…::message`."""
    seen: set[tuple[str, str]] = set()
    for result in results:
        for found in result.diagnostics:
            key = str(found.span or result.spec), found.code
            if key not in seen:
                seen.add(key)
                yield _annotation(found, result.spec)


def _annotation(found: Diagnostic, spec: str) -> str:
    span = found.span
    places: dict[str, object] = {"file": spec}
    if span is not None:
        places = {"file": span.source.name, "line": span.line, "endLine": span.end_line, "col": span.column}
        places |= {"endColumn": span.end_column} if span.line == span.end_line else {}
    said = ",".join(f"{name}={_escaped(str(value), ':,')}" for name, value in places.items())
    details = [f"{name}: {value}" for name in ("expected", "found", "help") if (value := getattr(found, name))]
    text = _escaped("\n".join([found.message, *details]))
    return f"::{found.severity} {said},title=archspec {found.code}::{text}"


def _escaped(text: str, also: str = "") -> str:
    """A text with what ends a workflow command or one of its properties written as a code."""
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{also}" else each for each in text)
