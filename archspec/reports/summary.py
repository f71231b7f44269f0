"""A graph → the rows of its summary, folded below a depth; plain data for the renderers in `table`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from archspec.analysis.verdicts import Verdict
from archspec.graph.labels import node_words, tied_address
from archspec.graph.model import Block, Counts, Graph, NodeType
from archspec.graph.roundings import Stage, stages
from archspec.graph.size_rules import Rule, size_rules
from archspec.language.visible_text import visible
from archspec.ops.shapes import Count, Shape, known


class SummaryRow(Struct, frozen=True):
    """One node, or `times` equal neighbours of which `last` is the last.

    `counts` are those of all of them together, with their shares of the whole in `params_share` and `macs_share`
    (`None` where a symbolic size or an empty whole allows none). `tied` is the address of the node whose weights are
    used again.
    """

    address: str
    last: str
    name: str
    times: int
    indent: int
    what: str
    shapes: tuple[Shape, ...]
    counts: Counts
    params_share: float | None
    macs_share: float | None
    training: bool
    frozen: bool
    tied: str | None


class Port(Struct, frozen=True):
    """An input or output of the network."""

    name: str | None
    shape: Shape


class Audited(Struct, frozen=True):
    """One stage of a scaled network: what was rounded, and its parameters where the stage is one node."""

    stage: Stage
    params: int | None


class Summary(Struct, frozen=True):
    """What a graph comes to, row by row and in all; its `str` is the table as plain text."""

    name: str
    title: str
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    rows: tuple[SummaryRow, ...]
    counts: Counts
    depth: int
    verdicts: tuple[Verdict, ...]
    rules: tuple[Rule, ...] = ()
    """What the symbolic sizes of the inputs must be."""
    audit: tuple[Audited, ...] = ()
    """By stage what the spec rounded, where it was asked for."""

    def __str__(self) -> str:
        from archspec.reports.summary_table import text

        return visible(text(self), lines=True)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        from archspec.reports.summary_table import html

        return html(self)


def summarise(graph: Graph, depth: int | None = 1, verdicts: Iterable[Verdict] = (), *, audit: bool = False) -> Summary:
    """The rows of all nodes down to `depth` (1: the root's children; `None`: every node), with what they come to.

    `audit` adds by stage the raw and the rounded widths and depths of a scaled network.

    >>> import archspec
    >>> [row.name for row in summarise(archspec.read("resnet50").graph).rows][4:8]
    ['layer1', 'layer2', 'layer3', 'layer4']
    """
    root = graph.root
    return Summary(
        name=graph.name,
        title=graph.title,
        inputs=tuple(map(Port, root.input_names, root.input_shapes)),
        outputs=tuple(Port(result.name, shape) for result, shape in zip(root.results, root.shapes)),
        rows=tuple(_rows(root, graph.counts, depth, 0)),
        counts=graph.counts,
        depth=graph.depth,
        verdicts=tuple(verdicts),
        rules=tuple(size_rules(graph).rules),
        audit=tuple(_audited(graph)) if audit else (),
    )


def _audited(graph: Graph) -> Iterator[Audited]:
    found = stages(graph.roundings)
    times = Counter(stage.address for stage in found)
    for stage in found:
        node = graph.nodes.get(stage.address)
        yield Audited(stage, node.counts.params if node and times[stage.address] == 1 else None)


def _rows(block: Block, whole: Counts, depth: int | None, indent: int, training: bool = False) -> Iterator[SummaryRow]:
    for group in _alike(block):
        node = group[0]
        row = _row(group, block, whole, indent, training)
        yield row
        if isinstance(node, Block) and node.tied is None and (depth is None or indent + 1 < depth):
            yield from _rows(node, whole, depth, indent + 1, row.training)


def _row(group: Sequence[NodeType], block: Block, whole: Counts, indent: int, training: bool) -> SummaryRow:
    node = group[0]
    counts = Counts.of(group)
    return SummaryRow(
        address=node.address,
        last=group[-1].address,
        name=node.name,
        times=len(group),
        indent=indent,
        what=node_words(node),
        shapes=node.shapes,
        counts=counts,
        params_share=_share(counts.params, whole.params),
        macs_share=_share(counts.macs, whole.macs),
        training=training or node.training,
        frozen=counts.params > 0 and counts.frozen == counts.params,
        tied=tied_address(node, block),
    )


def _share(part: Count, whole: Count) -> float | None:
    return part / whole if known(part, whole) and whole else None


def _alike(block: Block) -> Iterator[list[NodeType]]:
    """The children, equal neighbours together."""
    group: list[NodeType] = []
    for child in block.children:
        if group and not _equal(group[0], child):
            yield group
            group = []
        group.append(child)
    if group:
        yield group


def _equal(one: NodeType, other: NodeType) -> bool:
    """Whether two nodes differ in nothing but their place and their weights' values."""
    if one.input_shapes != other.input_shapes or one.shapes != other.shapes or one.counts != other.counts:
        return False
    if (one.training, one.frozen, one.tied) != (other.training, other.frozen, other.tied):
        return False
    if not isinstance(one, Block) or not isinstance(other, Block):
        return not isinstance(one, Block) and not isinstance(other, Block) and one.op == other.op
    if one.kind != other.kind or one.results != other.results or len(one.children) != len(other.children):
        return False
    return all(
        mine.name == theirs.name and mine.inputs == theirs.inputs and _equal(mine, theirs)
        for mine, theirs in zip(one.children, other.children)
    )
