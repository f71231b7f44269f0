"""Fields that can be filled when all else of a block is worked out: many blocks differ in nothing more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from archspec.elaborate.memo.free_names import reads
from archspec.graph.model import Block
from archspec.language.block_definition import BlockDef
from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar
from archspec.ops import Op, builtin_ops

Path: TypeAlias = tuple[int, ...]
"""The numbers of the children that lead to a node inside a block."""


class Late(NamedTuple):
    """A field of an op that neither shapes nor counts depend on, and the block's param that fills it."""

    call: Span
    """Where the op is called in the block's definition."""
    field: str
    param: str


def late_fields(block: BlockDef, graph: GraphDef) -> tuple[Late, ...]:
    """The fields that can be filled late: those of the params that a block reads for nothing else."""
    nodes = list(_nodes(graph))
    if any(node.share or "replace" in node.modifiers for node in nodes):
        return ()
    read = reads(block, graph)
    fields = [late for node in nodes for late in _of_call(node)]
    alone = Counter(late.param for late in fields)
    return tuple(late for late in fields if late.param in block.params and alone[late.param] == read[late.param])


def places(block: Block, late: tuple[Late, ...]) -> Iterator[tuple[Path, Op, Late]]:
    """Where in an elaborated block each of the fields is, and the op that has it."""
    for number, child in enumerate(block.children):
        if isinstance(child, Block) and child.kind is not None:
            continue  # another block's definition has fields of its own
        if isinstance(child, Block):
            for path, op, each in places(child, late):
                yield (number, *path), op, each
        else:
            for each in late:
                if child.span is each.call:
                    yield (number,), child.op, each


def _of_call(node: NodeDef) -> Iterator[Late]:
    """The uncounted fields of an op's call that a bare word fills."""
    op = builtin_ops().get(str(node.callee.value)) if node.callee is not None else None
    for name in op.uncounted if op else ():
        given = node.fields.get(name)
        if node.callee and given and isinstance(given.value, Scalar) and isinstance(given.value.value, str):
            yield Late(node.callee.span, name, given.value.value)


def _nodes(graph: GraphDef) -> Iterator[NodeDef]:
    for entry in graph.entries:
        yield entry.node
        for inner in entry.node.graphs:
            yield from _nodes(inner)
