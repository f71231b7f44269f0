"""Pairs of blocks → what a sheet shows of them, with the wires of both networks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal

from msgspec import Struct, field

from archspec.backends.drawing.atoms import SHEET, Value
from archspec.backends.drawing.opening import is_stage, is_unit
from archspec.comparison import Pair, Status
from archspec.graph import ENCLOSING, Block, NodeType, Ref

Side = Literal["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")


class Merged(Struct, frozen=True, dict=True):
    """What several pairs of one form hold, side by side: `atoms[n]` are the pairs at place `n`, one of each."""

    atoms: tuple[tuple[Pair, ...], ...]
    inputs: dict[Side, dict[int, tuple[Value, ...]]]
    """By the number of each atom that a side has."""
    results: dict[Side, tuple[Value, ...]]

    @cached_property
    def users(self) -> dict[Side, Counter[Value]]:
        """How often each value is taken."""
        taken = {side: (*self.inputs[side].values(), self.results[side]) for side in SIDES}
        return {side: Counter(value for values in taken[side] for value in values) for side in SIDES}


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
    """A node's status as it is drawn: what merely stands elsewhere is unchanged."""
    return "unchanged" if pair.status == "moved" else pair.status


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
    return both and pair.status == "changed" and not dissolved(pair)


def merged(pairs: Sequence[Pair]) -> Merged:
    """What the blocks of pairs of one form hold."""
    columns = tuple(zip(*(_flat(pair) for pair in pairs)))
    numbers = {
        (side, node.address): number
        for number, column in enumerate(columns)
        for side in SIDES
        if (node := node_of(column[0], side)) is not None
    }
    inputs: dict[Side, dict[int, tuple[Value, ...]]] = {}
    results: dict[Side, tuple[Value, ...]] = {}
    for side in SIDES:
        block, wiring = block_of(pairs[0], side), _Wiring(side, numbers)
        results[side] = tuple(wiring.through(block, [Value(SHEET, at) for at in range(len(block.input_names))]))
        inputs[side] = wiring.inputs
    return Merged(columns, inputs, results)


def _flat(pair: Pair) -> list[Pair]:
    found: list[Pair] = []
    for child in pair.children:
        if dissolved(child):
            found += _flat(child)
        else:
            found.append(child)
    return found


class _Wiring(Struct):
    """Follows the values of one network through the blocks that are dissolved."""

    side: Side
    numbers: dict[tuple[Side, str], int]
    inputs: dict[int, tuple[Value, ...]] = field(default_factory=dict)

    def through(self, block: Block, arriving: Sequence[Value]) -> list[Value]:
        """The values that a block gives of those that arrive."""
        reached: list[list[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            taken = [at(ref) for ref in child.inputs]
            number = self.numbers.get((self.side, child.address))
            if number is None:
                assert isinstance(child, Block), "only blocks are dissolved"
                reached.append(self.through(child, taken))
            else:
                self.inputs[number] = tuple(taken)
                reached.append([Value(number, output) for output in range(len(child.shapes))])
        return [at(result.ref) for result in block.results]
