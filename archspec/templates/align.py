"""Alignment: the children of several blocks of one definition, side by side by their place in it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct

from archspec.graph.model import ENCLOSING, Block, Leaf, NodeType, Ref, Result
from archspec.templates.module_calls import ModuleOf
from archspec.templates.plain_chains import is_chain

Slot = tuple[Any, ...]


class Alignment(Struct, frozen=True):
    """The union of several blocks' children.

    `columns` holds for each child of the union its node in every block, `None` where a block lacks it. `inputs` and
    `results` refer to children of the union.
    """

    columns: tuple[tuple[NodeType | None, ...], ...]
    inputs: tuple[tuple[Ref, ...], ...]
    results: tuple[Result, ...]


def structure(block: Block, module_of: ModuleOf) -> Hashable:
    """What two blocks must share to be aligned with no child missing; equal structures always align."""
    children = tuple(
        (child.slot, _nature(child, module_of), child.name, child.inputs, child.tied) for child in block.children
    )
    return block.numbered, block.input_names, block.results, is_chain(block, module_of), children


def align(blocks: Sequence[Block], module_of: ModuleOf) -> Alignment | None:
    """The union of blocks' children, or `None` where they differ in more than children switched off.

    A child may be missing from some blocks if they are wired as if it stood there for its own first input.
    """
    if len({(block.numbered, block.input_names, _result_names(block)) for block in blocks}) > 1:
        return None
    slots = merged([[child.slot for child in block.children] for block in blocks])
    if slots is None:
        return None
    rows = [{child.slot: child for child in block.children} for block in blocks]
    columns = tuple(tuple(row.get(slot) for row in rows) for slot in slots)
    by_order = all(is_chain(block, module_of) for block in blocks)
    if not all(_alike(column, module_of, by_order and blocks[0].numbered) for column in columns):
        return None
    if not all(map(may_miss(slots), (slot for slot, column in zip(slots, columns) if None in column))):
        return None
    return _wired(blocks, slots, columns)


def merged(sequences: Sequence[Sequence[Slot]]) -> list[Slot] | None:
    """One order that holds all of several orders, or `None` where they contradict each other.

    >>> merged([[(0,), (2,)], [(0,), (1,), (2,)]])
    [(0,), (1,), (2,)]
    >>> merged([[(0,), (1,)], [(1,), (0,)]]) is None
    True
    """
    union: list[Slot] = []
    sequences = list(dict.fromkeys(map(tuple, sequences)))
    if len(sequences) == 1:
        return list(sequences[0])
    places: dict[Slot, int] = {}
    for sequence in sequences:
        at = 0
        for slot in sequence:
            if slot not in places:
                union.insert(at, slot)
                moved = union[at:] if at < len(union) - 1 else [slot]
                places.update(zip(moved, range(at, len(union))))
            at = places[slot] + 1
    for sequence in sequences:
        order = [places[slot] for slot in sequence]
        if any(after <= before for before, after in pairwise(order)):
            return None
    return union


def _result_names(block: Block) -> tuple[str | None, ...]:
    return tuple(result.name for result in block.results)


def _nature(child: NodeType, module_of: ModuleOf) -> Hashable:
    """What a child must be in every block: a module, or one and the same expression."""
    module = isinstance(child, Block) or module_of(child) is not None
    shared = (module, len(child.inputs), len(child.shapes), child.training, child.frozen)
    if module:
        return shared
    assert isinstance(child, Leaf)
    return *shared, child.op.call([f"<{index}>" for index in range(len(child.inputs))], child.input_shapes)


def _alike(column: tuple[NodeType | None, ...], module_of: ModuleOf, renumbered: bool) -> bool:
    """Whether the nodes of a column can be one child; in a list only the order must agree, not the number."""
    nodes = [node for node in column if node is not None]
    if len({_nature(node, module_of) for node in nodes}) > 1:
        return False
    if len({node.name for node in nodes}) > 1 and not renumbered:
        return False
    missing = len(nodes) < len(column)
    return not missing or (len(nodes[0].shapes) == 1 and len(nodes[0].inputs) >= 1 and nodes[0].tied is None)


def may_miss(slots: Sequence[Slot]) -> Callable[[Slot], bool]:
    """Says of each slot whether its child may be optional: a copy of a repeated one may not.

    A number of copies is no switch. A slot alternates between places and numbers of copies.
    """
    repeated = {slot[:at] for slot in slots for at in range(1, len(slot), 2) if slot[at] != 0}
    return lambda slot: not any(slot[:at] in repeated for at in range(1, len(slot), 2))


def _wired(
    blocks: Sequence[Block], slots: Sequence[Slot], columns: tuple[tuple[NodeType | None, ...], ...]
) -> Alignment | None:
    """The wiring of the union, if every block is it with the children it lacks stood in for by their inputs."""
    places = {slot: place for place, slot in enumerate(slots)}
    views = [_View([places[child.slot] for child in block.children]) for block in blocks]
    inputs = []
    for column in columns:
        wirings = [tuple(map(view.union, node.inputs)) for node, view in zip(column, views) if node is not None]
        inputs.append(tuple(map(max, zip(*wirings))))
    names = _result_names(blocks[0])
    results = [
        max(view.union(block.results[number].ref) for block, view in zip(blocks, views)) for number in range(len(names))
    ]
    for number, (block, view) in enumerate(zip(blocks, views)):
        present = set(view.places)

        def bypassed(ref: Ref, present: set[int] = present) -> Ref:
            while ref.child != ENCLOSING and ref.child not in present:
                ref = inputs[ref.child][0]
            return ref

        for column, wanted in zip(columns, inputs):
            node = column[number]
            if node is not None and tuple(map(view.union, node.inputs)) != tuple(map(bypassed, wanted)):
                return None
        if [view.union(result.ref) for result in block.results] != [bypassed(ref) for ref in results]:
            return None
    if not all(_same_tie(column, views) for column in columns):
        return None
    return Alignment(columns, tuple(inputs), tuple(Result(name, ref) for name, ref in zip(names, results)))


def _same_tie(column: tuple[NodeType | None, ...], views: Sequence[_View]) -> bool:
    """Whether all nodes of a column use the same child's module again, or none does."""
    ties = [
        None if node.tied is None else view.places[node.tied] for node, view in zip(column, views) if node is not None
    ]
    return len(set(ties)) <= 1


class _View(Struct, frozen=True):
    """Where one block's children stand in the union."""

    places: list[int]

    def union(self, ref: Ref) -> Ref:
        return ref if ref.child == ENCLOSING else Ref(self.places[ref.child], ref.output)
