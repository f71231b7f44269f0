"""A graph → its drawing: which blocks stand open, and where each value comes from once their walls are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from archspec.backends.graphviz.drawing import Arrow, Box, Drawing, Group, Item, Role
from archspec.backends.words import (
    count_text,
    node_words,
    place_text,
    rounded_text,
    shapes_text,
    tied_address,
)
from archspec.graph import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.shapes import Shape, known

READABLE = 80
"""The most boxes that a picture has where the depth is left to it."""
SYMBOLS = {"add": "+", "mul": "×", "sub": "−", "concat": "||"}
"""Joins that every reader knows by their sign: in a round box they are ⊕, ⊗, ⊖ and concatenation."""


def compose(graph: Graph, depth: int | None, units: bool = False) -> Drawing:
    """Draw blocks open down to `depth` (1: all closed; `None`: all open) and closed below.

    With `units`, a block of one layer with its norm and activation is drawn closed at any depth.
    """
    return _Composer(depth, units).drawing(graph)


def readable_depth(graph: Graph, most: int = READABLE) -> int:
    """The greatest depth whose picture, with units closed, has at most so many boxes; at least 1."""
    leaves: Counter[int] = Counter()
    blocks: Counter[int] = Counter()
    for level, node in _levels(graph.root, 1):
        (blocks if _opens(node, units=True) else leaves)[level] += 1
    depth, drawn = 1, leaves[1]
    while blocks[depth] and drawn + leaves[depth + 1] + blocks[depth + 1] <= most:
        depth += 1
        drawn += leaves[depth]
    return depth


def _levels(block: Block, level: int) -> Iterator[tuple[int, NodeType]]:
    for node in block.children:
        yield level, node
        if isinstance(node, Block) and _opens(node, units=True):
            yield from _levels(node, level + 1)


def _opens(node: NodeType, units: bool) -> TypeGuard[Block]:
    """Whether a node is a block that may be drawn open; one whose weights are another's has its inside drawn there."""
    return isinstance(node, Block) and node.tied is None and not (units and _unit(node) is not None)


def _unit(block: Block) -> Leaf | None:
    """The one layer of a block that has nothing else but norms and activations."""
    layer = None
    for child in block.children:
        if isinstance(child, Block) or (child.op.weighted and layer is not None):
            return None
        if child.op.weighted:
            layer = child
        elif child.op.kind not in ("normalization", "activation", "regularization"):
            return None
    return layer


class _Source(NamedTuple):
    """Where a value comes from: an output of a box, its shape, and whether its shape is news to a reader."""

    box: str
    output: int
    shape: Shape
    training: bool
    news: bool


class _Composer:
    def __init__(self, depth: int | None, units: bool) -> None:
        self._depth, self._units = depth, units
        self._arrows: list[Arrow] = []
        self._written: set[tuple[str, int]] = set()

    def drawing(self, graph: Graph) -> Drawing:
        root = graph.root
        inputs = [self._input(name, number, root) for number, name in enumerate(root.input_names)]
        sources = [_Source(box.id, 0, shape, False, True) for box, shape in zip(inputs, root.input_shapes)]
        items, ends = self._inside(root, sources, 1, False)
        outputs = [self._output(result.name, end) for result, end in zip(root.results, ends)]
        return Drawing(graph.title, tuple(_lines(graph)), (*inputs, *items, *outputs), tuple(self._arrows))

    def _input(self, name: str, number: int, root: Block) -> Box:
        shape = shapes_text((root.input_shapes[number],))
        return Box(f"input-{name}", name, "input", f"{name}\n{shape}")

    def _output(self, name: str | None, end: _Source) -> Box:
        label = name or "output"
        box = Box(f"output-{label}", label, "output", f"{label}\n{shapes_text((end.shape,))}", end.training)
        self._arrow(end, box)
        return box

    def _inside(
        self, block: Block, arriving: Sequence[_Source], level: int, training: bool
    ) -> tuple[list[Item], list[_Source]]:
        """What stands in a block, and where each of its results comes from."""
        items: list[Item] = []
        reached: list[Sequence[_Source]] = []

        def at(ref: Ref) -> _Source:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            sources = [at(ref) for ref in child.inputs]
            item, ends = self._node(child, block, sources, level, training or child.training)
            items += item
            reached.append(ends)
        return items, [at(result.ref) for result in block.results]

    def _node(
        self, node: NodeType, block: Block, sources: Sequence[_Source], level: int, training: bool
    ) -> tuple[list[Item], Sequence[_Source]]:
        if _opens(node, self._units) and (self._depth is None or level < self._depth):
            items, ends = self._inside(node, sources, level + 1, training)
            group = Group(
                node.address, _title(node, "\n"), _tooltip(node, node_words(node), None), training, tuple(items)
            )
            return [group] if items else [], ends
        box = _box(node, block, training)
        for source in sources:
            self._arrow(source, box)
        before = {source.shape for source in sources}
        news = [len(before) != 1 or shape not in before for shape in node.shapes]
        return [box], [
            _Source(box.id, number, shape, training, news[number]) for number, shape in enumerate(node.shapes)
        ]

    def _arrow(self, source: _Source, target: Box) -> None:
        value = source.box, source.output
        label = shapes_text((source.shape,)) if source.news and value not in self._written else ""
        self._written.add(value)
        self._arrows.append(Arrow(source.box, target.id, label, source.training or target.training))


def _box(node: NodeType, block: Block, training: bool) -> Box:
    words, tied = node_words(node), tied_address(node, block)
    again = f"\nweights of {tied}" if tied else ""
    tooltip = _tooltip(node, words, tied)
    if isinstance(node, Leaf):
        return Box(node.address, words + again, node.op.kind, tooltip, training, SYMBOLS.get(node.op.name))
    layer = _unit(node)
    inside = "\n" + node_words(layer) if layer else ""
    role: Role = layer.op.kind if layer else "block"
    return Box(node.address, _title(node) + inside + again, role, tooltip, training, closed=True)


def _title(block: Block, between: str = ": ") -> str:
    """A block as a reader calls it: by its own name and its title; a number is no name."""
    name = "" if block.name.isdigit() else block.name
    return between.join(filter(None, [name, block.title])) or "Sequential"


def _tooltip(node: NodeType, words: str, tied: str | None) -> str:
    counts = node.counts
    lines = [node.address, words, shapes_text(node.shapes)]
    lines += [f"{count_text(counts.params)} parameters"] if counts.params else []
    lines += [] if known(counts.macs) and not counts.macs else [f"{rounded_text(counts.macs)} MACs"]
    lines += [f"weights of {tied}"] if tied else []
    return "\n".join(filter(None, [*lines, place_text(node.span)]))


def _lines(graph: Graph) -> Iterator[str]:
    root, counts = graph.root, graph.counts
    named = len(root.input_names) > 1
    shapes = (shapes_text((shape,)) for shape in root.input_shapes)
    inputs = ", ".join(f"{name} {shape}" if named else shape for name, shape in zip(root.input_names, shapes))
    yield from [graph.name] if graph.name not in (graph.document, graph.title.lower()) else []
    yield f"input {inputs} · {rounded_text(counts.params)} parameters · {rounded_text(counts.macs)} MACs"
