"""Plain values → trees, for settings that were not written in a spec."""

from __future__ import annotations

from typing import Any

from archspec.language.source import Span
from archspec.language.tree import Scalar, Sequence, Tree


def tree_of(value: Any, span: Span) -> Tree:
    """A value with one place for all of it."""
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(tree_of(item, span) for item in value), span)
    return Scalar(value, span)
