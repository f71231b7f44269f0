"""`--set name=value` → a tree, with places in the text that the user typed."""

from __future__ import annotations

import re
from collections.abc import Iterable

import typer
from msgspec.structs import replace

from archspec.elaborate.given_input import INPUT
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.source import Source, Span
from archspec.language.yaml_parser import parse
from archspec.language.yaml_scalars import resolve
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree


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


def with_input(settings: dict[str, Tree], texts: Iterable[str]) -> dict[str, Tree]:
    """The settings with the shapes of `--input`, each `1x64x64` or `name=1x64x64`; other forms are wrong usage."""
    shapes = dict(_shape(text) for text in texts)
    if not shapes:
        return settings
    if "" in shapes:
        if len(shapes) > 1:
            raise typer.BadParameter("several inputs need their names: NAME=SHAPE", param_hint="'--input'")
        return {**settings, INPUT: shapes[""]}
    span = next(iter(shapes.values())).span
    return {**settings, INPUT: Mapping(tuple((Scalar(name, span), each) for name, each in shapes.items()), span)}


def _shape(text: str) -> tuple[str, Sequence]:
    """An input's name, if it has one, and its sizes, each at its place in the text."""
    name, _, sizes = text.rpartition("=")
    source, at = Source("--input", text), len(text) - len(sizes)
    found = list(re.finditer(r"[^x×]+", sizes))
    if not re.fullmatch(r"[^x×]+([x×][^x×]+)*", sizes) or not (name.isidentifier() or "=" not in text):
        raise typer.BadParameter(f"{text!r} is not a shape such as 1x64x64", param_hint="'--input'")
    spans = [Span(source, 1, at + each.start() + 1, 1, at + each.end() + 1) for each in found]
    items = tuple(Scalar(resolve(each[0]), span) for each, span in zip(found, spans))
    return name, Sequence(items, Span(source, 1, at + 1, 1, len(text) + 1))


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
