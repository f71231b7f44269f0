"""A setting as a new variant of its page: a line more in the text, and all else as it was, comments too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document, parse_document
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Sequence, Tree

Insertion = tuple[int, str]
"""Text that is put in, and before which character of the page."""


def with_variant(document: Document, name: str, settings: Mapping[str, Any], like: str | None = None) -> str:
    """The text of a page with one more variant: these settings, and those of the variant `like` that they leave.

    A page without variants gets its own name as one too, which keeps its meaning; a figure that names no variant gets
    the one that there was. Raises `SpecError` where the name is taken or is none, or a figure is of several variants.
    """
    if name in document.variants or not is_identifier(name) or (name == document.name and not document.variants):
        message = f"`{name}` cannot name a new variant"
        raise SpecError([Diagnostic("name", message, expected=f"{NAME_RULE}; and no variant that there is")])
    known = document.variants.get(like or "")
    kept = known.settings if known else {}
    written = {**{key: _text(document, tree) for key, tree in kept.items()}, **{k: str(v) for k, v in settings.items()}}
    line = f"{name}: {{{', '.join(f'{key}: {value}' for key, value in written.items())}}}"
    tree = parse(document.source)
    assert isinstance(tree, MappingTree), "a document is a mapping"
    text = document.source.text
    for at, more in sorted([_line(document, tree, line), *_named_figures(document, tree)], reverse=True):
        text = text[:at] + more + text[at:]
    _check(document, text, name)
    return text


def _text(document: Document, tree: Tree) -> str:
    """A setting as the page writes it, on one line."""
    if isinstance(tree, Sequence):
        return f"[{', '.join(_text(document, item) for item in tree.items)}]"
    if isinstance(tree, MappingTree):
        return f"{{{', '.join(f'{key.value}: {_text(document, value)}' for key, value in tree.entries)}}}"
    span = tree.span
    lines = document.source.lines[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(each.strip() for each in lines)


def _line(document: Document, tree: MappingTree, line: str) -> Insertion:
    """The line at the end of the page's variants; with variants before its graph where it has none."""
    source = document.source
    variants, graph = tree.get("variants"), tree.key("graph")
    if variants is None and graph is not None:
        return _with_line(source, graph.span.line - 1, f"variants:\n  {document.name}: {{}}\n  {line}")
    if not isinstance(variants, MappingTree) or not variants.entries:
        message = "a variant can be added only to a mapping of variants"
        raise SpecError([Diagnostic("wrong-type", message, variants.span if variants else None)])
    (first, _), (key, last) = variants.entries[0], variants.entries[-1]
    if source.line(variants.span.line)[variants.span.column - 1 :].startswith("{"):
        return _put_in(source, last.span.end_line, last.span.end_column - 1, f", {line}")
    return _with_line(source, max(_last_line(last), key.span.line), " " * (first.span.column - 1) + line)


def _named_figures(document: Document, tree: MappingTree) -> Iterator[Insertion]:
    """The variant in each figure that names none: a figure of the one network is not one of the new variant."""
    figures = tree.get("figures")
    entries = figures.items if isinstance(figures, Sequence) else ()
    for entry in entries:
        if isinstance(entry, MappingTree) and entry.entries and entry.get("variant") is None:
            yield _named_figure(document, entry)


def _named_figure(document: Document, entry: MappingTree) -> Insertion:
    if len(document.variants) > 1:
        message = "this figure is documented for every variant, so it would be for the new one"
        raise SpecError([Diagnostic("figure", message, entry.span, help="say its `variant`")])
    (name,) = document.variants or (document.name,)
    first, span = entry.entries[0][0].span, entry.span
    if document.source.line(span.line)[span.column - 1 :].startswith("{"):
        return _put_in(document.source, span.line, span.column, f"variant: {name}, ")
    return _put_in(document.source, first.line, first.column - 1, f"variant: {name}\n{' ' * (first.column - 1)}")


def _last_line(tree: Tree) -> int:
    """The line in which a value ends; the span of a mapping or list in lines of its own is its beginning alone."""
    inner = [value for _, value in tree.entries] if isinstance(tree, MappingTree) else getattr(tree, "items", ())
    return max([tree.span.end_line, *map(_last_line, inner)])


def _with_line(source: Source, number: int, text: str) -> Insertion:
    """More lines after the source's first `number` lines."""
    return _put_in(source, number, len(source.line(number)), f"\n{text}") if number else (0, f"{text}\n")


def _put_in(source: Source, line: int, column: int, text: str) -> Insertion:
    """Some more text in a line of the source, after so many of its characters."""
    return _start(source, line) + column, text


def _start(source: Source, line: int) -> int:
    """Where a line begins in the text; lines may end in one character or two."""
    at = 0
    for each in source.lines[: line - 1]:
        at += len(each)
        at += 2 if source.text.startswith("\r\n", at) else 1
    return at


def _check(document: Document, text: str, name: str) -> None:
    """Hold the new text to the old one: the same variants and one more, and nothing else wrong than was."""
    findings = Findings()
    new = parse_document(Source(document.source.name, text, document.source.path), findings)
    before = [*document.variants] or [document.name]
    if [*new.variants] != [*before, name] or len(new.faults) != len(document.faults):
        message = f"`{name}` cannot be added to the variants as they are written"
        raise SpecError([Diagnostic("wrong-type", message, help="write each variant on a line of its own")])
