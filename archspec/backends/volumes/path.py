"""A graph → its longest path from an input to an output, along which the volumes stand.

Stages are opened, and what they repeat stays closed: a bottleneck, an inception module or a dense layer is one step.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archspec.graph import ENCLOSING, Block, Graph, NodeType, Ref

REPEATED = 3
"""From so many calls on, a chain of several layers is one step, as a depthwise separable convolution is."""


class Step(NamedTuple):
    """An op or a closed block; `sources` are the steps whose values it takes, an input of the network as -1, -2 …"""

    node: NodeType
    sources: tuple[int, ...]
    training: bool


@dataclass(frozen=True)
class Path:
    """The steps of a network, and those on its longest path, in order.

    `start` is the number of the network's input at which it begins; `beside` is true where something that runs in
    inference stands on no path drawn.
    """

    steps: tuple[Step, ...]
    on: tuple[int, ...]
    start: int
    beside: bool


def longest_path(graph: Graph) -> Path:
    """The path with the most layers to the first output; what runs in training only is left out."""
    steps, ends = _Opener(graph).opened()
    depths: list[int] = []
    before: list[int] = []
    for step in steps:
        source = max(step.sources, key=lambda each: depths[each] if each >= 0 else 0, default=-1)
        before.append(source)
        depths.append((depths[source] if source >= 0 else 0) + _layers(step.node))
    runs = [end for end in ends if end < 0 or not steps[end].training]
    at = runs[0] if runs else ends[0]
    on: list[int] = []
    while at >= 0:
        on.append(at)
        at = before[at]
    return Path(tuple(steps), tuple(reversed(on)), -1 - at, _beside(steps, set(on)))


def _beside(steps: Sequence[Step], on: set[int]) -> bool:
    return any(_layers(step.node) for number, step in enumerate(steps) if number not in on and not step.training)


def _layers(node: NodeType) -> int:
    return _weighted(node) if isinstance(node, Block) else int(node.op.weighted)


def _weighted(block: Block) -> int:
    """The weighted ops in a block."""
    return sum(_layers(child) for child in block.children)


def _blocks(block: Block) -> Iterator[Block]:
    for child in block.children:
        if isinstance(child, Block):
            yield child
            yield from _blocks(child)


def _is_chain(block: Block) -> bool:
    """Whether each child takes what the one before it gives; what runs in training only stands aside."""
    before = Ref(ENCLOSING)
    for number, child in enumerate(block.children):
        if child.training:
            continue
        if child.inputs != (before,) or len(child.shapes) != 1:
            return False
        before = Ref(number)
    return len(block.results) == 1 and block.results[0].ref == before


class _Opener:
    """Opens blocks, but those that are one step to a reader."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        blocks = list(_blocks(graph.root))
        self._times = Counter(block.kind for block in blocks)
        self._branching = {block.kind for block in blocks if block.kind and not _is_chain(block)}
        self._steps: list[Step] = []

    def opened(self) -> tuple[list[Step], list[int]]:
        """Every step, and where the network's results come from."""
        root = self._graph.root
        ends = self._inside(root, [-1 - number for number in range(len(root.input_names))], False)
        return self._steps, ends

    def _inside(self, block: Block, arriving: Sequence[int], training: bool) -> list[int]:
        reached: list[list[int]] = []

        def at(ref: Ref) -> int:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            sources = [at(ref) for ref in child.inputs]
            idle = training or child.training
            if isinstance(child, Block) and self._opens(child):
                reached.append(self._inside(child, sources, idle))
            else:
                reached.append([len(self._steps)] * len(child.shapes))
                self._steps.append(Step(child, tuple(sources), idle))
        return [at(result.ref) for result in block.results]

    def _opens(self, block: Block) -> bool:
        if block.tied is not None:
            return False
        heavy = [child for child in block.children if isinstance(child, Block) and _weighted(child) > 1]
        if not _is_chain(block) or block.kind in self._branching:
            return block.kind not in self._branching and sum(child.kind is not None for child in heavy) >= REPEATED
        if heavy:
            return True
        return block.kind is None or self._times[block.kind] < REPEATED or _weighted(block) < 2
