"""The keys of specs, block files and recipes in JSON Schema, read off the models that pages are held against."""

from __future__ import annotations

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise
from typing import Any

from archspec.editor.schema.values import Schema, plain_default, without_titles
from archspec.elaborate.inputs import InputSection
from archspec.language.figures import FigureSection
from archspec.language.params import TYPES
from archspec.language.pydantic_models import Section, expectation
from archspec.language.sections import BlockSection, DocumentSection, Reference, WeightSource

_TEXTS = {"type": "object", "additionalProperties": {"type": "string"}}
_SIZES = {"type": "array", "items": {"type": ["integer", "string"]}}
_SHAPE = {**_SIZES, "minItems": 1}
_MAYBE_MAPPING = {"type": ["object", "null"]}


def document_keys() -> Schema:
    """The top level of a spec."""
    figures = keys_of(FigureSection, {"with": {"type": "object", "description": "The params for which it holds."}})
    return keys_of(
        DocumentSection,
        {
            **_defining(),
            "input": {**_input(), "examples": [[3, 224, 224], {"words": {"shape": ["T"], "dtype": "int64"}}]},
            "variants": {**_MAYBE_MAPPING, "additionalProperties": _MAYBE_MAPPING},
            "blocks": {**_MAYBE_MAPPING, "additionalProperties": {"$ref": "#/$defs/block"}},
            "references": _list_of(keys_of(Reference)),
            "figures": {**_list_of(figures), "examples": [[{"params": "25.6M", "source": "the paper, Table 1"}]]},
            "taps": {"anyOf": [_TEXTS, {"type": "null"}], "examples": [{"C4": "layer3", "C5": "layer4"}]},
            "weights": {"anyOf": [keys_of(WeightSource), {"type": "null"}]},
            "init": {**_MAYBE_MAPPING, "examples": [{"conv": {"kaiming_normal": None, "mode": "fan_out"}}]},
        },
    )


def block_keys(inside: bool = False) -> Schema:
    """A block's definition: that of a file, which needs its name, or one `inside` a spec."""
    keys = keys_of(BlockSection, _defining())
    return keys if inside else {**keys, "required": ["block", *keys["required"]]}


def recipe_keys() -> Schema:
    """The top level of a recipe."""
    from archspec.training.recipe.recipe import CheckpointSection, RecipeSection

    call = {"type": ["string", "object"]}
    mappings = ("set", "loss_weights", "losses", "phases", "trainer")
    return keys_of(
        RecipeSection,
        {
            **dict.fromkeys(mappings, _MAYBE_MAPPING),
            "data": {"type": "object", "examples": [{"image_folder": {"root": "data"}, "batch_size": 32}]},
            "optimizer": {**call, "examples": [{"sgd": 0.1, "momentum": 0.9}, {"adamw": 3e-4}]},
            "epochs": {"type": ["integer", "null"], "minimum": 1},
            "callbacks": {"type": ["array", "null"], "items": call},
            "checkpoint": {"anyOf": [keys_of(CheckpointSection), {"type": "null"}]},
        },
    )


def _defining() -> Schema:
    """The keys that a spec and a block both have."""
    return {
        "params": {**_MAYBE_MAPPING, "additionalProperties": _PARAM, "examples": [{"width": "int", "stride": 1}]},
        "let": {**_MAYBE_MAPPING, "examples": [{"side": "224 // patch"}]},
        "graph": {"$ref": "#/$defs/graph"},
        "output": {"type": ["string", "array", "object", "null"], "examples": ["fc", {"logits": "fc"}]},
    }


_PARAM: Schema = {
    "anyOf": [
        {"enum": list(TYPES), "description": "A type: the param must be given."},
        {"not": {"type": "object"}},
        {
            "type": "object",
            "properties": {"type": {"enum": list(TYPES)}, "default": {}, "about": {"type": "string"}},
            "additionalProperties": False,
        },
        {"type": "object", "minProperties": 1, "propertyNames": {"not": {"enum": ["type", "default", "about"]}}},
    ]
}


def _input() -> Schema:
    """A shape, or several inputs by name, each a shape or what else it is."""
    field = {"anyOf": [_SHAPE, keys_of(InputSection, {"shape": _SIZES})]}
    fields = {"type": "object", "minProperties": 1, "additionalProperties": field}
    tensor = {**keys_of(InputSection, {"shape": _SIZES, "fields": fields}), "oneOf": _EITHER}
    named = {"type": "object", "minProperties": 1, "additionalProperties": {"anyOf": [_SHAPE, tensor]}}
    return {"anyOf": [_SHAPE, named]}


_EITHER = [{"required": ["shape"]}, {"required": ["fields"]}]


def _list_of(items: Schema) -> Schema:
    return {"anyOf": [{"type": "array", "items": items}, {"type": "null"}]}


def keys_of(section: type[Section], shapes: Schema | None = None) -> Schema:
    """A section of a page: `shapes` are those of the keys whose values its model leaves to be read later."""
    shapes = shapes or {}
    made = without_titles(section.model_json_schema(by_alias=False))
    assert "$defs" not in made, "a section's fields are of plain types"
    about = key_docs(section)
    properties = {name: {**_key(section, name, made["properties"][name]), **shapes.get(name, {})} for name in about}
    more = {name: each for name, each in shapes.items() if name not in section.model_fields}
    return {
        "type": "object",
        "description": inspect.cleandoc(section.__doc__ or ""),
        "properties": {**properties, **more},
        "required": made.get("required", []),
        "additionalProperties": False,
    }


def _key(section: type[Section], name: str, schema: Schema) -> Schema:
    info = section.model_fields[name]
    said = {"description": " ".join(filter(None, [key_docs(section)[name], _expected(section, name)]))}
    default = {} if info.is_required() else {"default": plain_default(info.default)}
    return {**schema, **said, **default}


def _expected(section: type[Section], name: str) -> str | None:
    words = expectation(section.model_fields[name])
    return f"Accepts {words}." if words else None


@cache
def key_docs(section: type[Section]) -> dict[str, str]:
    """What the docstring under each field says, empty where there is none, in the order of the fields."""
    (made,) = ast.parse(textwrap.dedent(inspect.getsource(section))).body
    docs = dict.fromkeys(section.model_fields, "")
    body: list[Any] = made.body if isinstance(made, ast.ClassDef) else []
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            docs[ast.unparse(field.target)] = inspect.cleandoc(str(text.value.value)).replace("\n", " ")
    return docs
