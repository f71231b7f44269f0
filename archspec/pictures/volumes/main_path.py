"""A graph → its longest path from an input to an output, along which the volumes stand.

Stages are opened, and what they repeat stays closed: a bottleneck, an inception module or a dense layer is one step.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from archspec.analysis.stages import Stages, layers
from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.ops.shapes import form_of


class Source(NamedTuple):
    """A value that a step takes: one of the outputs of a step, or an input of the network, which are -1, -2 …"""

    step: int
    output: int


class Step(NamedTuple):
    """An op or a closed block, and the values that it takes."""

    node: NodeType
    sources: tuple[Source, ...]
    training: bool


class Path(Struct, frozen=True):
    """The steps of a network, and those on its longest path, in order.

    `start` is the number of the network's input at which it begins; `beside` is true where something that runs in
    inference stands on no path drawn. A tower `into` the network's path ends at this step of it.
    """

    steps: tuple[Step, ...]
    on: tuple[int, ...]
    start: int
    beside: bool
    into: NodeType | None = None


def longest_path(graph: Graph) -> Path:
    """The path with the most layers to the first output; what runs in training only is left out."""
    steps, ends = _Opener(graph).opened()
    path, _ = _longest(steps, ends)
    return path


def towers(graph: Graph) -> list[Path]:
    """The paths from other inputs through layers of their own into the longest path; twins of shared weights too."""
    if len(graph.root.input_names) < 2:
        return []
    steps, ends = _Opener(graph, again=True).opened()
    path, before = _longest(steps, ends)
    found: dict[int, Path] = {}
    for number in path.on:
        for source in steps[number].sources:
            on, at = _way(source.step, before)
            apart = set(on).isdisjoint((*path.on, *(each for tower in found.values() for each in tower.on)))
            weighted = any(layers(steps[each].node) and not steps[each].training for each in on)
            if apart and weighted and at != path.start:
                found.setdefault(at, Path(tuple(steps), on, at, False, steps[number].node))
    return list(found.values())


def _longest(steps: Sequence[Step], ends: Sequence[int]) -> tuple[Path, Sequence[int]]:
    """The longest path, and for each step the one before it on the longest way there."""
    depths: list[int] = []
    before: list[int] = []
    for step in steps:
        found = [each.step for each in step.sources]
        source = max(found, key=lambda each: depths[each] if each >= 0 else 0, default=-1)
        before.append(source)
        depths.append((depths[source] if source >= 0 else 0) + layers(step.node))
    runs = [end for end in ends if end < 0 or not steps[end].training]
    on, start = _way(runs[0] if runs else ends[0], before)
    return Path(tuple(steps), on, start, _beside(steps, set(on))), before


def _way(at: int, before: Sequence[int]) -> tuple[tuple[int, ...], int]:
    """The steps to a step, and the number of the input at which they begin."""
    on: list[int] = []
    while at >= 0:
        on.append(at)
        at = before[at]
    return tuple(reversed(on)), -1 - at


def _beside(steps: Sequence[Step], on: set[int]) -> bool:
    """Whether some layers are on no path: those that use the weights of others again stand with these."""
    idle = (step.training or step.node.tied is not None for step in steps)
    return any(
        layers(step.node) for number, (step, each) in enumerate(zip(steps, idle)) if number not in on and not each
    )


class _Opener:
    """Opens blocks, but those that are one step to a reader."""

    def __init__(self, graph: Graph, again: bool = False) -> None:
        self._graph, self._stages, self._again = graph, Stages(graph), again
        self._steps: list[Step] = []

    def opened(self) -> tuple[list[Step], list[int]]:
        """Every step, and where the network's results come from."""
        root = self._graph.root
        ends = self._inside(root, [Source(-1 - number, 0) for number in range(len(root.input_names))], False)
        return self._steps, [each.step for each in ends]

    def _inside(self, block: Block, arriving: Sequence[Source], training: bool) -> list[Source]:
        reached: list[list[Source]] = []

        def at(ref: Ref) -> Source:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            sources = [at(ref) for ref in child.inputs]
            idle = training or child.training
            if isinstance(child, Block) and self._opens(child, block):
                reached.append(self._inside(child, sources, idle))
            else:
                reached.append([Source(len(self._steps), output) for output in range(len(child.shapes))])
                self._steps.append(Step(child, tuple(sources), idle))
        return [at(result.ref) for result in block.results]

    def _opens(self, child: Block, around: Block) -> bool:
        """Whether a block is more than one step; a further call of a module is as the first where that is asked for."""
        first = around.children[child.tied] if self._again and child.tied is not None else child
        assert isinstance(first, Block), "a block is called again as a block"
        return self._stages.opens(first) or _is_procedure(first) or _is_around(first)


def _is_procedure(block: Block) -> bool:
    """Whether a block is a detector's, or a part of one: what it gives are boxes and no maps."""
    return block.tied is None and any(form_of(shape) in ("list", "records") for shape in block.shapes)


def _is_around(block: Block) -> bool:
    """Whether a block is but the way to what is in it: to a network for all frames, or to a trunk and its neck."""
    if block.tied is not None:
        return False
    weighted = [child for child in block.children if layers(child) and not child.training]
    if len(weighted) == 1:
        others = [child for child in block.children if child is not weighted[0]]
        return isinstance(weighted[0], Block) and bool(others) and all(map(_rearranges, others))
    blocks = [child for child in weighted if isinstance(child, Block) and layers(child) > 1]
    return len(block.shapes) > 1 and len(blocks) > 1 and _is_row(block)


def _rearranges(node: NodeType) -> bool:
    return isinstance(node, Leaf) and node.op.kind == "shape"


def _is_row(block: Block) -> bool:
    """Whether each child takes values of the one before it and no others."""
    before = ENCLOSING
    for number, child in enumerate(block.children):
        if {ref.child for ref in child.inputs} != {before}:
            return False
        before = number
    return True
