"""Which blocks are drawn open, and how."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Literal

from msgspec import Struct, field

from archspec.graph.model import Block, Leaf, NodeType, Ref
from archspec.pictures.drawing.aligned_children import Part, Parts
from archspec.pictures.drawing.cost_colours import Colour
from archspec.pictures.drawing.flatten import Opening
from archspec.pictures.drawing.layer_groups import is_minor

Kind = Literal["figure", "overview", "detail"]


class View(Struct, frozen=True):
    """What to draw.

    A `figure` shows the stages, and each distinct block once on a sheet of its own; an `overview` the stages alone;
    `detail` every op, blocks in frames. Where `depth` is given, so many levels of blocks stand open in frames (1: the
    network's own); the blocks `open`, by address, stand open with all around them. Boxes are coloured by what they are,
    or by what they cost. What runs in training alone is drawn where `training` is true, a heading, a legend and
    the shapes of values where `title`, `legend` and `shapes` are. Where `only` is an address, all is of that block.
    """

    kind: Kind = "figure"
    depth: int | None = None
    open: tuple[str, ...] = ()
    colour: Colour = "kind"
    training: bool = True
    title: bool = True
    legend: bool = True
    shapes: bool = True
    only: str | None = None

    @property
    def opened(self) -> frozenset[str]:
        """The blocks to open, with those around them."""
        return frozenset(outer for address in self.open for outer in accumulate(address.split("."), "{}.{}".format))


FIGURE = View()
SHORT = 3
"""A block with at most so many layers in series, and used once, is drawn as what it holds."""


class Openings(Struct, frozen=True):
    """Says of each block whether it is drawn open under a view; `frames` counts those around it."""

    view: View
    parts: Parts
    opened: frozenset[str] = field(default_factory=frozenset)

    def __call__(self, part: Part, frames: int) -> Opening:
        block = part.node
        assert isinstance(block, Block)
        if is_unit(block):
            return "dissolved"
        if block.tied is not None:
            return "framed" if self.view.kind == "figure" and self.parts.shared(part) is None else "closed"
        if block.address in self.opened and len(part.nodes) == 1:
            return "framed"
        if self.view.depth is not None and len(part.nodes) == 1:
            return "framed" if frames + 1 < self.view.depth else "closed"
        if self.view.kind == "detail":
            return "framed" if block.kind or _composite(block) or self._is_named(block) else "dissolved"
        return self._named(block, self._folded(part, block))

    def _named(self, block: Block, opening: Opening) -> Opening:
        """The opening of a block of which another box says that it has its weights: the reader must find it."""
        if opening != "dissolved" or not self._is_named(block):
            return opening
        return "framed" if self.parts.template(block) is None else "closed"

    def _is_named(self, block: Block) -> bool:
        return self.parts.calls.is_named(block.address)

    def _folded(self, part: Part, block: Block) -> Opening:
        """A block that may have a sheet of its own: it is closed where it has one that says more than a name does."""
        if block.kind is None or self._is_stage(block) or _wraps(block):
            return "dissolved"
        template = self.parts.shared(part)
        if template is None or (len(template.instances) == 1 and _is_short(block)):
            return "dissolved"
        alone = len(template.instances) == 1 and _composite(block)
        plain = len(block.input_names) == len(block.results) == 1 and self.view.kind == "figure"
        return "framed" if alone and plain else "closed"

    def _is_stage(self, block: Block) -> bool:
        """Whether a block is nothing but blocks of one template in series."""
        templates = {id(self.parts.template(child)) for child in block.children}
        first = block.children[0]
        alike = len(templates) == 1 and self.parts.template(first) is not None and not is_unit(first)
        return alike and all(child.tied is None for child in block.children) and _in_series(block)


def _is_short(block: Block) -> bool:
    """Whether a block is but a few ops in series, which take hardly more room than its name."""
    layers = [child for child in block.children if not is_minor(child)]
    return len(layers) <= SHORT and all(isinstance(child, Leaf) for child in block.children) and _in_series(block)


def is_unit(node: NodeType) -> bool:
    """Whether a block is one layer with what goes along with it."""
    block = node
    if not isinstance(block, Block):
        return False
    layers = [child for child in block.children if not is_minor(child)]
    return len(layers) <= 1 and all(isinstance(child, Leaf) and child.tied is None for child in block.children)


def _wraps(block: Block) -> bool:
    """Whether a block is but another block with what goes along with it."""
    layers = [child for child in block.children if not is_minor(child)]
    inner = layers[0] if len(layers) == 1 < len(block.children) else None
    return isinstance(inner, Block) and inner.kind is not None and not is_unit(inner) and _in_series(block)


def is_stage(node: NodeType) -> bool:
    """Whether a block is but a row of other blocks."""
    return isinstance(node, Block) and _composite(node) and _in_series(node)


def _composite(block: Block) -> bool:
    """Whether a block holds other blocks that are more than a layer."""
    inner = [child for child in block.children if isinstance(child, Block)]
    return any((child.kind is not None and not is_unit(child)) or _composite(child) for child in inner)


def _in_series(block: Block) -> bool:
    wired = all(after.inputs == (Ref(number),) for number, (_, after) in enumerate(pairwise(block.children)))
    return wired and len(block.results) == 1 and block.results[0].ref == Ref(len(block.children) - 1)
