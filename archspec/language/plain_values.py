"""Plain values: as trees, for settings that were not written in a spec, and whole where they can be."""

from __future__ import annotations

from typing import Any

from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree


def tree_of(value: Any, span: Span) -> Tree:
    """A value with one place for all of it."""
    if isinstance(value, (list, tuple)):
        return Sequence(tuple(tree_of(item, span) for item in value), span)
    if isinstance(value, dict):
        return Mapping(tuple((Scalar(key, span), tree_of(item, span)) for key, item in value.items()), span)
    return Scalar(value, span)


WHOLE = frozenset({int, bool, str})
"""The types of which every value is whole as it is."""


def whole(value: Any) -> Any:
    """A whole number where a float holds one: `1.5 * 64` is 96 channels."""
    if type(value) in WHOLE:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [whole(item) for item in value]
    if value is not None and getattr(value, "is_Integer", False):
        return int(value)
    return value
