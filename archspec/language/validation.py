"""Holds a tree against a pydantic model, and says what is wrong at the place where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from archspec.language.diagnostics import Diagnostic, Findings, nearest
from archspec.language.source import Span
from archspec.language.tree import Mapping as MappingTree
from archspec.language.tree import Sequence, Tree, plain


class Expects(str):
    """In a field's annotation: what the field accepts, in the words of a message."""


class Section(BaseModel):
    """Base of the models that a document's parts are held against."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True, arbitrary_types_allowed=True)


Model = TypeVar("Model", bound=Section)


def validate(
    model: type[Model], tree: Tree, what: str, findings: Findings, raw: frozenset[str] = frozenset()
) -> Model | None:
    """The model made from a mapping; `raw` fields keep their trees. Every fault becomes a finding at its own place."""
    if not isinstance(tree, MappingTree):
        findings.add(
            Diagnostic("wrong-type", f"{what} is a mapping", tree.span, expected="a mapping", found=shown(tree))
        )
        return None
    values = {str(key.value): value if key.value in raw else plain(value) for key, value in tree.entries}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        for place in _grouped(error):
            findings.add(_diagnostic(place, model, tree, what))
        return None


def shown(tree: Tree) -> str:
    """What a reader sees at a place, in a few words."""
    if isinstance(tree, MappingTree):
        return "a mapping"
    if isinstance(tree, Sequence):
        return "a list"
    return value_text(tree.value)


def value_text(value: object) -> str:
    """A value as the user would write it.

    >>> value_text(True)
    '`true`'
    """
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def expectation(info: FieldInfo) -> str | None:
    """The words of a field's annotation for what it accepts."""
    return next(
        (str(item) for item in info.metadata if isinstance(item, str) and type(item).__name__ == "Expects"), None
    )


def descend(tree: Tree, path: Iterable[object]) -> tuple[Tree, Span]:
    """Follow a pydantic location as far as the tree goes; the span is the last key's or value's own."""
    span = tree.span
    for step in path:
        if isinstance(tree, MappingTree) and isinstance(step, str) and (value := tree.get(step)) is not None:
            tree = value
        elif isinstance(tree, Sequence) and isinstance(step, int) and step < len(tree.items):
            tree = tree.items[step]
        else:
            break
        span = tree.span
    return tree, span


def _grouped(error: ValidationError) -> list[Mapping[str, Any]]:
    """One error for each place: the arms of a union report one each."""
    first: dict[object, Mapping[str, Any]] = {}
    for item in error.errors(include_url=False, include_context=False):
        first.setdefault(item["loc"][:1] if len(item["loc"]) else (), item)  # type: ignore[arg-type]
    return list(first.values())


def _diagnostic(error: Mapping[str, Any], model: type[BaseModel], tree: MappingTree, what: str) -> Diagnostic:
    location = error["loc"]
    name = str(location[0])
    if error["type"] == "extra_forbidden":
        key = tree.key(name)
        close = nearest(name, model.model_fields)
        known = ", ".join(f"`{field}`" for field in model.model_fields)
        help_ = f"did you mean `{close}`?" if close else None
        span = key.span if key else tree.span
        return Diagnostic("unknown-key", f"{what} has no key `{name}`", span, expected=known, help=help_)
    if error["type"] == "missing":
        return Diagnostic("missing-key", f"{what} needs `{name}`", tree.span, help=f"add `{name}: …`")
    value, span = descend(tree, location)
    info = model.model_fields.get(name)
    expected = (info and expectation(info)) or error["msg"].removeprefix("Input should be ")
    return Diagnostic("wrong-type", f"`{name}` of {what} cannot be {shown(value)}", span, expected=expected)
