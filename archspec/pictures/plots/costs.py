"""A graph → what its stages cost: a partition of its nodes, so that the rows add up to the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from archspec.analysis.memory import activation_memory
from archspec.analysis.stages import Stages
from archspec.graph.labels import node_words
from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.ops.kinds import KINDS
from archspec.ops.shapes import Count, known

ENOUGH = 5
"""Fewer rows than these are opened, where there is something to open."""
MOST = 40
"""More rows than these are not."""


class Cost(Struct, frozen=True):
    """A stage: its first node's address, what it is, and its parameters, MACs and bytes of activations.

    Norms, activations, poolings and the like are counted with the layer or block before them.
    """

    address: str
    what: str
    params: Count
    macs: Count
    memory: Count
    training: bool


def costs(graph: Graph) -> list[Cost]:
    """What each stage of a network costs, in order; the sums are those of the network.

    >>> import archspec
    >>> [cost.address for cost in costs(archspec.read("resnet50").graph)]
    ['conv1', 'layer1', 'layer2', 'layer3', 'layer4', 'fc']
    """
    stages, memory = Stages(graph), activation_memory(graph)
    nodes: Sequence[NodeType] = graph.root.children
    while len(_grouped(nodes)) < ENOUGH:
        opened = list(_opened(nodes, stages))
        if len(opened) == len(nodes) or len(_grouped(opened)) > MOST:
            break
        nodes = opened
    return [_cost(group, memory) for group in _grouped(nodes)]


def _opened(nodes: Sequence[NodeType], stages: Stages) -> Iterator[NodeType]:
    for node in nodes:
        if isinstance(node, Block) and stages.opens(node) and not node.training:
            yield from node.children
        else:
            yield node


def _grouped(nodes: Sequence[NodeType]) -> list[list[NodeType]]:
    """Each layer or block with the minor ops after it; what comes before the first goes with it."""
    groups: list[list[NodeType]] = []
    for node in nodes:
        if groups and (_is_minor(node) or all(map(_is_minor, groups[-1]))):
            groups[-1].append(node)
        else:
            groups.append([node])
    return groups


def _is_minor(node: NodeType) -> bool:
    return isinstance(node, Leaf) and KINDS[node.op.kind].minor


def _cost(group: Sequence[NodeType], memory: Mapping[str, Count]) -> Cost:
    main = next((node for node in group if not _is_minor(node)), group[0])
    return Cost(
        address=main.address,
        what=node_words(main),
        params=sum(node.counts.params for node in group),
        macs=sum(node.counts.macs for node in group),
        memory=sum(memory[node.address] for node in group),
        training=main.training,
    )


def for_one(found: Sequence[Cost]) -> tuple[list[Cost], list[str]] | None:
    """The costs for one of each symbolic size, one frame or one target, and the names of these sizes.

    `None` where a cost does not grow in proportion to them, as that of an image's height and width does not.
    """
    counts = [count for cost in found for count in (cost.params, cost.macs, cost.memory) if not known(count)]
    if not all(map(_grows_in_proportion, counts)):
        return None
    sizes = sorted({size for count in counts for size in count.names})

    def one(count: Count) -> Count:
        return count if known(count) else int(count.at(dict.fromkeys(sizes, 1)))

    return [
        replace(cost, params=one(cost.params), macs=one(cost.macs), memory=one(cost.memory)) for cost in found
    ], sizes


def _grows_in_proportion(count: Count) -> bool:
    return bool(count.degree == 1 and count.is_polynomial and min(count.terms.values()) > 0)
