"""Verdicts on documented figures, in lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.analysis.verdicts import Verdict
from archspec.analysis.verdicts import tally as counted
from archspec.api.check import Checked
from archspec.cli.console import Part
from archspec.graph.labels import count_text, rounded_text
from archspec.reports.summary_table import verdict_line

STYLES = {"agrees": "green", "differs as explained": "yellow"}
"""How a status is shown; any other is a fault."""


def outcome(checked: Checked) -> Iterator[Part]:
    """One variant's counts, and what its figures come to."""
    architecture = checked.architecture
    if architecture is None:
        yield "WRONG", "bold red"
        return
    yield f"{count_text(architecture.params):>13} params  {rounded_text(architecture.macs):>6} MACs  "
    yield ("ok", "green") if checked.fine else ("WRONG", "bold red")
    yield ": " if checked.verdicts else ", no figure is documented"
    yield from tally(checked.verdicts)


def tally(verdicts: Iterable[Verdict]) -> Iterator[Part]:
    """How many figures agree, and how many do not."""
    for number, (status, text) in enumerate(counted(verdicts).items()):
        times, _, words = text.partition(" ")
        yield ", " * (number > 0) + f"{times} "
        yield words, STYLES.get(status, "bold red")


def tally_text(verdicts: Iterable[Verdict]) -> str:
    """As `tally`, without colours."""
    return "".join(part if isinstance(part, str) else part[0] for part in tally(verdicts)) or "none documented"


def lines(verdicts: Iterable[Verdict]) -> Iterator[Part]:
    """A line for each figure: documented, counted, the verdict and the source."""
    for verdict in verdicts:
        yield verdict_line(verdict), STYLES.get(verdict.status, "bold red")
