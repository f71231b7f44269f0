"""Parts: the children of several blocks of one structure, side by side, as a sheet shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.pictures.drawing.field_calls import field_calls
from archspec.pictures.drawing.shared_modules import Calls
from archspec.pictures.drawing.sheet_templates import sheet_templates
from archspec.pictures.drawing.symbols import short_names, substituted
from archspec.templates import Chain, Construct, Expression, Folding, Given, Template, fold


class Part(Struct, frozen=True, eq=False, dict=True):
    """One place in the blocks that a sheet shows: the node there in each of them, `None` where one lacks it.

    `inputs` refer to parts beside it. `maker` is the constructor call of its module, over the parameters of the
    sheet's template; `None` where there is but one block, in which every number is what it is.
    """

    nodes: tuple[NodeType | None, ...]
    inputs: tuple[Ref, ...]
    maker: Expression | None = None

    @cached_property
    def node(self) -> NodeType | None:
        """The node of the first block that has it; `None` where all of them lack it."""
        return next((node for node in self.nodes if node is not None), None)

    @cached_property
    def present(self) -> tuple[bool, ...]:
        return tuple(node is not None for node in self.nodes)


class Inside(NamedTuple):
    """What a part or sheet holds, and the values that it gives."""

    parts: list[Part]
    results: list[Ref]


class Parts(Struct, frozen=True, eq=False):
    """The templates of a graph, and what stands in each block."""

    templates: Mapping[int, Template]
    """By the `id` of each block that has one."""
    order: tuple[Template, ...]
    """Each after those whose blocks it holds."""
    calls: Calls
    folding: Folding

    @classmethod
    def of(cls, graph: Graph) -> Parts:
        folding = fold(graph, field_calls())
        templates = sheet_templates(folding.templates)
        by_block = {id(block): template for template in templates for block in template.instances}
        calls = Calls.of(graph)
        for first, others in calls.others.items():
            if first in by_block:
                by_block |= dict.fromkeys(map(id, others), by_block[first])
        return cls(by_block, tuple(templates), calls, folding)

    def template(self, node: NodeType | None) -> Template | None:
        return self.templates.get(id(node))

    def shared(self, part: Part) -> Template | None:
        """The one template of all nodes of a part."""
        found = {id(self.template(node)): self.template(node) for node in part.nodes if node is not None}
        return next(iter(found.values())) if len(found) == 1 else None

    def sheet(self, blocks: Sequence[Block]) -> tuple[Inside, Mapping[str, str]]:
        """What blocks of one template hold, with the symbol of each of its parameters."""
        if len(blocks) == 1:
            return _alone(blocks[0]), {}
        template = self.template(blocks[0])
        assert template is not None, "only blocks of one template share a sheet"
        given: dict[str, Expression] = {each.name: Given(each.name) for each in template.parameters}
        return _of_template(template, blocks, given), short_names(given)

    def inside(self, part: Part, maker: Expression | None = None) -> Inside | None:
        """What a block's part holds; `None` where the blocks differ in more than numbers.

        `maker` is the call of its module, where it is not the part's own, as of a module that is called again.
        """
        maker = maker or part.maker
        blocks = [node if isinstance(node, Block) else None for node in part.nodes]
        present = [block for block in blocks if block is not None]
        if not present or any(isinstance(node, Leaf) for node in part.nodes):
            return None
        if len(blocks) == 1:
            return _alone(present[0])
        if isinstance(maker, Construct) and isinstance(maker.callee, Template):
            given = {item.name: item.value for item in maker.items}
            return _of_template(maker.callee, blocks, given)
        if isinstance(maker, Chain):
            return _of_chain(maker, blocks)
        return None


def _alone(block: Block) -> Inside:
    return Inside([Part((child,), child.inputs) for child in block.children], [each.ref for each in block.results])


def _of_template(template: Template, blocks: Sequence[Block | None], given: Mapping[str, Expression]) -> Inside:
    columns = _columns([child.node.slot for child in template.children], blocks)
    parts = [
        Part(column, child.inputs, substituted(child.maker, given)) for child, column in zip(template.children, columns)
    ]
    return Inside(parts, [result.ref for result in template.results])


def _of_chain(chain: Chain, blocks: Sequence[Block | None]) -> Inside:
    columns = _columns([link.slot for link in chain.links], blocks)
    parts = [
        Part(column, (Ref(number - 1 if number else ENCLOSING),), link.value)
        for number, (link, column) in enumerate(zip(chain.links, columns))
    ]
    return Inside(parts, [Ref(len(parts) - 1 if parts else ENCLOSING)])


def _columns(
    slots: Sequence[tuple[object, ...]], blocks: Sequence[Block | None]
) -> Iterator[tuple[NodeType | None, ...]]:
    """For each place in the definition the node of every block."""
    rows = [{} if block is None else {child.slot: child for child in block.children} for block in blocks]
    return (tuple(row.get(slot) for row in rows) for slot in slots)
