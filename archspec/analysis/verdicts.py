"""Documented figures held against the counted ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Note, SpecError
from archspec.language.figures import Figure
from archspec.language.yaml_tree import Tree, plain
from archspec.ops.shapes import Count, dim_text, known

Status = Literal["agrees", "differs as explained", "MISMATCH", "explained but agrees", "depends on symbolic sizes"]

Elaborate = Callable[[dict[str, Tree]], Graph]
"""The graph of the variant at hand under other settings."""


class Verdict(Struct, frozen=True):
    """One documented figure and what was counted."""

    figure: Figure
    counted: Count
    status: Status
    hints: tuple[str, ...] = ()

    @property
    def fine(self) -> bool:
        """Whether the figure agrees, or says why it does not."""
        return self.status in ("agrees", "differs as explained")

    @property
    def settings(self) -> dict[str, object]:
        """The settings under which the figure is documented."""
        return {name: plain(tree) for name, tree in self.figure.settings.items()}


def tally(found: Iterable[Verdict]) -> dict[Status, str]:
    """How many verdicts have each status, in words: `3 agree`."""
    times = Counter(verdict.status for verdict in found)
    return {status: f"{count} {status if count == 1 else _plural(status)}" for status, count in times.items()}


def _plural(status: Status) -> str:
    return re.sub(r"\b(agree|differ|depend)s\b", r"\1", status)


def counted(graph: Graph, quantity: str) -> Count:
    """The amount of one quantity."""
    return {
        "params": graph.counts.params,
        "trainable": graph.counts.trainable,
        "macs": graph.counts.macs,
        "depth": graph.depth,
    }[quantity]


def verdicts(figures: Iterable[Figure], graph: Graph, variant: str | None, elaborate: Elaborate) -> list[Verdict]:
    """A verdict for each figure that is documented for the variant (or for no variant in particular)."""
    return [_verdict(figure, graph, elaborate) for figure in figures if figure.variant in (None, variant)]


def diagnostics(results: Iterable[Verdict]) -> list[Diagnostic]:
    """The verdicts that are not fine, as errors at their place in the spec."""
    return [_diagnostic(verdict) for verdict in results if not verdict.fine]


def _verdict(figure: Figure, graph: Graph, elaborate: Elaborate) -> Verdict:
    under = _under(figure, elaborate) if figure.settings else graph
    amount = counted(under, figure.quantity)
    if not known(amount):
        return Verdict(figure, amount, "depends on symbolic sizes")
    if figure.agrees(amount):
        return Verdict(figure, amount, "explained but agrees" if figure.differs else "agrees")
    if figure.differs:
        return Verdict(figure, amount, "differs as explained")
    return Verdict(figure, amount, "MISMATCH", tuple(hints(figure, under)))


def _under(figure: Figure, elaborate: Elaborate) -> Graph:
    """The graph under a figure's own settings; what is wrong with it is told with the figure's place."""
    try:
        return elaborate(dict(figure.settings))
    except SpecError as error:
        note = Note("under the settings of this figure", figure.span)
        raise SpecError([replace(item, notes=(*item.notes, note)) for item in error.diagnostics]) from None


def hints(figure: Figure, graph: Graph) -> Iterable[str]:
    """Where a difference in parameters could come from: well-known habits of counting, tried one by one."""
    from archspec.analysis.breakdown import breakdown

    if figure.quantity not in ("params", "trainable"):
        return
    parts = breakdown(graph)
    total = graph.counts.params
    for what, amount in (
        (f"buffers counted too, as Keras does ({parts.statistics:,})", total + parts.statistics),
        (f"normalization left out ({parts.normalization:,})", total - parts.normalization),
        (f"biases left out ({parts.biases:,})", total - parts.biases),
        (f"training-only parts left out ({parts.training:,})", total - parts.training),
    ):
        if amount != total and figure.agrees(amount):
            yield f"agrees with {what}"
    yield "by block: " + ", ".join(f"{name} {params:,}" for name, params in parts.blocks)
    yield (
        f"normalization {parts.normalization:,}, biases {parts.biases:,}, training-only {parts.training:,}, "
        f"statistics {parts.statistics:,}"
    )


def _diagnostic(verdict: Verdict) -> Diagnostic:
    figure = verdict.figure
    what = f"`{figure.quantity}` documented by `{figure.source}`"
    if verdict.status == "explained but agrees":
        message, help_ = f"the {what} is documented to differ, but agrees", "remove `differs`"
        return Diagnostic("figure-agrees", message, figure.span, found=f"{verdict.counted:,}", help=help_)
    if verdict.status == "depends on symbolic sizes":
        return Diagnostic(
            "figure-symbolic",
            f"the {what} cannot be checked: what is counted depends on symbolic sizes",
            figure.span,
            expected=figure.documented,
            found=dim_text(verdict.counted),
            help="give the input sizes as params, and set them under `with`",
        )
    return Diagnostic(
        "figure-mismatch",
        f"the {what} differs from what is counted",
        figure.span,
        expected=figure.documented,
        found=f"{verdict.counted:,}",
        help="say why with `differs: …`, or fix the spec",
        notes=tuple(Note(hint) for hint in verdict.hints),
    )
