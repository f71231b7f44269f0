"""A sheet's blocks → atoms: ops and closed blocks with their wires, once the walls of what stands open are gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from msgspec import Struct, field

from archspec.graph.model import ENCLOSING, Block, NodeType, Ref
from archspec.pictures.drawing.aligned_children import Inside, Part, Parts

Opening: TypeAlias = Literal["closed", "dissolved", "framed"]
"""How a block is drawn: as a box, as what it holds, or as what it holds within a frame."""

Slot: TypeAlias = tuple[Any, ...]

SHEET = -1
"""The `atom` of a value that the sheet itself is given."""


class Value(NamedTuple):
    """An output of an atom, or where `atom` is `SHEET`, an input of the sheet."""

    atom: int
    output: int = 0


class Atom(Struct, frozen=True, eq=False):
    """An op or a closed block.

    `frames` are the framed blocks around it, and `within` the addresses of all open ones in the first block that has
    it, outer ones first. `slots` are their places in the definitions around them, and at last its own. `again` is the
    further call of a module that it is inside of, if it is.
    """

    part: Part
    node: NodeType
    inputs: tuple[Value, ...]
    frames: tuple[Part, ...]
    within: tuple[str, ...]
    slots: tuple[Slot, ...]
    training: bool
    again: NodeType | None = None


class Atoms(Struct, frozen=True):
    """What a sheet shows before ops are drawn together: atoms in order, and the values that the sheet gives.

    `sizes` counts the atoms within each open block, `users` how often each value is taken.
    """

    atoms: list[Atom]
    results: list[Value]
    sizes: Counter[str]
    users: Counter[Value]


class Around(Struct, frozen=True):
    """What stands open around a part: frames, addresses and places in the definitions, outer ones first."""

    frames: tuple[Part, ...] = ()
    within: tuple[str, ...] = ()
    slots: tuple[Slot, ...] = ()
    training: bool = False
    again: NodeType | None = None
    """The further call of a module that all this is inside of, of which the nodes know nothing."""

    def holding(self, part: Part, node: NodeType, frame: Part | None, training: bool) -> Around:
        """What stands around the parts inside a part."""
        frames = self.frames if frame is None else (*self.frames, frame)
        call = "" if self.again is None else f"{self.again.address}/"
        within, slots = (*self.within, f"{call}{node.address}"), (*self.slots, node.slot)
        return Around(frames, within, slots, training, self.again if node.tied is None else node)


class Flattening(Struct):
    """Opens blocks as `opening` says of each part and the number of frames around it.

    `called` says it of blocks that are called again, by `id`: their other calls are drawn as the first. Where it says
    nothing of a block, its other calls are closed.
    """

    parts: Parts
    opening: Callable[[Part, int], Opening]
    called: Mapping[int, Opening] = field(default_factory=dict)
    atoms: list[Atom] = field(default_factory=list)

    def sheet(self, inside: Inside, inputs: int) -> Atoms:
        """The atoms of a sheet that is given so many values."""
        results = self._open(inside, [Value(SHEET, number) for number in range(inputs)], Around())
        users = Counter(value for atom in self.atoms for value in atom.inputs)
        users.update(results)
        return Atoms(self.atoms, results, Counter(address for atom in self.atoms for address in atom.within), users)

    def _open(self, inside: Inside, arriving: Sequence[Value], around: Around) -> list[Value]:
        reached: list[Sequence[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for part in inside.parts:
            reached.append(self._part(part, [at(ref) for ref in part.inputs], around, inside))
        return [at(ref) for ref in inside.results]

    def _part(self, part: Part, inputs: list[Value], around: Around, beside: Inside) -> Sequence[Value]:
        node = part.node
        if node is None:
            return inputs[:1]
        training = around.training or node.training
        owner = self.parts.calls.owner(node)
        first = part if owner is None else next(each for each in beside.parts if id(owner) in map(id, each.nodes))
        opening, inner = self._opening(part, first, len(around.frames))
        if inner is not None:
            one = first if id(first.node) in self.called else part
            frame = one if opening == "framed" else None
            return self._open(inner, inputs, around.holding(part, node, frame, training))
        slots = (*around.slots, node.slot)
        again = around.again
        self.atoms.append(Atom(part, node, tuple(inputs), around.frames, around.within, slots, training, again))
        number = len(self.atoms) - 1
        return [Value(number, output) for output in range(len(node.shapes))]

    def _opening(self, part: Part, first: Part, frames: int) -> tuple[Opening, Inside | None]:
        """How a part is drawn, and what it holds; `first` is that of which it is another call, or itself."""
        opening: Opening = "closed"
        if isinstance(part.node, Block) and id(first.node) in self.called:
            opening = self.called[id(first.node)]
        elif isinstance(part.node, Block):
            opening = self.opening(part, frames)
        return opening, self.parts.inside(part, first.maker) if opening != "closed" else None
