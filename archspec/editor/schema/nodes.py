"""Graphs and nodes in JSON Schema: every op and standard block with its fields, and the keys of any node.

A page may define blocks of its own, with fields called like ops. So a node is held against an op only where all of its
other keys are that op's, and of a standard block, whose name a page may take, it is only said what its fields are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.api.catalogue import CatalogueEntry, entries
from archspec.editor.schema.values import Schema, as_written, plain_default, without_titles
from archspec.editor.schema.words import NODE_KEYS
from archspec.elaborate.symbol_table import op_signature
from archspec.language.nodes import BODIES, MODIFIERS
from archspec.language.yaml_scalars import resolve
from archspec.ops import Op, ops


def node_definitions() -> dict[str, Schema]:
    """The definitions of `graph` and `node`, and of every op's call by `op.NAME`."""
    known = list(entries())
    calls = {f"{each.sort}.{each.name}": _call(each) for each in known}
    return {"graph": _GRAPH, "node": _node(known), **calls}


_GRAPH: Schema = {
    "type": ["object", "array"],
    "minProperties": 1,
    "minItems": 1,
    "additionalProperties": {"$ref": "#/$defs/node"},
    "items": {"$ref": "#/$defs/node"},
}


def _node(known: list[CatalogueEntry]) -> Schema:
    words = {each.name: {"description": each.summary} for each in known}
    return {
        "type": ["string", "array", "object"],
        "anyOf": [
            {"enum": list(words), "description": "An op or block without fields."},
            {"type": "string", "minLength": 1},
            {"type": "array", "items": {"$ref": "#/$defs/node"}, "minItems": 1},
            {"type": "object", "minProperties": 1, "not": {"propertyNames": {"enum": sorted(MODIFIERS)}}},
        ],
        "properties": {**words, **NODE_KEYS},
        "dependentRequired": {"else": ["when"]},
        "allOf": [*_bodies(), *(_choice(each) for each in known)],
    }


def _bodies() -> Iterator[Schema]:
    """A node that is made by `graph`, `nodes` or `share` has modifiers beside it, and nothing else."""
    for name in BODIES:
        if name != "use":
            names = {"enum": [name, *sorted(MODIFIERS)]}
            yield {"if": {"type": "object", "required": [name]}, "then": {"propertyNames": names}}


def _choice(entry: CatalogueEntry) -> Schema:
    """A call of this op or block, by the names of its keys."""
    names = [entry.name, *(field.name for field in entry.fields), *sorted(MODIFIERS)]
    call = {"type": "object", "required": [entry.name], "propertyNames": {"enum": list(dict.fromkeys(names))}}
    return {"if": call, "then": {"$ref": f"#/$defs/{entry.sort}.{entry.name}"}}


def _call(entry: CatalogueEntry) -> Schema:
    said: Schema = {"description": entry.about}
    if entry.example is not None:
        said["examples"] = [entry.example]
    return {**said, **(_op_call(ops()[entry.name]) if entry.sort == "op" else _block_call(entry))}


def _op_call(op: type[Op]) -> Schema:
    signature = op_signature(op)
    made = without_titles(op.model_json_schema(by_alias=False))
    definitions = made.get("$defs", {})
    assert not definitions, f"the fields of `{op.name}` are of plain types"
    fields = {name: _field(op, name, made["properties"][name]) for name in signature.ordered}
    main = _joined(op) if signature.join else _main(fields, signature.positional)
    return {
        "properties": {**fields, op.name: main},
        "required": [name for name in signature.required if name not in signature.positional],
    }


def _field(op: type[Op], name: str, schema: Schema) -> Schema:
    info = op.model_fields[name]
    said: Schema = {"description": op.expects(name)}
    if not info.is_required():
        said["default"] = plain_default(info.default)
    return {**as_written(schema), **said}


def _main(fields: dict[str, Schema], positional: tuple[str, ...]) -> Schema:
    """What stands behind the op's own name: its main field, or nothing."""
    return {"anyOf": [fields[positional[0]], {"type": "null"}]} if positional else {"type": "null"}


def _joined(op: type[Op]) -> Schema:
    numbers = ["number", "string", "null"] if op.takes_numbers else ["null"]
    joined = ["string", "object", *(["number"] if op.takes_numbers else [])]
    branches = {"additionalProperties": {"$ref": "#/$defs/node"}}
    return {"type": ["array", "object", *numbers], "items": {"type": joined}, **branches}


def _block_call(entry: CatalogueEntry) -> Schema:
    fields: dict[str, Any] = {}
    for field in entry.fields:
        fields[field.name] = {"description": ": ".join(filter(None, [field.about, field.expects]))}
        if field.default is not None:
            fields[field.name]["default"] = plain_default(resolve(field.default))
    return {"properties": fields}
