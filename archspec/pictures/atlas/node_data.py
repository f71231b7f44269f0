"""What the atlas knows of each node, as plain values for its script: few bytes a node, so that large networks fit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

from msgspec import Struct, field

from archspec.codegen import Lines
from archspec.graph.labels import count_text, inputs_text, node_words, outputs_text
from archspec.graph.model import Block, Counts, Graph, NodeType
from archspec.language.source import Source
from archspec.ops.shapes import Count, known
from archspec.pictures.atlas.spec_lines import spec_lines

TRAINING, FROZEN = 1, 2
"""What is told of a node by one bit."""


class Shared(Struct):
    """Values that many nodes have, each kept once and called by its number."""

    values: list[Any] = field(default_factory=list)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def number(self, value: Hashable) -> int:
        if value not in self._numbers:
            self._numbers[value] = len(self.values)
            self.values.append(value)
        return self._numbers[value]


class Nodes(Struct, dict=True):
    """All nodes of a graph as a tree of rows; `files` are the specs that they come from, the document's own first.

    A row is: name, number of its words, of its input shapes, of its output shapes, parameters, MACs, bits, number of
    its file, first line, last line, number of its lines in the source, the name of the sibling whose weights it uses
    (0: none), and the rows of its children, if any.
    """

    graph: Graph
    lines: Mapping[str, tuple[Lines, ...]]
    texts: Shared = field(default_factory=Shared)
    spans: Shared = field(default_factory=Shared)
    files: list[Source] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._file(self.graph.root)
        self.root = self._row(self.graph.root, None)

    def _row(self, node: NodeType, around: Block | None) -> list[Any]:
        first, last = spec_lines(node.span)
        opened = node if isinstance(node, Block) and node.tied is None else None
        children = [self._row(child, opened) for child in opened.children] if opened else []
        counts: Counts = node.counts
        frozen = FROZEN if counts.params and not counts.trainable else 0
        owner = around.children[node.tied].name if around and node.tied is not None else 0
        return [
            node.name,
            self.texts.number(node_words(node)),
            self.texts.number(inputs_text(node)),
            self.texts.number(outputs_text(node)),
            counts.params,
            _count(counts.macs),
            (TRAINING if node.training else 0) | frozen,
            self._file(node),
            first,
            last,
            self.spans.number(self.lines[node.address]),
            owner,
            *([children] if children else []),
        ]

    def _file(self, node: NodeType) -> int:
        source = node.span.source
        at = next((number for number, each in enumerate(self.files) if each.name == source.name), None)
        if at is None:
            self.files.append(source)
            return len(self.files) - 1
        return at


def _count(count: Count) -> int | str:
    """A count as a number, or where sizes are symbols, as its formula."""
    return int(count) if known(count) else count_text(count)
