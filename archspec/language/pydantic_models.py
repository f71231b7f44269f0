"""Holds a tree against a pydantic model, and says what is wrong at the place where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from archspec.language.diagnostics import MOST_FINDINGS, Diagnostic, Findings, nearest
from archspec.language.source import Span
from archspec.language.yaml_scalars import resolve
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Sequence, Tree, plain


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
        findings.add(Diagnostic("wrong-type", f"{what} is a mapping of keys to values", tree.span, found=shown(tree)))
        return None
    try:
        return model.model_validate(_values(tree, raw))
    except ValidationError as error:
        _report(error, model, tree, what, findings)
        return None


def validate_in_part(
    model: type[Model], tree: MappingTree, what: str, findings: Findings, raw: frozenset[str]
) -> tuple[Model, set[str]]:
    """As `validate`, but the model is made all the same, without the faulty keys, which are given beside it.

    A misspelt `raw` key is told, and stands for the one that was meant.
    """
    values = _values(tree, raw)
    try:
        return model.model_validate(values), set()
    except ValidationError as error:
        faulty = _report(error, model, tree, what, findings)
        good = {name: value for name, value in values.items() if name not in faulty}
        unknown = {nearest(name, model.model_fields): name for name in faulty - set(model.model_fields)}
        meant = {name: tree.get(given) for name, given in unknown.items() if name in raw and name not in good}
        return cast(Model, model.model_construct(**{**good, **meant})), faulty - meant.keys()


def _values(tree: MappingTree, raw: frozenset[str]) -> dict[str, Any]:
    return {str(key.value): value if key.value in raw else plain(value) for key, value in tree.entries}


def _report(error: ValidationError, model: type[Model], tree: MappingTree, what: str, findings: Findings) -> set[str]:
    """Add a finding for every fault, and give the keys at fault."""
    places = _grouped(error)
    unknown = [str(place["loc"][0]) for place in places if place["type"] == "extra_forbidden"]
    misspelt = {nearest(name, model.model_fields) for name in unknown}
    findings.more += len(places[MOST_FINDINGS:])
    for place in places[:MOST_FINDINGS]:
        # A misspelt key is one mistake, not two.
        if not (place["type"] == "missing" and place["loc"][0] in misspelt):
            findings.add(_diagnostic(place, model, tree, what))
    return {str(place["loc"][0]) for place in places}


def shown(tree: Tree) -> str:
    """What a reader sees at a place, in a few words."""
    if isinstance(tree, MappingTree):
        return "a mapping" if tree.entries else "an empty mapping"
    if isinstance(tree, Sequence):
        return "a list" if tree.items else "an empty list"
    return value_text(tree.value)


def value_text(value: object) -> str:
    """A value as the user would write it.

    >>> value_text([True, "1"])
    '`[true, "1"]`'
    """
    return "nothing" if value is None else f"`{_written(value)}`"


def _written(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, str) and not isinstance(resolve(value), str):
        return f'"{value}"'
    return str(value)


def expectation(info: FieldInfo) -> str | None:
    """The words of a field's annotation for what it accepts."""
    arms = [item for arm in get_args(info.annotation) if get_origin(arm) is Annotated for item in get_args(arm)]
    return next((str(item) for item in (*info.metadata, *arms) if isinstance(item, Expects)), None)


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
        first.setdefault(item["loc"][:1], item)
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
