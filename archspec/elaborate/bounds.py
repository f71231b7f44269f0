"""How large one network may be, and how much one page may cost."""

from __future__ import annotations

from typing import NoReturn

from msgspec import Struct, field

from archspec.elaborate.reporting import Reporter
from archspec.language.budget import NODE, Budget, SpentError, current
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


class Bounds(Struct):
    """Counts what one elaboration makes, and ends it where that is too much."""

    reporter: Reporter
    budget: Budget = field(default_factory=current)
    """What the page at hand may still cost."""
    nodes: int = 0
    steps: int = 0
    parameters: int = 0
    depth: int = 0

    def pay(self, amount: int, span: Span | None) -> None:
        """Pay for what is worked out of this place of the page."""
        try:
            self.budget.spend(amount)
        except SpentError:
            self.spent(span)

    def spent(self, span: Span | None) -> NoReturn:
        """Report that the page costs more than it may."""
        self.reporter.report(
            "too-large",
            "this spec takes too long to elaborate",
            span,
            help="use fewer copies, shorter lists and names, or fewer variants",
        )
        raise TooLarge

    def count_nodes(self, span: Span, nodes: int = 1, price: int = NODE) -> None:
        """Count more nodes of the network, and pay a price for each."""
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            self.reporter.report("too-large", f"the network has more than {MAX_NODES:,} nodes", span)
            raise TooLarge
        self.pay(nodes * price, span)

    def count_parameters(self, span: Span, parameters: int) -> None:
        """Count more parameters of the network."""
        self.parameters += parameters
        if self.parameters > MAX_PARAMETERS:
            self.reporter.report("too-large", f"the network has more than {MAX_PARAMETERS:,} parameters", span)
            raise TooLarge

    def count_step(self, span: Span) -> None:
        """Count one more copy, of which perhaps no node comes."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            self.reporter.report(
                "too-large", "the graph has too many copies", span, expected=f"at most {MAX_STEPS:,} copies"
            )
            raise TooLarge

    def descend(self, span: Span, address: str) -> None:
        """Begin one more graph inside the others; who calls this takes `depth` back."""
        if self.depth >= MAX_NESTING:
            self.reporter.fail(
                "too-deep", "graphs nest too deep", span, address, expected=f"at most {MAX_NESTING} levels"
            )
        self.depth += 1
