"""`--set name=value` → a tree, with places in the text that the user typed."""

from __future__ import annotations

from collections.abc import Iterable

import typer
from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.source import Source, Span
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree, parse


def parse_settings(texts: Iterable[str], *, dotted: bool = False) -> dict[str, Tree]:
    """Every `--set`; what is no `name=value` is wrong usage, and what is no YAML value a `SpecError`.

    `dotted` names lead into mappings, `data.batch_size=32`, and may be given mappings: `schedule={step_lr: 3}`.
    """
    findings = Findings()
    settings: dict[str, Tree] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        parts = name.split(".") if dotted else [name]
        if not equals or not all(map(str.isidentifier, parts)):
            raise typer.BadParameter(f"{text!r} is not of the form name=value", param_hint="'--set'")
        if name in settings:
            raise typer.BadParameter(f"`{name}` is set twice", param_hint="'--set'")
        try:
            settings[name] = _parse(text, value, dotted)
        except SpecError as error:
            for diagnostic in error.diagnostics:
                findings.add(diagnostic)
    findings.check()
    return settings


def _parse(text: str, value: str, may_map: bool) -> Tree:
    """The value as YAML; nothing at all is YAML's null."""
    source = Source("--set", text)
    if not value.strip():
        return Scalar(None, Span(source, 1, 1, 1, len(text) + 1))
    try:
        tree = parse(Source("--set", " " * (len(text) - len(value)) + value))
    except SpecError as error:
        raise SpecError(_moved(diagnostic, source) for diagnostic in error.diagnostics) from None
    tree = _at(tree, source)
    if isinstance(tree, Mapping) and not may_map:
        expected = "a value such as `10`, `silu` or `[1, 2]`"
        message = "a setting is a value or a list"
        raise SpecError([Diagnostic("wrong-type", message, tree.span, expected=expected, found="a mapping")])
    return tree


def _at(tree: Tree, source: Source) -> Tree:
    span = replace(tree.span, source=source)
    if isinstance(tree, Sequence):
        return Sequence(tuple(_at(item, source) for item in tree.items), span)
    if isinstance(tree, Mapping):
        entries = (
            (replace(key, span=replace(key.span, source=source)), _at(item, source)) for key, item in tree.entries
        )
        return Mapping(tuple(entries), span)
    return replace(tree, span=span)


def _moved(diagnostic: Diagnostic, source: Source) -> Diagnostic:
    return replace(diagnostic, span=diagnostic.span and replace(diagnostic.span, source=source))
