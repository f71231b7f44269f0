"""YAML events → a tree of plain values, each with its place.

The tree is built without recursion, so that every bound is met before the stack or the memory is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import yaml
from msgspec import Struct, field

from archspec.language.diagnostics import Diagnostic, Findings, Note, did_you_mean
from archspec.language.source import Source, Span
from archspec.language.yaml_scalars import resolve
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree, Value

MAX_NODES = 100_000
"""How many values a document may hold, counted after its aliases are written out."""
MAX_DEPTH = 100
"""How deep lists and mappings may nest, aliases written out."""
MAX_INTEGER = 10**18
"""The largest whole number, either side of zero."""


class _Built(Struct):
    """A finished value, what it costs to write out again, and its text, in case it is used as a key."""

    tree: Tree
    size: int = 1
    height: int = 0
    text: str | None = None


class _Frame(Struct):
    """A collection whose end has not been read yet."""

    is_mapping: bool
    flow: bool
    start: Span
    anchor: str | None
    size: int = 1
    height: int = 0
    items: list[Tree] = field(default_factory=list)
    entries: list[tuple[Scalar, Tree]] = field(default_factory=list)
    keys: dict[str, Scalar] = field(default_factory=dict)
    key: Scalar | None = None
    """The key whose value comes next."""
    key_is_refused: bool = False

    @property
    def awaits_key(self) -> bool:
        return self.is_mapping and self.key is None and not self.key_is_refused


class Builder:
    """Builds the tree of one document from the parser's events."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.findings = Findings()
        self._stack: list[_Frame] = []
        self._anchors: dict[str, _Built | None] = {}
        """`None` while the anchored collection is still open."""
        self._nodes = 0
        self._documents = 0
        self._root: Tree | None = None

    def build(self, events: Iterator[yaml.Event]) -> Tree:
        """The tree; raises `SpecError` with everything that is wrong in it."""
        tree = self.read(events)
        self.findings.check()
        assert tree is not None, "an empty text is an error"
        return tree

    def read(self, events: Iterator[yaml.Event]) -> Tree | None:
        """The tree, with what is wrong among the findings; `None` where there is nothing."""
        handlers = self._handlers()
        for event in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)
        if self._root is None:
            self._report("empty-spec", "there is nothing in this file", None)
        return self._root

    def fail(self, diagnostic: Diagnostic) -> NoReturn:
        """Raise what was found so far and this, after which reading cannot go on."""
        self.findings.add(diagnostic)
        self.findings.check()
        raise AssertionError("an error was added")

    def _handlers(self) -> dict[type[yaml.Event], Callable[[Any], None]]:
        return {
            yaml.DocumentStartEvent: self._on_document,
            yaml.ScalarEvent: self._on_scalar,
            yaml.AliasEvent: self._on_alias,
            yaml.SequenceStartEvent: self._on_start,
            yaml.MappingStartEvent: self._on_start,
            yaml.SequenceEndEvent: self._on_end,
            yaml.MappingEndEvent: self._on_end,
        }

    def _on_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            span = self._span(event)
            self.fail(
                Diagnostic(
                    "several-documents",
                    "a second document starts here",
                    span=span,
                    expected="one document in a file",
                    help="put it in a file of its own",
                )
            )

    def _on_scalar(self, event: yaml.ScalarEvent) -> None:
        span = self._content_span(event)
        if not event.value and self._stack and (key := self._stack[-1].key) is not None and not event.style:
            # The parsers disagree on where nothing stands.
            span = Span(self._source, key.span.end_line, key.span.end_column, key.span.end_line, key.span.end_column)
        self._refuse_tag(event)
        self._count(span)
        quoted = event.style is not None and event.style in ("'", '"', "|", ">")
        text = event.value
        if self._stack and self._stack[-1].awaits_key:
            # A key is the text as written, so it is not read as a value.
            scalar = Scalar(text, span, quoted)
        else:
            scalar = Scalar(text if quoted else self._resolve(text, span), span, quoted)
        built = _Built(scalar, text=text)
        if event.anchor:
            self._anchors[event.anchor] = built
        self._place(built)

    def _on_alias(self, event: yaml.AliasEvent) -> None:
        span = self._span(event)
        name = event.anchor or ""
        built = self._anchors.get(name)
        if built is None:
            if name in self._anchors:
                self._report("recursive-alias", f"`*{name}` is used inside its own anchor `&{name}`", span)
            else:
                self._report(
                    "unknown-alias",
                    f"there is no anchor `&{name}` before this",
                    span,
                    did_you_mean(name, self._anchors),
                )
            built = _Built(Scalar(None, span), text=f"*{name}")
        self._count(span, built.size, alias=name)
        if len(self._stack) + built.height > MAX_DEPTH:
            self._too_deep(span)
        self._place(built)

    def _on_start(self, event: yaml.CollectionStartEvent) -> None:
        span = self._content_span(event)
        self._refuse_tag(event)
        self._count(span)
        if len(self._stack) >= MAX_DEPTH:
            self._too_deep(span)
        is_mapping = isinstance(event, yaml.MappingStartEvent)
        self._stack.append(_Frame(is_mapping, bool(event.flow_style), span, event.anchor))
        if event.anchor:
            self._anchors[event.anchor] = None

    def _on_end(self, event: yaml.CollectionEndEvent) -> None:
        frame = self._stack.pop()
        built = _Built(self._finish(frame, event), frame.size, frame.height + 1)
        if frame.anchor:
            self._anchors[frame.anchor] = built
        self._place(built)

    def _finish(self, frame: _Frame, event: yaml.CollectionEndEvent) -> Tree:
        if frame.flow:
            span = _from_to(frame.start, self._span(event))
        elif frame.is_mapping:
            span = frame.entries[0][0].span if frame.entries else frame.start
        else:
            span = _first_line(frame)
        if frame.is_mapping:
            return Mapping(tuple(frame.entries), span)
        return Sequence(tuple(frame.items), span)

    def _place(self, built: _Built) -> None:
        """Put a finished value where it belongs: a key, a value, an item, or the whole document."""
        if not self._stack:
            self._place_root(built)
            return
        frame = self._stack[-1]
        frame.size += built.size
        frame.height = max(frame.height, built.height)
        if not frame.is_mapping:
            frame.items.append(built.tree)
        elif frame.awaits_key:
            self._place_key(frame, built)
        else:
            if frame.key is not None:
                frame.entries.append((frame.key, built.tree))
            frame.key, frame.key_is_refused = None, False

    def _place_root(self, built: _Built) -> None:
        if isinstance(built.tree, Scalar) and built.text == "" and not built.tree.quoted:
            return
        self._root = built.tree

    def _place_key(self, frame: _Frame, built: _Built) -> None:
        key = self._key(built)
        if key is not None:
            first = frame.keys.setdefault(str(key.value), key)
            if first is not key:
                self._report(
                    "duplicate-key",
                    f"`{_crop(str(key.value))}` appears twice in one mapping",
                    key.span,
                    "write a list in brackets: `[1, 1]`" if _is_value(frame, key) else None,
                    notes=(Note("the first is here", first.span),),
                )
                key = None
        frame.key, frame.key_is_refused = key, key is None

    def _key(self, built: _Built) -> Scalar | None:
        tree, text = built.tree, built.text
        if not isinstance(tree, Scalar) or text is None:
            kind = "mapping" if isinstance(tree, Mapping) else "list"
            self._report("bad-key", f"a key cannot be a {kind}", tree.span, "quote it if it is meant as text")
            return None
        if text == "":
            self._report("bad-key", "a key is empty", tree.span)
            return None
        if text == "<<" and not tree.quoted:
            self._report(
                "merge-key", "merge keys (`<<`) are not in YAML 1.2", tree.span, "write the entries out in this mapping"
            )
            return None
        return Scalar(text, tree.span, tree.quoted)

    def _resolve(self, text: str, span: Span) -> Value:
        value = resolve(text)
        if isinstance(value, float) and not math.isfinite(value):
            self._report("not-finite", f"`{_crop(text)}` is not a finite number", span, "quote it if it is a word")
        elif isinstance(value, int) and abs(value) > MAX_INTEGER:
            self._report(
                "number-too-large", f"`{_crop(text)}` is too large a number", span, "quote it if it is not a number"
            )
        else:
            return value
        return None

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if not event.tag:
            return
        whole = self._span(event)
        written = _TAG.search(self._source.line(whole.line), whole.column - 1)
        start, end = written.span(1) if written else (whole.column - 1, whole.column)
        tag = written[1] if written else event.tag
        span = Span(self._source, whole.line, start + 1, whole.line, end + 1)
        self._report("tag", f"the tag `{_crop(tag)}` is not allowed", span, "a spec is plain data: leave the tag out")

    def _count(self, span: Span, size: int = 1, alias: str | None = None) -> None:
        self._nodes += size
        if self._nodes > MAX_NODES:
            message = f"`*{alias}` makes the file too large" if alias else "the file is too large"
            self.fail(
                Diagnostic(
                    "too-many-values",
                    message,
                    span=span,
                    expected=f"at most {MAX_NODES:,} values, with aliases written out",
                    found=f"at least {self._nodes:,} up to here",
                )
            )

    def _too_deep(self, span: Span) -> NoReturn:
        self.fail(
            Diagnostic(
                "nested-too-deep",
                "lists and mappings nest too deep",
                span=span,
                expected=f"at most {MAX_DEPTH} levels, with aliases written out",
            )
        )

    def _report(
        self, code: str, message: str, span: Span | None, help: str | None = None, notes: tuple[Note, ...] = ()
    ) -> None:
        if span is None:
            span = Span(self._source, 1, 1, 1, 1)
        self.findings.add(Diagnostic(code, message, span=span, help=help, notes=notes))

    def _span(self, event: yaml.Event) -> Span:
        start, end = event.start_mark, event.end_mark
        assert start is not None and end is not None, "both parsers mark every event"
        return Span(self._source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def _content_span(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> Span:
        """The event's place without the anchor and the tag that may stand before it."""
        span = self._span(event)
        if not event.anchor and not event.tag:
            return span
        before = _PROPERTIES.match(self._source.line(span.line), span.column - 1)
        if before is None or (span.line, before.end() + 1) >= (span.end_line, span.end_column):
            return span
        return Span(span.source, span.line, before.end() + 1, span.end_line, span.end_column)


_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")
_TAG = re.compile(r"(?:&\S*[ \t]+)?(![^\s,\[\]{}]*)")


def _is_value(frame: _Frame, key: Scalar) -> bool:
    """Whether a key in braces is a number, which seldom names anything."""
    return frame.flow and not key.quoted and not isinstance(resolve(str(key.value)), str)


def _from_to(start: Span, end: Span) -> Span:
    return Span(start.source, start.line, start.column, end.end_line, end.end_column)


def _first_line(frame: _Frame) -> Span:
    """From a list's first dash to the end of its first item, as far as that stands on the same line."""
    start, first = frame.start, frame.items[0].span if frame.items else frame.start
    if (first.line, first.end_line) == (start.line, start.line) and first.end_column > start.column:
        return _from_to(start, first)
    return Span(start.source, start.line, start.column, start.line, start.column + 1)


def _crop(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
