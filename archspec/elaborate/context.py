"""What one elaboration shares: the findings, the bounds, and where in the calls of blocks a message comes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from archspec.elaborate.library import FindDocument, Library
from archspec.elaborate.scope import Scope
from archspec.language.diagnostics import Diagnostic, Findings, Note
from archspec.language.expressions import ExpressionError, parse_expression
from archspec.language.source import Span
from archspec.language.tree import Scalar, Sequence, Tree

MAX_NODES = 200_000
MAX_REPEAT = 100_000
MAX_NESTING = 60
MAX_PARAMETERS = 10**13


class Failed(Exception):  # noqa: N818 - a signal, not an error: what is wrong has been reported
    """A node came to nothing; why has been reported."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a block on the way to the node at hand."""

    block: str
    span: Span
    standard: bool


@dataclass(slots=True)
class Context:
    """Threaded through the elaboration of one document."""

    library: Library
    findings: Findings
    find_document: FindDocument
    document_scope: Scope = field(default_factory=lambda: Scope({}))
    """What a block declared in the document sees: its params and `let`."""
    frames: list[Frame] = field(default_factory=list)
    nodes: int = 0
    in_training: bool = False
    in_frozen: bool = False

    def report(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> None:
        """Add a finding; one inside a standard block is shown where the user called that block."""
        self.findings.add(self._at_the_call(Diagnostic(code, message, span, node or None, **details)))

    def fail(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> NoReturn:
        """Report, and give the node up."""
        self.report(code, message, span, node, **details)
        raise Failed

    def count_node(self, span: Span) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.report("too-large", f"the network has more than {MAX_NODES:,} nodes", span)
            raise TooLarge

    @contextmanager
    def inside(self, frame: Frame, address: str) -> Iterator[None]:
        """Work inside a block's definition; refuses one that contains itself."""
        if any(each.block == frame.block for each in self.frames):
            chain = " → ".join([*(each.block for each in self.frames), frame.block])
            self.fail("recursion", f"block `{frame.block}` contains itself", frame.span, address, found=chain)
        if len(self.frames) >= MAX_NESTING:
            self.fail("too-deep", f"blocks nest deeper than {MAX_NESTING}", frame.span, address)
        self.frames.append(frame)
        try:
            yield
        finally:
            self.frames.pop()

    @contextmanager
    def within(self, training: bool, frozen: bool) -> Iterator[None]:
        """Work inside a node that runs in training mode only, or does not train."""
        before = self.in_training, self.in_frozen
        self.in_training, self.in_frozen = self.in_training or training, self.in_frozen or frozen
        try:
            yield
        finally:
            self.in_training, self.in_frozen = before

    @contextmanager
    def inside_part(self, library: Library, scope: Scope, frame: Frame, address: str) -> Iterator[None]:
        """Work inside another spec, where its own names hold."""
        before = self.library, self.document_scope
        with self.inside(frame, address):
            self.library, self.document_scope = library, scope
            try:
                yield
            finally:
                self.library, self.document_scope = before

    def value(self, tree: Tree, scope: Scope, what: str, address: str, words: bool = False) -> Any:
        """What a tree stands for: a plain value, or an expression evaluated in the scope."""
        if isinstance(tree, Scalar):
            if not isinstance(tree.value, str):
                return tree.value
            return self._expression(tree, scope, what, address, words)
        if isinstance(tree, Sequence):
            return [self.value(item, scope, what, address, words) for item in tree.items]
        return self.fail("wrong-type", f"{what} cannot be a mapping", tree.span, address)

    def _expression(self, tree: Scalar, scope: Scope, what: str, address: str, words: bool) -> Any:
        text = str(tree.value)
        if words and text not in scope and text.replace("-", "_").isidentifier():
            return text
        try:
            return whole(parse_expression(text).evaluate(scope))
        except ExpressionError as error:
            self.fail(
                "expression",
                f"{what}: {error.message}",
                _part(tree, error.column),
                address,
                expected=error.expected,
                found=error.found,
                help=error.help,
            )

    def _at_the_call(self, diagnostic: Diagnostic) -> Diagnostic:
        """Move the place out of standard blocks to the innermost call in a text that the user can edit."""
        outermost = next((frame for frame in self.frames if frame.standard), None)
        if outermost is None or diagnostic.span is None or not diagnostic.span.source.name.startswith("blocks/"):
            return diagnostic
        note = Note(f"inside the standard block `{self.frames[-1].block}`", diagnostic.span)
        return replace(diagnostic, span=outermost.span, notes=(*diagnostic.notes, note))


class TooLarge(Exception):  # noqa: N818 - a signal, not an error: what is wrong has been reported
    """A bound of the whole network is passed; why has been reported."""


def whole(value: Any) -> Any:
    """A whole number where a float holds one: `1.5 * 64` is 96 channels."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, (list, tuple)):
        return [whole(item) for item in value]
    if not isinstance(value, (int, str, bool, type(None), float)) and getattr(value, "is_Integer", False):
        return int(value)
    return value


def _part(tree: Scalar, column: int | None) -> Span:
    """The place inside an expression from which its trouble comes."""
    span = tree.span
    if column is None or span.line != span.end_line:
        return span
    start = span.column + column + tree.quoted
    return replace(span, column=start) if start < span.end_column else span
