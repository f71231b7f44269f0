"""A path → its feature maps: what each step makes of the map before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from archspec.backends.drawing.model import Role
from archspec.backends.volumes.path import Path, Step
from archspec.backends.words import count_text, layer_words, node_words, place_text, rounded_text, shapes_text
from archspec.graph import Graph, Leaf, NodeType
from archspec.shapes import Dim, Shape, form_of, known

STEPPED = frozenset({"recurrent", "linear"})
"""Kinds of ops that take a map of rank 2 as a sequence of vectors."""
SILENT = frozenset({"normalization", "activation", "regularization"})
"""Kinds of ops that belong to the map before them."""


class Map(Struct, frozen=True):
    """One value on the path.

    `address` is the node that makes it, `role` is its kind, `words` say what it does, `kernel` is its window, if it has
    one. `layer` is true where learned weights or a whole block make it, and not a pooling or a join. `skips` are the
    places of earlier maps that are joined in. `steps` is the length of a sequence, of which one step is drawn.
    """

    address: str
    shape: Shape
    role: Role
    sort: str
    words: str
    kernel: tuple[int, ...] | None
    layer: bool
    tooltip: str
    skips: tuple[int, ...] = ()
    steps: Dim | None = None

    @property
    def item(self) -> Shape:
        """The shape of what is drawn: of a sequence one step, with its channels first."""
        return self.shape if self.steps is None else self.shape[1:]

    @property
    def sizes(self) -> Shape:
        """The spatial sizes; none of a vector, which has one value a channel, or of a list of boxes."""
        sizes = self.item[1:]
        boxes = form_of(self.shape) == "list" and len(sizes) < 2
        return () if boxes or all(size == 1 for size in sizes) else sizes


def maps(graph: Graph, path: Path) -> list[Map]:
    """The maps along a path, the network's input first."""
    root = graph.root
    name, shape = root.input_names[path.start], root.input_shapes[path.start]
    found = [Map(f"input-{name}", shape, "input", "input", "", None, True, f"{name}\n{shapes_text((shape,))}")]
    previous = -1 - path.start
    place_of = {previous: 0}
    for number in path.on:
        step = path.steps[number]
        if _makes_map(step.node):
            found.append(_map(step, tuple(_skips(path.steps, step, previous, place_of))))
        place_of[number] = len(found) - 1
        previous = number
    return _in_steps(found)


def _in_steps(found: Sequence[Map]) -> list[Map]:
    """The maps, sequences among them marked: what recurrent and linear layers give and take as rows of vectors.

    A block gives a sequence, where these follow, of what it takes with as many steps.
    """
    marked: list[Map] = []
    for each in reversed(found):
        after = marked[-1] if marked else None
        vectors = len(each.shape) == 2 and form_of(each.shape) == "tensor"
        made = each.role in STEPPED
        taken = after is not None and each.role != "convolution" and (after.role in STEPPED or after.steps is not None)
        through = after is not None and after.role == "block" and after.steps == each.shape[:1][0]
        if (vectors and (made or taken)) or (len(each.shape) > 2 and through):
            each = replace(each, steps=each.shape[0])
        marked.append(each)
    return marked[::-1]


def _makes_map(node: NodeType) -> bool:
    if not isinstance(node, Leaf) or node.op.weighted:
        return True
    if node.op.kind in SILENT or node.op.name == "flatten":
        return False
    return node.shapes != node.input_shapes


def _map(step: Step, skips: tuple[int, ...]) -> Map:
    node = step.node
    if not isinstance(node, Leaf):
        words = node.title or node.name
        return Map(node.address, node.shapes[0], "block", node.kind or words, words, None, True, _tooltip(node), skips)
    words = layer_words(node.op, *node.input_shapes)
    sort, kernel = node.op.name, _kernel(node)
    layer = node.op.weighted or node.op.kind == "other"
    return Map(node.address, node.shapes[0], node.op.kind, sort, words, kernel, layer, _tooltip(node), skips)


def _kernel(leaf: Leaf) -> tuple[int, ...] | None:
    size = getattr(leaf.op, "kernel_size", None)
    if size is None or leaf.op.name == "conv_transpose":
        return None
    rank = len(leaf.input_shapes[0]) - 1
    return (size,) * rank if isinstance(size, int) else tuple(size)


def _skips(steps: Sequence[Step], step: Step, previous: int, place_of: Mapping[int, int]) -> Iterator[int]:
    """The maps that come to a step beside the one before it, traced back to where they leave the path."""
    for source in step.sources:
        if source == previous:
            continue
        while source not in place_of and source >= 0 and steps[source].sources:
            source = steps[source].sources[0]
        if source in place_of and place_of[source] != place_of[previous]:
            yield place_of[source]


def _tooltip(node: NodeType) -> str:
    counts = node.counts
    lines = [node.address, node_words(node), shapes_text(node.shapes)]
    lines += [f"{count_text(counts.params)} parameters"] if counts.params else []
    lines += [] if known(counts.macs) and not counts.macs else [f"{rounded_text(counts.macs)} MACs"]
    return "\n".join(filter(None, [*lines, place_text(node.span)]))
