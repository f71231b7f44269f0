"""What one elaboration shares: the findings, the bounds, and where in the calls of blocks a message comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.elaborate.call_plans import Home, Plan
from archspec.elaborate.memo.memo import Memo
from archspec.elaborate.scope import Failed as Failed
from archspec.elaborate.scope import Scope
from archspec.elaborate.symbol_table import FindDocument, Library
from archspec.graph.model import Initialiser, Tie
from archspec.graph.roundings import Rounding
from archspec.language.budget import NODE, Budget, SpentError, current
from archspec.language.diagnostics import Diagnostic, Findings, Note
from archspec.language.nodes import NodeDef
from archspec.language.source import Span

MAX_NODES = 100_000
MAX_REPEAT = 100_000
MAX_STEPS = 400_000
"""Copies that are looked at, those that are switched off or hold others included."""
MAX_NESTING = 60
MAX_LAYERS = 10_000
"""Layers of one op."""
MAX_RANK = 64
"""Dimensions of a value: torch takes no more."""
MAX_PARAMETERS = 10**13
MAX_ELEMENTS = 10**15


class TooLarge(Exception):  # noqa: N818 - a signal, not an error: the reason is already reported
    """A bound of the whole network is exceeded; the reason is already reported."""


class Frame(NamedTuple):
    """One call of a block on the way to the node at hand."""

    block: str
    span: Span
    standard: bool
    home: str
    """The name of the text that defines the block."""


class Context(Struct):
    """Threaded through the elaboration of one document."""

    library: Library
    findings: Findings
    find_document: FindDocument
    memo: Memo
    document_scope: Scope = field(default_factory=lambda: Scope({}))
    """What a block declared in the document sees: its params and `let`."""
    frames: list[Frame] = field(default_factory=list)
    roundings: list[Rounding] = field(default_factory=list)
    reports: int = 0
    """How often something was reported, told anew or not."""
    budget: Budget = field(default_factory=current)
    """What the page at hand may still cost."""
    nodes: int = 0
    steps: int = 0
    parameters: int = 0
    depth: int = 0
    tapped: set[str] = field(default_factory=set)
    """The addresses of the nodes whose values others take by name, from outside."""
    ties: list[Tie] = field(default_factory=list)
    """The tensors that are others'."""
    part_rules: dict[str, tuple[Initialiser, ...]] = field(default_factory=dict)
    """How the parts initialise their weights, by their addresses."""
    replaced: dict[str, Any] = field(default_factory=dict)
    """The calls that stand in the place of ops, by the ops' names."""
    plans: dict[NodeDef | tuple[NodeDef, str], Plan] = field(default_factory=dict)
    """The calls met so far, each by its node; where that says what it calls with `use`, by both."""
    _told: set[tuple[str, Span | None]] = field(default_factory=set)

    def report(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> None:
        """Add a finding; one inside a standard block is shown where the user called that block."""
        self.add(Diagnostic(code, message, span, node or None, **details))

    def add(self, diagnostic: Diagnostic) -> None:
        """Add a finding that another step made, as `report` does; copies of a node tell of the same fault once."""
        self.reports += 1
        found = self._at_the_call(diagnostic)
        key = (found.code, found.span)
        if found.span is None or key not in self._told:
            self._told.add(key)
            self.findings.add(found)

    def fail(self, code: str, message: str, span: Span | None, node: str | None = None, **details: Any) -> NoReturn:
        """Report, and give the node up."""
        self.report(code, message, span, node, **details)
        raise Failed

    def pay(self, amount: int, span: Span | None) -> None:
        """Pay for what is worked out of this place of the page."""
        try:
            self.budget.spend(amount)
        except SpentError:
            self.spent(span)

    def spent(self, span: Span | None) -> NoReturn:
        """Report that the page costs more than it may."""
        self.report(
            "too-large",
            "this page takes too long to work out",
            span,
            help="use fewer copies, shorter lists and names, or fewer variants",
        )
        raise TooLarge

    def count_nodes(self, span: Span, nodes: int = 1, price: int = NODE) -> None:
        """Count more nodes of the network, and pay a price for each."""
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self.report("too-large", f"the network has more than {MAX_NODES:,} nodes", span)
            raise TooLarge
        self.pay(nodes * price, span)

    def count_parameters(self, span: Span, parameters: int) -> None:
        """Count more parameters of the network."""
        self.parameters += parameters
        if self.parameters > MAX_PARAMETERS:
            self.report("too-large", f"the network has more than {MAX_PARAMETERS:,} parameters", span)
            raise TooLarge

    def count_step(self, span: Span) -> None:
        """Count one more copy, of which perhaps no node comes."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.report("too-large", "the graph has too many copies", span, expected=f"at most {MAX_STEPS:,} copies")
            raise TooLarge

    def descend(self, span: Span, address: str) -> None:
        """Begin one more graph inside the others; who calls this takes `depth` back."""
        if self.depth >= MAX_NESTING:
            self.fail("too-deep", "graphs nest too deep", span, address, expected=f"at most {MAX_NESTING} levels")
        self.depth += 1

    def enter(self, frame: Frame, address: str) -> None:
        """Begin a block's definition, unless it contains itself; who calls this takes the frame back."""
        for each in self.frames:
            if each.block == frame.block and each.home == frame.home:
                chain = " → ".join([*(each.block for each in self.frames), frame.block])
                self.fail("recursion", f"`{frame.block}` contains itself", frame.span, address, found=chain)
        self.frames.append(frame)

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
    def inside_part(self, library: Library, scope: Scope, frame: Frame, address: str) -> Iterator[None]:
        """Work inside another spec, where its own names hold."""
        self.enter(frame, address)
        try:
            with self.at_home(Home(library, scope)):
                yield
        finally:
            self.frames.pop()

    def _at_the_call(self, diagnostic: Diagnostic) -> Diagnostic:
        """Move the place out of standard blocks to the innermost call that the user can edit, and note calls."""
        span, notes, frames = diagnostic.span, diagnostic.notes, self.frames
        first = next((index for index, frame in enumerate(frames) if frame.standard), None)
        if first is not None and span is not None and span.source.standard:
            notes = (*notes, Note(f"inside the standard block `{frames[-1].block}`", span))
            span, frames = frames[first].span, frames[:first]
        if frames:
            notes = (*notes, Note(f"in `{frames[-1].block}`, called here", frames[-1].span))
        return replace(diagnostic, span=span, notes=notes)
