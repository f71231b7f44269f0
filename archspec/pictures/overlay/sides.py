"""The two sides of a pair, and how it is seen: what became of it, and whether its inside is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from archspec.analysis.comparison import Pair, Status
from archspec.graph.model import Block, NodeType
from archspec.pictures.drawing.expansion import is_stage, is_unit

Side = Literal["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")


def nodes(pair: Pair) -> list[NodeType]:
    """The old and the new node, as far as there are both."""
    return [node for node in (pair.old, pair.new) if node is not None]


def node_of(pair: Pair, side: Side) -> NodeType | None:
    """The node of a side."""
    return pair.old if side == "old" else pair.new


def block_of(pair: Pair, side: Side) -> Block:
    """The block of a side, of a pair that has a sheet: both networks have those."""
    block = node_of(pair, side)
    assert isinstance(block, Block)
    return block


def seen(pair: Pair) -> Status:
    """A node's status as it is drawn: what stands elsewhere, or is only given other shapes, is unchanged."""
    if pair.old is None or pair.new is None:
        return pair.status
    return "changed" if pair.remade else "unchanged"


def fared(pairs: Iterable[Pair]) -> Status:
    """The status of several pairs that are drawn as one."""
    found = {seen(pair) for pair in pairs}
    return found.pop() if len(found) == 1 else "changed"


def dissolved(pair: Pair) -> bool:
    """Whether only what it holds is drawn: a block without a name, a row of blocks, a layer with what goes along."""
    return all(
        isinstance(node, Block) and (node.kind is None or is_unit(node) or _is_row(node)) for node in nodes(pair)
    )


def _is_row(block: Block) -> bool:
    """Whether a block is but a row of blocks of one kind."""
    kinds = {child.kind if isinstance(child, Block) else None for child in block.children}
    return len(kinds) == 1 and None not in kinds and is_stage(block)


def opened(pair: Pair) -> bool:
    """Whether it is a box here and has a sheet of its own."""
    both = isinstance(pair.old, Block) and isinstance(pair.new, Block)
    return both and seen(pair) == "changed" and not dissolved(pair)
