"""What came of each node, behind it: `64×56×56 · 4.10 k · 12.8 M`, its shape, parameters and multiply-accumulates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archspec.editor.page.analysis import Analysis
from archspec.editor.page.nodes import Standing, every, graphs
from archspec.graph.labels import outputs_text, rounded_text
from archspec.graph.model import Counts, NodeType
from archspec.language.source import Span


class Hint(NamedTuple):
    """A text behind a node, at a line and column."""

    line: int
    column: int
    text: str


def hints(page: Analysis) -> list[Hint]:
    """A hint for each node that came to something, in the order of the page."""
    return [hint for nodes in graphs(page).values() for hint in _hints(page, list(every(nodes)))]


def _hints(page: Analysis, nodes: Sequence[Standing]) -> Iterator[Hint]:
    starts = [node.begins.line for node in nodes]
    for node in nodes:
        made = node.made(page)
        if made and (text := node_text(made)):
            alone = starts.count(node.begins.line) == 1
            yield Hint(*_behind(node, alone), text)


def _behind(node: Standing, alone: bool) -> tuple[int, int]:
    """The end of the node's line, or of the node where another begins on the line."""
    span: Span = node.written.tree.span
    line = node.begins.line
    if not alone and span.end_line == line:
        return line, span.end_column
    return line, len(span.source.line(line)) + 1


def node_text(made: Sequence[NodeType]) -> str:
    """The shape of what all copies of a node give, their number where they are several, and what is counted of them."""
    first, last = made[0], made[-1]
    shapes = [outputs_text(first), *([outputs_text(last)] if last.shapes != first.shapes else [])]
    counts = Counts.of(made)
    copies = [f"×{len(made)}"] if len(made) > 1 else []
    numbers = [rounded_text(each) for each in (counts.params, counts.macs)] if counts.params or counts.macs else []
    return " · ".join([" … ".join(shapes), *copies, *numbers])
