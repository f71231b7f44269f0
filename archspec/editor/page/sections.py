"""What the schema says of a place in a page that is no node: which keys stand there, and what each means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from archspec.editor.schema import schema

Rule = Mapping[str, Any]


def keys_at(kind: str, path: Sequence[str | int]) -> dict[str, Rule]:
    """The keys that may stand at the end of a path, each with what is said of it."""
    return {name: rule for each in _at(kind, path) for name, rule in each.get("properties", {}).items()}


def words_at(kind: str, path: Sequence[str | int]) -> list[str]:
    """The words that a value at the end of a path may be."""
    return [str(word) for each in _at(kind, path) for word in _choices(each)]


def meaning(kind: str, path: Sequence[str | int]) -> str | None:
    """What the schema says of the key that a path leads to."""
    return next((str(each["description"]) for each in _at(kind, path) if "description" in each), None)


@cache
def _schema(kind: str) -> Rule:
    return schema(kind)


def _at(kind: str, path: Sequence[str | int]) -> list[Rule]:
    rules: list[Rule] = [_schema(kind)]
    for step in path:
        rules = [inner for rule in rules for way in _ways(kind, rule) for inner in _inside(way, step)]
    return [way for rule in rules for way in _ways(kind, rule)]


def _ways(kind: str, rule: Rule) -> Iterator[Rule]:
    """A rule and those that may hold in its place."""
    if "$ref" in rule:
        yield from _ways(kind, _schema(kind)["$defs"][rule["$ref"].rpartition("/")[2]])
        return
    yield rule
    for each in rule.get("anyOf", ()):
        yield from _ways(kind, each)


def _inside(rule: Rule, step: str | int) -> Iterator[Rule]:
    if isinstance(step, int):
        inner = rule.get("items")
    else:
        inner = rule.get("properties", {}).get(step, rule.get("additionalProperties"))
    if isinstance(inner, Mapping):
        yield inner


def _choices(rule: Rule) -> Iterator[Any]:
    yield from rule.get("enum", ())
    types = rule.get("type", ())
    if "boolean" in ([types] if isinstance(types, str) else types):
        yield from ("true", "false")
