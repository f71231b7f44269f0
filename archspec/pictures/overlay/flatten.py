"""What a pair of blocks holds once the walls of what is dissolved are gone: its atoms, and the wires of both sides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from msgspec import Struct, field

from archspec.analysis.comparison import Pair
from archspec.graph.model import ENCLOSING, Block, Ref
from archspec.pictures.drawing.flatten import SHEET, Value
from archspec.pictures.overlay.sides import SIDES, Side, block_of, dissolved, node_of

Path: TypeAlias = tuple[Any, ...]
"""Places in the definitions of a block and of those dissolved in it, outer ones first, in one row."""

Wires: TypeAlias = dict[int, tuple[Value, ...]]
"""What each atom takes, by its number."""


class Atom(NamedTuple):
    """A pair that is drawn, its path on each side that has it, and the dissolved pairs around it, outer ones first."""

    pair: Pair
    paths: dict[Side, Path]
    around: tuple[Pair, ...]


class Flat(Struct, frozen=True):
    """The atoms of a pair of blocks in order, with the wires and results of each side."""

    pair: Pair
    atoms: tuple[Atom, ...]
    inputs: dict[Side, Wires]
    results: dict[Side, tuple[Value, ...]]


def flat(pair: Pair) -> Flat:
    """What a pair of blocks holds."""
    atoms = tuple(_atoms(pair, {"old": (), "new": ()}, ()))
    inputs: dict[Side, Wires] = {}
    results: dict[Side, tuple[Value, ...]] = {}
    for side in SIDES:
        there = ((number, node_of(atom.pair, side)) for number, atom in enumerate(atoms))
        wiring = _Wiring({node.address: number for number, node in there if node is not None})
        block = block_of(pair, side)
        results[side] = tuple(wiring.through(block, [Value(SHEET, at) for at in range(len(block.input_names))]))
        inputs[side] = wiring.inputs
    return Flat(pair, atoms, inputs, results)


def _atoms(pair: Pair, outer: dict[Side, Path], around: tuple[Pair, ...]) -> Iterator[Atom]:
    for child in pair.children:
        there = ((side, node_of(child, side)) for side in SIDES)
        paths: dict[Side, Path] = {side: (*outer[side], *node.slot) for side, node in there if node is not None}
        if dissolved(child):
            yield from _atoms(child, paths, (*around, child))
        else:
            yield Atom(child, paths, around)


class _Wiring(Struct):
    """Follows the values of one network through the blocks that are dissolved; `numbers` are those of the atoms."""

    numbers: dict[str, int]
    inputs: Wires = field(default_factory=dict)

    def through(self, block: Block, arriving: Sequence[Value]) -> list[Value]:
        """The values that a block gives of those that arrive."""
        reached: list[list[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            taken = [at(ref) for ref in child.inputs]
            number = self.numbers.get(child.address)
            if number is None:
                assert isinstance(child, Block), "only blocks are dissolved"
                reached.append(self.through(child, taken))
            else:
                self.inputs[number] = tuple(taken)
                reached.append([Value(number, output) for output in range(len(child.shapes))])
        return [at(result.ref) for result in block.results]
