"""Units of a sheet → its boxes: what each says, what it stands for, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from archspec.backends.drawing.atoms import Atom, Atoms
from archspec.backends.drawing.captions import line, names_text, tooltip, unit_lines, worth_telling
from archspec.backends.drawing.chains import Unit, is_minor, sign
from archspec.backends.drawing.model import Box, Role
from archspec.backends.drawing.parts import Part
from archspec.backends.words import shapes_text
from archspec.graph import Block, Counts, Leaf, NodeType
from archspec.language.identifiers import same_name
from archspec.shapes import Shape


@dataclass(frozen=True)
class Boxes:
    """Makes the boxes of one sheet.

    `short` are the symbols of its parameters, `named` is true where layers show their names, `key_of` gives the sheet
    of a block's inside, and `owner` the address of the node whose weights a node uses again.
    """

    found: Atoms
    blocks: Sequence[Block]
    short: Mapping[str, str]
    named: bool
    key_of: Callable[[Part], str | None]
    owner: Callable[[NodeType], str | None]

    def box(self, unit: Unit) -> Box:
        """The box of a unit."""
        main = self.found.atoms[unit.main]
        columns = [self.found.atoms[number].part.nodes for number in unit.atoms]
        shown = next(row for row in zip(*columns) if any(row))
        address = self._address(unit)
        owner = self.owner(main.node)
        lines = list(unit_lines(unit, self.found.atoms, self.short, self._name(unit, address)))
        counts = Counts.of(node for column in columns for node in column if node is not None)
        return Box(
            id=address,
            role=main.node.op.kind if isinstance(main.node, Leaf) else "block",
            lines=(*lines, line(f"weights of {owner}", "minor")) if owner else tuple(lines),
            tooltip=tooltip([node for node in shown if node is not None]),
            members=tuple(tuple([node.address for node in row if node is not None]) for row in zip(*columns)),
            times=unit.times,
            sign=sign(main.node),
            inside=self.key_of(main.part) if isinstance(main.node, Block) and owner is None else None,
            training=main.training,
            frozen=counts.params > 0 and not counts.trainable,
        )

    def _address(self, unit: Unit) -> str:
        """The address of the outermost open block that a box shows all of; else of what the box mainly is."""
        main = self.found.atoms[unit.main]
        for address in main.within:
            whole = self.found.sizes[address] == len(unit.atoms)
            if whole and all(address in self.found.atoms[number].within for number in unit.atoms):
                return address
        return main.node.address

    def _name(self, unit: Unit, address: str) -> str | None:
        """What the spec calls it, where that tells a reader something."""
        main = self.found.atoms[unit.main]
        if isinstance(main.node, Block):
            return self._block_name(unit, address, main.node)
        own = address.rpartition(".")[2]
        plain = not self.named or "." in address or sign(main.node) or is_minor(main.node)
        return None if plain or not worth_telling(own, main.node) else own

    def _block_name(self, unit: Unit, address: str, node: Block) -> str | None:
        whole = [address] if address != node.address else [self.found.atoms[each].node.address for each in unit.atoms]
        own = [each.rpartition(".")[2] for each in whole]
        if any(name.isdigit() for name in own):
            return names_text(whole) if self.named else None
        text = names_text(own)
        return None if same_name(text, node.title or node.name) else text


def end_box(role: Role, id: str, name: str, shapes: Set[Shape], training: bool) -> Box:
    """An input or output of a sheet, with its shape where it has but one."""
    text = shapes_text(tuple(shapes)) if len(shapes) == 1 else ""
    lines = [line(each, "minor") for each in (name, text) if each]
    return Box(id, role, tuple(lines), "\n".join(filter(None, (name, text))), training=training)


def training(atoms: Sequence[Atom], number: int) -> bool:
    """Whether a value runs in training only; those that a sheet is given do not."""
    return number >= 0 and atoms[number].training
