"""A graph → its longest path from an input to an output, along which the volumes stand.

Stages are opened, and what they repeat stays closed: a bottleneck, an inception module or a dense layer is one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from archspec.backends.stages import Stages, layers
from archspec.graph import ENCLOSING, Block, Graph, NodeType, Ref


class Step(NamedTuple):
    """An op or a closed block; `sources` are the steps whose values it takes, an input of the network as -1, -2 …"""

    node: NodeType
    sources: tuple[int, ...]
    training: bool


class Path(Struct, frozen=True):
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
        depths.append((depths[source] if source >= 0 else 0) + layers(step.node))
    runs = [end for end in ends if end < 0 or not steps[end].training]
    at = runs[0] if runs else ends[0]
    on: list[int] = []
    while at >= 0:
        on.append(at)
        at = before[at]
    return Path(tuple(steps), tuple(reversed(on)), -1 - at, _beside(steps, set(on)))


def _beside(steps: Sequence[Step], on: set[int]) -> bool:
    return any(layers(step.node) for number, step in enumerate(steps) if number not in on and not step.training)


class _Opener:
    """Opens blocks, but those that are one step to a reader."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self._stages = graph, Stages(graph)
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
            if isinstance(child, Block) and self._stages.opens(child):
                reached.append(self._inside(child, sources, idle))
            else:
                reached.append([len(self._steps)] * len(child.shapes))
                self._steps.append(Step(child, tuple(sources), idle))
        return [at(result.ref) for result in block.results]
