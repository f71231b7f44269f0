"""What goes into a sheet and what comes out of it, as boxes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from archspec.graph.labels import shown_shapes
from archspec.graph.model import Block
from archspec.ops.shapes import Shape
from archspec.pictures.drawing.aligned_children import Parts
from archspec.pictures.drawing.captions import line, may_be_left_out, names_text
from archspec.pictures.drawing.edges import runs_in_training
from archspec.pictures.drawing.flatten import Atoms
from archspec.pictures.drawing.model import Box, Role
from archspec.pictures.drawing.parallel_copies import Ends, Row


class EndBoxes(Struct, frozen=True, dict=True):
    """Makes the boxes of the inputs and outputs of `blocks`, with their shapes where these tell something."""

    key: str
    blocks: Sequence[Block]
    parts: Parts

    @cached_property
    def ends(self) -> Ends:
        """The name and shape of each, in the first block."""
        block = self.blocks[0]
        results = (result.name for result in block.results)
        return Ends(list(zip(block.input_names, block.input_shapes)), list(zip(results, block.shapes)))

    def input(self, row: Row) -> Box:
        """The box of an input, or of several that are one list."""
        names = [self.blocks[0].input_names[place.number] for place in row]
        shapes = [[each.input_shapes[place.number] for each in self._blocks] for place in row]
        optional = may_be_left_out(self.blocks[0].input_shapes[row[0].number])
        return self._box("input", names, shapes, False, "(optional)" if optional else "")

    def output(self, row: Row, found: Atoms) -> Box:
        """The box of an output, or of several that are one list."""
        names = [self._output_names[place.number] for place in row]
        shapes = [[each.shapes[place.number] for each in self._blocks] for place in row]
        return self._box("output", names, shapes, runs_in_training(found, found.results[row[0].number].atom))

    @cached_property
    def _blocks(self) -> list[Block]:
        """All blocks that the sheet shows, with their further calls."""
        calls = (each for block in self.blocks for each in self.parts.calls.all(block))
        return [each for each in calls if isinstance(each, Block)]

    @cached_property
    def _output_names(self) -> list[str]:
        """A name for each output; those of one name are numbered."""
        names = [result.name or "output" for result in self.blocks[0].results]
        return [
            f"{name}[{names[:number].count(name)}]" if names.count(name) > 1 else name
            for number, name in enumerate(names)
        ]

    def _box(
        self, role: Role, names: Sequence[str], shapes: Sequence[Sequence[Shape]], training: bool, remark: str = ""
    ) -> Box:
        called = names_text(names)
        text = shown_shapes([each for column in shapes for each in column], len(self.blocks) > 1)
        lines = tuple(line(each, "minor") for each in (called, remark, *text.split("\n")) if each)
        id = f"{self.key}-{role}-{names[0]}" if self.blocks[0].address else f"{role}-{names[0]}"
        tooltip = "\n".join(map(str, lines))
        return Box(id, role, lines, tooltip, lanes=len(names), training=training)
