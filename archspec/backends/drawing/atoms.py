"""A sheet's blocks → atoms: ops and closed blocks with their wires, once the walls of what stands open are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from archspec.backends.drawing.parts import Inside, Part, Parts
from archspec.graph import ENCLOSING, Block, NodeType, Ref

Opening: TypeAlias = Literal["closed", "dissolved", "framed"]
"""How a block is drawn: as a box, as what it holds, or as what it holds within a frame."""

SHEET = -1
"""The `atom` of a value that the sheet itself is given."""


class Value(NamedTuple):
    """An output of an atom, or where `atom` is `SHEET`, an input of the sheet."""

    atom: int
    output: int = 0


@dataclass(frozen=True, eq=False)
class Atom:
    """An op or a closed block.

    `frames` are the framed blocks around it, and `within` the addresses of all open ones in the first block that has
    it, outer ones first.
    """

    part: Part
    node: NodeType
    inputs: tuple[Value, ...]
    frames: tuple[Part, ...]
    within: tuple[str, ...]
    training: bool


@dataclass(frozen=True)
class Atoms:
    """What a sheet shows before ops are drawn together: atoms in order, and the values that the sheet gives.

    `sizes` counts the atoms within each open block, `users` how often each value is taken.
    """

    atoms: list[Atom]
    results: list[Value]
    sizes: Counter[str]
    users: Counter[Value]


@dataclass
class Flattening:
    """Opens blocks as `opening` says of each part and the number of frames around it."""

    parts: Parts
    opening: Callable[[Part, int], Opening]
    atoms: list[Atom] = field(default_factory=list)

    def sheet(self, inside: Inside, inputs: int) -> Atoms:
        """The atoms of a sheet that is given so many values."""
        results = self._open(inside, [Value(SHEET, number) for number in range(inputs)], (), (), False)
        users = Counter(value for atom in self.atoms for value in atom.inputs)
        users.update(results)
        return Atoms(self.atoms, results, Counter(address for atom in self.atoms for address in atom.within), users)

    def _open(
        self,
        inside: Inside,
        arriving: Sequence[Value],
        frames: tuple[Part, ...],
        within: tuple[str, ...],
        training: bool,
    ) -> list[Value]:
        reached: list[Sequence[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for part in inside.parts:
            reached.append(self._part(part, [at(ref) for ref in part.inputs], frames, within, training))
        return [at(ref) for ref in inside.results]

    def _part(
        self, part: Part, inputs: list[Value], frames: tuple[Part, ...], within: tuple[str, ...], training: bool
    ) -> Sequence[Value]:
        node = part.node
        if node is None:
            return inputs[:1]
        training = training or node.training
        opening = self.opening(part, len(frames)) if isinstance(node, Block) and node.tied is None else "closed"
        inner = self.parts.inside(part) if opening != "closed" else None
        if inner is not None:
            framed = (*frames, part) if opening == "framed" else frames
            return self._open(inner, inputs, framed, (*within, node.address), training)
        self.atoms.append(Atom(part, node, tuple(inputs), frames, within, training))
        number = len(self.atoms) - 1
        return [Value(number, output) for output in range(len(node.shapes))]
