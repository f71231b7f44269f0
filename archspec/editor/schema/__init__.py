"""JSON Schemas (draft 2020-12) of the pages, made from the models and ops that read them.

A schema knows no page's own names: what a word means that is neither an op nor a key is left open.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from archspec.editor.schema.nodes import node_definitions
from archspec.editor.schema.sections import block_keys, document_keys, recipe_keys

FILE = "archspec.schema.json"
"""What a page calls the schema that lies beside it."""
MODELINE = f"# yaml-language-server: $schema={FILE}"
"""The line by which an editor's YAML extension finds the schema of a page."""
DIALECT = "https://json-schema.org/draft/2020-12/schema"

_KEYS: Mapping[str, Callable[[], dict[str, Any]]] = {
    "spec": document_keys,
    "recipe": recipe_keys,
    "block": block_keys,
}
KINDS = tuple(_KEYS)
"""The sorts of page that have a schema."""


def schema(kind: str = "spec") -> dict[str, Any]:
    """The schema of one sort of page, as plain data.

    >>> schema("spec")["required"]
    ['archspec', 'name', 'input', 'graph']
    """
    keys = _KEYS[kind]()
    definitions = {} if kind == "recipe" else {**node_definitions(), "block": block_keys(inside=True)}
    return {"$schema": DIALECT, "title": f"archspec {kind}", **keys, **({"$defs": definitions} if definitions else {})}
