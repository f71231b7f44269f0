"""Blocks of one structure → the sheet that shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from archspec.backends.drawing.atoms import SHEET, Atoms, Flattening, Opening, Value
from archspec.backends.drawing.boxes import Boxes, end_box, training
from archspec.backends.drawing.captions import UNTITLED, tooltip
from archspec.backends.drawing.chains import Unit, units
from archspec.backends.drawing.model import Box, Edge, Group, Item, Sheet
from archspec.backends.drawing.parts import Part, Parts
from archspec.backends.words import shapes_text
from archspec.graph import Block, NodeType


@dataclass(frozen=True)
class Maker:
    """Makes the sheets of a graph: what opens is for `opening` to say, `key_of` names the sheet of a block's inside."""

    parts: Parts
    opening: Callable[[Part, int], Opening]
    key_of: Callable[[Part], str | None]
    owner: Callable[[NodeType], str | None]

    def sheet(self, key: str, title: str, blocks: Sequence[Block]) -> Sheet:
        """The sheet of all `blocks`, which are of one template."""
        inside, short = self.parts.sheet(blocks)
        found = Flattening(self.parts, self.opening).sheet(inside, len(blocks[0].input_names))
        boxes = Boxes(found, blocks, short, not blocks[0].address, self.key_of, self.owner)
        drawn = [(unit, boxes.box(unit)) for unit in units(found, self.parts)]
        inputs, outputs = _ends(key, blocks, found)
        return Sheet(
            key=key,
            title=title,
            instances=tuple(block.address for block in blocks),
            items=(*inputs, *_framed(drawn, found, 0), *outputs),
            edges=tuple(_Wiring(blocks, found, drawn, inputs, outputs).edges()),
        )


def _ends(key: str, blocks: Sequence[Block], found: Atoms) -> tuple[list[Box], list[Box]]:
    """The boxes of what goes in and comes out, with their shapes where all blocks have the same."""
    block = blocks[0]
    prefix = f"{key}-" if block.address else ""
    inputs = [
        end_box("input", f"{prefix}input-{name}", name, {each.input_shapes[number] for each in blocks}, False)
        for number, name in enumerate(block.input_names)
    ]
    outputs = [
        end_box("output", f"{prefix}output-{name}", name, {each.shapes[number] for each in blocks}, aside)
        for number, name in enumerate(_output_names(block))
        for aside in [training(found.atoms, found.results[number].atom)]
    ]
    return inputs, outputs


def _output_names(block: Block) -> list[str]:
    """A name for each output; those of one name are numbered."""
    names = [result.name or "output" for result in block.results]
    return [
        f"{name}[{names[:number].count(name)}]" if names.count(name) > 1 else name for number, name in enumerate(names)
    ]


def _framed(drawn: Sequence[tuple[Unit, Box]], found: Atoms, level: int) -> list[Item]:
    """Boxes in the frames that they stand in; a frame stands where its first box does."""
    items: list[Item] = []
    held: dict[int, tuple[Part, list[tuple[Unit, Box]]]] = {}
    places: dict[int, int] = {}
    for unit, box in drawn:
        frames = found.atoms[unit.main].frames
        if len(frames) == level:
            items.append(box)
            continue
        part = frames[level]
        if id(part) not in held:
            held[id(part)] = (part, [])
            places[id(part)] = len(items)
            items.append(box)  # keeps the frame's place
        held[id(part)][1].append((unit, box))
    for key, (part, inner) in held.items():
        items[places[key]] = _group(part, _framed(inner, found, level + 1))
    return items


def _group(part: Part, items: Sequence[Item]) -> Group:
    node = part.node
    assert isinstance(node, Block)
    name = "" if node.name.isdigit() else node.name
    title = ": ".join(filter(None, [name, node.title])) or UNTITLED
    return Group(node.address, title, tooltip([node]), all(item.training for item in items), tuple(items))


@dataclass
class _Wiring:
    """The edges of a sheet; each value's shape is written once, and only where it is news."""

    blocks: Sequence[Block]
    found: Atoms
    drawn: Sequence[tuple[Unit, Box]]
    inputs: Sequence[Box]
    outputs: Sequence[Box]

    def edges(self) -> Iterator[Edge]:
        """Box by box, in the order of what each takes; then what the sheet gives."""
        sources = self._sources()
        written: set[Value] = set()
        for target, number, value in self._wires():
            source, output = sources[value]
            told = value in written or target.role == "output"
            written.add(value)
            yield Edge(
                source=source.id,
                target=target.id,
                output=output,
                input=number,
                label="" if told else self._label(value),
                name="" if told else self._name(value),
                training=training(self.found.atoms, value.atom) or target.training,
            )

    def _wires(self) -> Iterator[tuple[Box, int, Value]]:
        for unit, box in self.drawn:
            for number, value in enumerate(self.found.atoms[unit.atoms[0]].inputs):
                yield box, number, value
        for box, value in zip(self.outputs, self.found.results):
            yield box, 0, value

    def _sources(self) -> Mapping[Value, tuple[Box, int]]:
        sources = {Value(SHEET, number): (box, 0) for number, box in enumerate(self.inputs)}
        for unit, box in self.drawn:
            for output in range(len(self.found.atoms[unit.atoms[-1]].node.shapes)):
                sources[Value(unit.atoms[-1], output)] = (box, output)
        return sources

    def _label(self, value: Value) -> str:
        """The shape of a value, where it is news and one in all blocks; what goes in has its shape in its box."""
        if value.atom == SHEET or not self._is_news(value):
            return ""
        nodes = [node for node in self.found.atoms[value.atom].part.nodes if node is not None]
        shapes = {node.shapes[value.output] for node in nodes}
        return shapes_text(tuple(shapes)) if len(shapes) == 1 else ""

    def _is_news(self, value: Value) -> bool:
        """Whether a box gives another shape than it takes."""
        unit = self._unit_of[value.atom]
        given = set(self.found.atoms[unit.atoms[0]].node.input_shapes)
        shape = self.found.atoms[value.atom].node.shapes[value.output]
        if self.blocks[0].address and len(given) == 1:
            return {each[1:] for each in given} != {shape[1:]}  # inside a block, boxes tell their channels
        return given != {shape}

    def __post_init__(self) -> None:
        self._unit_of = {unit.atoms[-1]: unit for unit, _ in self.drawn}

    def _name(self, value: Value) -> str:
        """Which of several values of a node it is, by its own word or by number."""
        node = self.found.atoms[value.atom].node if value.atom != SHEET else None
        if node is None or len(node.shapes) == 1:
            return ""
        names = [result.name for result in node.results] if isinstance(node, Block) else node.op.outputs
        return (names[value.output] if names else None) or f"[{value.output}]"
