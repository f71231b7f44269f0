"""Plain groups opened: a layer in a group on one side alone can be that of the other side which stands in none.

`{features: [conv, pool], fc: …}` beside `[conv, pool, fc]` becomes `{features.0: conv, features.1: pool, fc: …}`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from msgspec.structs import replace

from archspec.graph.model import ENCLOSING, Block, Leaf, NodeType, Ref, Result


def openable(block: Block, unpaired: Collection[int], others: Sequence[NodeType]) -> list[int]:
    """The numbers of the children that are plain groups to open.

    Those without a counterpart, with a layer that has weights right in it, where the other block has such a layer
    without a counterpart among its `others`.
    """
    if not any(map(_has_weights, others)):
        return []
    shared = {child.tied for child in block.children}
    return [
        number
        for number in unpaired
        if number not in shared
        and _is_plain(child := block.children[number])
        and any(map(_has_weights, _inside(child)))
    ]


def _is_plain(node: NodeType) -> bool:
    return isinstance(node, Block) and node.kind is None and node.tied is None and not node.training


def _inside(node: NodeType) -> tuple[NodeType, ...]:
    return node.children if isinstance(node, Block) else ()


def _has_weights(node: NodeType) -> bool:
    return isinstance(node, Leaf) and bool(node.parameters)


def without_group(block: Block, number: int) -> Block:
    """The block with what a group in it holds in the group's place, under names of several words."""
    group = block.children[number]
    assert isinstance(group, Block)
    grown = len(group.children) - 1

    def moved(ref: Ref) -> Ref:
        """A value of the block."""
        if ref.child == number:
            return inner(group.results[ref.output].ref)
        return Ref(ref.child + grown, ref.output) if ref.child > number else ref

    def inner(ref: Ref) -> Ref:
        """A value of the group."""
        return moved(group.inputs[ref.output]) if ref.child == ENCLOSING else Ref(ref.child + number, ref.output)

    def shifted(tied: int | None) -> int | None:
        return tied if tied is None or tied < number else tied + grown

    own = [replace(child, inputs=tuple(map(moved, child.inputs)), tied=shifted(child.tied)) for child in block.children]
    opened = [
        replace(
            child,
            name=f"{group.name}.{child.name}",
            slot=(*group.slot, *child.slot),
            inputs=tuple(map(inner, child.inputs)),
            tied=None if child.tied is None else child.tied + number,
        )
        for child in group.children
    ]
    results = tuple(Result(each.name, moved(each.ref)) for each in block.results)
    return replace(block, children=(*own[:number], *opened, *own[number + 1 :]), results=results)
