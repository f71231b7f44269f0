"""What one elaboration shares: the findings, the bounds, and where in the calls of blocks a message comes from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from keyword import iskeyword
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.elaborate.call_plans import Home, Plan
from archspec.elaborate.memo.memo import Memo
from archspec.elaborate.scope import MISSING, NotingScope, Scope, is_word, suggestion, truth_help
from archspec.elaborate.scope import Failed as Failed
from archspec.elaborate.symbol_table import FindDocument, Library
from archspec.graph.model import Initialiser, Tie
from archspec.graph.roundings import Rounding
from archspec.language.budget import NODE, Budget, SpentError, current
from archspec.language.diagnostics import Diagnostic, Findings, Note
from archspec.language.expressions import Attributes, ExpressionError, parse_expression
from archspec.language.nodes import NodeDef
from archspec.language.params import TYPES
from archspec.language.plain_values import WHOLE, whole
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar, Sequence, Tree

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

    def value(
        self, tree: Tree, scope: Scope, what: str, address: str, words: bool = False, expected: str | None = None
    ) -> Any:
        """What a tree stands for: a plain value, or an expression evaluated in the scope.

        A bare word that names nothing stands for itself where there may be `words`; where there may not, it is refused
        with what is `expected`.
        """
        if isinstance(tree, Scalar):
            if type(tree.value) is not str:
                return tree.value
            value = self._named(tree, tree.value, scope, what, address, words, expected)
            if type(value) not in WHOLE:
                self._refuse_inputs(value, tree, what, address, expected)
            return value
        if isinstance(tree, Sequence):
            return [self.value(item, scope, what, address, words) for item in tree.items]
        return self.fail("wrong-type", f"{what} cannot be a mapping", tree.span, address)

    def computed(self, name: str, tree: Tree, scope: Scope, address: str) -> Any:
        """What a name under `let` stands for: a value, or an input under another name."""
        if isinstance(tree, Scalar) and type(tree.value) is str:
            return self._named(tree, tree.value, scope, f"`{name}`", address, True, None)
        return self.value(tree, scope, f"`{name}`", address, words=True)

    def _named(
        self, tree: Scalar, text: str, scope: Scope, what: str, address: str, words: bool, expected: str | None
    ) -> Any:
        """What a text stands for: a name's value, itself, or what it comes to as an expression."""
        known = scope.get(text, MISSING)
        if known is not MISSING:
            return known if type(known) in WHOLE else whole(known)
        if text in scope.faulty:
            raise Failed
        if words and is_word(text, scope):
            return text
        if expected and text.isidentifier() and not iskeyword(text):
            self.report_word(text, tree.span, scope, what, address, expected)
            raise Failed
        return self._expression(tree, text, scope, what, address)

    def _refuse_inputs(self, value: Any, tree: Scalar, what: str, address: str, expected: str | None) -> None:
        """Refuse an input where a plain value must stand."""
        several = isinstance(value, list)
        if not any(isinstance(each, Attributes) for each in (value if several else [value])):
            return
        text = tree.value
        one = f"{text}[0]" if several else text
        self.fail(
            "wrong-type",
            f"{what} cannot be `{text}`, which is {'several inputs' if several else 'an input'}",
            tree.span,
            address,
            expected=expected if expected != TYPES["any"] else None,
            help=f"`{one}.channels` and `{one}.shape` are its sizes" if str(text).isidentifier() else None,
        )

    def report_word(
        self,
        word: str,
        span: Span,
        scope: Scope,
        what: str,
        address: str,
        expected: str,
        words: Iterable[str] = (),
    ) -> None:
        """Report a bare word that names nothing, with the nearest of the names and `words` that would do."""
        help_ = truth_help(word) if expected == "true or false" else suggestion(word, scope, words)
        message = f"{what}: there is no param `{word}` here"
        self.report("unknown-name", message, span, address, expected=expected, help=help_)

    def _expression(self, tree: Scalar, text: str, scope: Scope, what: str, address: str) -> Any:
        try:
            expression = parse_expression(text)
            lookup = self._noting(tree, scope, what, address) if expression.rounds else scope
            return whole(expression.evaluate(lookup))
        except SpentError:
            self.spent(tree.span)
        except ExpressionError as error:
            self.fail(
                "expression",
                f"{what}: {error.message}",
                part_of(tree, error.column, error.width),
                address,
                expected=error.expected,
                found=error.found,
                help=error.help,
            )

    def _noting(self, tree: Scalar, scope: Scope, what: str, address: str) -> Scope:
        """A scope that records what the document rounds; what standard blocks round is no scaling of its author's."""
        if tree.span.source.standard:
            return scope

        def note(text: str, raw: Any, rounded: Any) -> None:
            self.roundings.append(Rounding(address, what, text, raw, rounded, tree.span))

        return NotingScope(scope, note)

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


def part_of(tree: Scalar, column: int | None, width: int | None) -> Span:
    """The place inside an expression from which its trouble comes."""
    span = tree.span
    if column is None or span.line != span.end_line:
        return span
    start = span.column + column + tree.quoted
    if start >= span.end_column:
        return span
    return replace(span, column=start, end_column=min(start + width, span.end_column) if width else span.end_column)
