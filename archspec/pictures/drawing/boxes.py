"""Units of a sheet → its boxes: what each says, what it stands for, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from archspec.graph.model import Block, Counts, Leaf, NodeType
from archspec.language.identifiers import same_name
from archspec.ops.shapes import Count
from archspec.pictures.drawing.aligned_children import Part, Parts
from archspec.pictures.drawing.captions import (
    lanes_text,
    line,
    names_text,
    tooltip,
    unit_lines,
    weights_text,
    worth_telling,
)
from archspec.pictures.drawing.cost_colours import Colour, amount
from archspec.pictures.drawing.flatten import Atom, Atoms
from archspec.pictures.drawing.layer_groups import Unit, is_minor, sign
from archspec.pictures.drawing.model import Box, Line


class Boxes(Struct, frozen=True):
    """Makes the boxes of one sheet.

    `said` are its atoms as boxes say them, `short` the symbols of its parameters, `blocks` are those that it shows,
    `key_of` gives the sheet of a block's inside, and `lanes` are the blocks, by `id`, of which several calls stand side
    by side.
    """

    found: Atoms
    said: Sequence[Atom]
    short: Mapping[str, str]
    blocks: Sequence[Block]
    key_of: Callable[[Part], str | None]
    parts: Parts
    lanes: Mapping[int, int]
    colour: Colour = "kind"

    def box(self, row: Sequence[Unit], again: Sequence[Unit] = ()) -> Box:
        """The box of a unit, or of several side by side; with those that stand in its place `again`, in series."""
        unit = row[0]
        main = self.found.atoms[unit.main]
        stands_for = (*row, *again)
        columns = [self.found.atoms[number].part.nodes for each in stands_for for number in each.atoms]
        shown = next(instance for instance in zip(*columns) if any(instance))
        address = self._address(unit)
        owner = self.parts.calls.owner(main.node)
        counts = Counts.of(node for column in columns for node in column if node is not None)
        told = not any(id(part.node) in self.lanes for part in main.frames)
        inside = self.key_of(main.part) if isinstance(main.node, Block) and owner is None else None
        name = self._name(unit, address, again or self._branches(row))
        return Box(
            id=address,
            role=main.node.op.kind if isinstance(main.node, Leaf) else "block",
            lines=(
                *unit_lines(unit, self.said, self.short, name, inside),
                *self._further(row, told),
            ),
            tooltip=tooltip([node for node in shown if node is not None]),
            members=tuple(tuple([node.address for node in each if node is not None]) for each in zip(*columns)),
            times=unit.times,
            lanes=len(row),
            stacked=unit.times > 1 or (len(row) > 1 and told),
            sign=sign(main.node),
            inside=inside,
            training=main.training,
            frozen=counts.params > 0 and not counts.trainable,
            amount=self._amount(stands_for),
            copies=self._copies(stands_for),
        )

    def _amount(self, units: Sequence[Unit]) -> Count:
        """What units cost, in all blocks that the sheet shows."""
        atoms = (self.found.atoms[number] for unit in units for number in unit.atoms)
        return sum(amount(atom, node, self.colour) for atom in atoms for node in atom.part.nodes if node is not None)

    def _copies(self, units: Sequence[Unit]) -> int:
        """Of how many layers or blocks that is the cost; further calls of a module have no parameters of their own."""
        mains = [(self.found.atoms[unit.main], unit.times) for unit in units]
        own = [each for each in mains if self.colour != "params" or not self._is_again(each[0])]
        return sum(times * sum(atom.part.present) for atom, times in own)

    def _is_again(self, atom: Atom) -> bool:
        return self.parts.calls.owner(atom.again or atom.node) is not None

    def _branches(self, row: Sequence[Unit]) -> Sequence[Unit]:
        """The further branches that a box stands for which differ in numbers: each has a name of its own."""
        main = row[0].main
        return row[1:] if self.said[main] is not self.found.atoms[main] else ()

    def _further(self, row: Sequence[Unit], told: bool) -> Iterator[Line]:
        """How many stand side by side, where no frame tells that, and whose weights it uses."""
        atom = self.found.atoms[row[0].main]
        node, again = atom.node, atom.again or atom.node
        owner = self.parts.calls.owner(again)
        if len(row) > 1 and told:
            text = lanes_text(len(row), node.counts.params > 0 and id(node) in self.parts.calls.heads)
            yield from (line(each, "minor") for each in text.split("\n"))
        elif owner is not None and owner.counts.params and not any(part.node is again for part in atom.frames):
            yield line(weights_text(owner, self.blocks[0]), "minor")
        yield from self._bound(node)

    def _bound(self, node: NodeType) -> Iterator[Line]:
        """Which tensors of a layer are another's, and what computes its weight."""
        for tie in self.parts.calls.ties:
            if tie.address == node.address:
                yield line(f"{tie.tensor} of {tie.owner}", "minor")
        if isinstance(node, Leaf) and node.parametrize is not None:
            yield line(node.parametrize.replace("_", " "), "minor")

    def _address(self, unit: Unit) -> str:
        """The address of the outermost open block that a box shows all of, in no frame; else of what it mainly is."""
        main = self.found.atoms[unit.main]
        framed = {part.node.address for part in main.frames if part.node is not None}
        for address in main.within:
            whole = self.found.sizes[address] == len(unit.atoms) and address not in framed
            if whole and all(address in self.found.atoms[number].within for number in unit.atoms):
                return address
        return main.node.address if main.again is None else f"{main.again.address}/{main.node.address}"

    def _name(self, unit: Unit, address: str, again: Sequence[Unit]) -> str | None:
        """What the spec calls it, where that tells a reader something."""
        main = self.found.atoms[unit.main]
        if isinstance(main.node, Block):
            return self._block_name(unit, address, main.node, again)
        own = address.rpartition(".")[2]
        if self.parts.calls.is_named(address) and not again:
            return own
        stands_alone = not self.blocks[0].address and "." not in address
        told = stands_alone or not all(main.part.present)  # a table says by this name which blocks have it
        if not told or sign(main.node) or is_minor(main.node) or not worth_telling(own, main.node):
            return None
        return names_text([own, *(self.found.atoms[each.main].node.name for each in again)])

    def _block_name(self, unit: Unit, address: str, node: Block, again: Sequence[Unit]) -> str | None:
        whole = [address] if address != node.address else [self.found.atoms[each].node.address for each in unit.atoms]
        whole += [self._address(each) for each in again]
        own = [each.rpartition(".")[2] for each in whole]
        if any(name.isdigit() for name in own):
            return self._numbered(whole)
        text = names_text(own)
        return None if same_name(text, node.title or node.name) else text

    def _numbered(self, addresses: Sequence[str]) -> str | None:
        """Addresses that end in numbers, from the one block that the sheet shows on, where that has a name."""
        around, _, name = self.blocks[0].address.rpartition(".")
        if len(self.blocks) > 1 or name.isdigit():
            return None
        return names_text([address.removeprefix(f"{around}.") if around else address for address in addresses])
