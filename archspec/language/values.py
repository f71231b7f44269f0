"""Plain values: as trees, for settings that were not written in a spec, and whole where they can be."""

from __future__ import annotations

from typing import Any

from archspec.language.source import Span
from archspec.language.tree import Scalar, Sequence, Tree


def tree_of(value: Any, span: Span) -> Tree:
    """A value with one place for all of it."""
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(tree_of(item, span) for item in value), span)
    return Scalar(value, span)


def whole(value: Any) -> Any:
    """A whole number where a float holds one: `1.5 * 64` is 96 channels."""
    if type(value) in (int, str, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, tuple)):
        return [whole(item) for item in value]
    if not isinstance(value, (int, str, bool, type(None), float)) and getattr(value, "is_Integer", False):
        return int(value)
    return value
