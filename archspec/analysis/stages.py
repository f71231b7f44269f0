"""Which blocks are stages, that a reader looks into, and which are what a stage repeats and are seen as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archspec.graph.model import ENCLOSING, Block, Graph, NodeType, Ref

REPEATED = 3
"""From so many calls on, a chain of several layers is seen as one, as a depthwise separable convolution is."""


def layers(node: NodeType) -> int:
    """The weighted ops in a node."""
    return sum(map(layers, node.children)) if isinstance(node, Block) else int(node.op.weighted)


class Stages:
    """Tells the stages of one graph: a bottleneck, an inception module and a dense layer are none.

    >>> import archspec
    >>> graph = archspec.read("resnet50").graph
    >>> stages = Stages(graph)
    >>> stages.opens(graph.nodes["layer1"]), stages.opens(graph.nodes["layer1.0"])
    (True, False)
    """

    def __init__(self, graph: Graph) -> None:
        blocks = list(_blocks(graph.root))
        self._times = Counter(block.kind for block in blocks)
        self._branching = {block.kind for block in blocks if block.kind and not _is_chain(block)}

    def opens(self, node: NodeType) -> bool:
        """Whether a node is a block that stands for a sequence of layers or blocks, and not for one of them.

        A chain is, unless it is a block of a few layers that is called often. What branches is not, unless it holds
        several named blocks of several layers, as a whole U-Net does.
        """
        if not isinstance(node, Block) or node.tied is not None:
            return False
        heavy = [child for child in node.children if isinstance(child, Block) and layers(child) > 1]
        if node.kind in self._branching:
            return False
        if not _is_chain(node):
            return sum(child.kind is not None for child in heavy) >= REPEATED
        return bool(heavy) or node.kind is None or self._times[node.kind] < REPEATED or layers(node) < 2


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
