"""What all nodes of one elaboration share: names, what is kept, findings, bounds, and what is gathered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

from msgspec import Struct, field

from archspec.elaborate.block_builder import Body
from archspec.elaborate.bounds import Bounds
from archspec.elaborate.call_plans import Home, Plan
from archspec.elaborate.memo.memo import Memo
from archspec.elaborate.reporting import CallFrame, Reporter
from archspec.elaborate.scope import Scope
from archspec.elaborate.symbol_table import FindDocument, Library
from archspec.graph.roundings import Rounding
from archspec.language.nodes import NodeDef
from archspec.language.source import Span


class Gathered(Struct):
    """What nodes say of the whole network."""

    roundings: list[Rounding] = field(default_factory=list)
    tapped: set[str] = field(default_factory=set)
    """The addresses of the nodes whose values others take by name, from outside."""
    unclosed: list[Body] = field(default_factory=list)
    """The network's inside, and that of each block that could not be closed for what is wrong in it."""


class Context(Struct):
    """Threaded through the elaboration of one document."""

    library: Library
    find_document: FindDocument
    memo: Memo
    reporter: Reporter
    bounds: Bounds
    gathered: Gathered = field(default_factory=Gathered)
    document_scope: Scope = field(default_factory=lambda: Scope({}))
    """What a block declared in the document sees: its params and `let`."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """The calls that stand in the place of ops, by the ops' names."""
    plans: dict[NodeDef | tuple[NodeDef, str], Plan] = field(default_factory=dict)
    """The calls met so far, each by its node; where that says what it calls with `use`, by both."""

    def report(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> None:
        """Add a finding; one inside a standard block is shown where the user called that block."""
        self.reporter.report(code, message, span, node, **details)

    def fail(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> NoReturn:
        """Report, and give the node up."""
        self.reporter.fail(code, message, span, node, **details)

    @contextmanager
    def replacing(self, calls: Mapping[str, Any]) -> Iterator[None]:
        """Work inside a node in which other calls stand in the place of ops."""
        before, self.replaced = self.replaced, {**self.replaced, **calls}
        try:
            yield
        finally:
            self.replaced = before

    @contextmanager
    def at_home(self, home: Home) -> Iterator[None]:
        """Work where another document's names hold."""
        before = self.library, self.document_scope
        self.library, self.document_scope = home
        try:
            yield
        finally:
            self.library, self.document_scope = before

    @contextmanager
    def inside_part(self, library: Library, scope: Scope, frame: CallFrame, address: str) -> Iterator[None]:
        """Work inside another spec, where its own names hold."""
        self.reporter.enter(frame, address)
        try:
            with self.at_home(Home(library, scope)):
                yield
        finally:
            self.reporter.frames.pop()
