"""The JSON Schema of a pydantic field, as a page may write its value: an expression can stand for any number."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Schema = dict[str, Any]

_COMPUTED = ("integer", "number", "boolean", "array")
"""The types of values that an expression may give."""


def as_written(schema: Mapping[str, Any]) -> Schema:
    """What a field accepts, or a text that says how it is computed.

    >>> as_written({"type": "integer", "minimum": 1, "title": "Groups"})
    {'type': ['integer', 'string'], 'minimum': 1}
    """
    if "enum" in schema or "const" in schema:
        return {"anyOf": [without_titles(schema), {"type": "string"}]}
    written = {name: _part(name, value) for name, value in schema.items() if name not in ("title", "default")}
    if written.get("type") in _COMPUTED:
        written["type"] = [written["type"], "string"]
    return written


def _part(name: str, value: Any) -> Any:
    if name in ("anyOf", "oneOf", "allOf", "prefixItems"):
        return [as_written(each) for each in value]
    return as_written(value) if name == "items" and isinstance(value, dict) else value


def without_titles(schema: Any) -> Any:
    """A schema without the titles that pydantic makes of names."""
    if isinstance(schema, dict):
        return {name: without_titles(each) for name, each in schema.items() if not _is_title(name, each)}
    return [without_titles(each) for each in schema] if isinstance(schema, list) else schema


def _is_title(name: str, value: Any) -> bool:
    return name == "title" and isinstance(value, str)


def plain_default(value: Any) -> Any:
    """A default as JSON has it; `None` where JSON has no such value."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return None
