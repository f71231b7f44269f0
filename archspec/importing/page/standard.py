"""Blocks that archspec has too → calls of these: `{bottleneck: 64, stride: 2}` in place of a block of the page's own.

A block is a standard one where that, called with numbers that are read off the block, gives the same values of the same
tensors. What its nodes without tensors are called is then the standard block's word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Annotated, Any, ClassVar

from msgspec.structs import replace

from archspec.elaborate.symbol_table import standard_block
from archspec.graph.model import Block, Graph, Leaf, Node, inside
from archspec.importing.page.standard_guesses import Found, candidates, default_of, match
from archspec.ops import Argument, Module, Op
from archspec.ops.base import REQUIRED, Expects
from archspec.ops.shapes import Shape


class StandardCall(Op):
    """A call of a standard block, which stands for one node where a page is written."""

    name = "standard_call"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    takes = "anything"
    example = "{standard_call: mlp}"
    example_inputs: ClassVar[tuple[Shape, ...]] = ()

    module_call: Annotated[Any, Expects("a call")]
    shapes: Annotated[tuple[Any, ...], Expects("the shapes of its outputs")] = ()

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return self.shapes


def with_standard_blocks(graphs: Sequence[Graph], *, renames: bool) -> list[Graph]:
    """The same graphs, with blocks of which all of one class are a standard block as calls of it.

    Only where it `renames` may what holds no tensors be called otherwise there.
    """
    kinds: dict[Any, list[Block]] = defaultdict(list)
    graphs = [replace(graph, root=_without_implied_modes(graph.root)) for graph in graphs]
    for graph in graphs:
        tied = {tie.address for tie in graph.ties} | {tie.owner for tie in graph.ties}
        for node in graph.walk():
            if isinstance(node, Block) and node.kind and node.address and not _reached(node, tied):
                kinds[node.kind, node.title].append(node)
    calls: dict[int, Module] = {}
    for blocks in kinds.values():
        calls |= _calls(blocks, renames)
    return [replace(graph, root=_with_calls(graph.root, calls)) for graph in graphs]


def _without_implied_modes(block: Block, training: bool = False, frozen: bool = False) -> Block:
    """A block whose children do not say what the block around them says of all of them."""
    within = training or block.training, frozen or block.frozen
    children = tuple(
        replace(
            _without_implied_modes(child, *within) if isinstance(child, Block) else child,
            training=child.training and not within[0],
            frozen=child.frozen and not within[1],
        )
        for child in block.children
    )
    return replace(block, children=children)


def _reached(block: Block, addresses: set[str]) -> bool:
    return any(f"{each}.".startswith(f"{block.address}.") for each in addresses)


def _with_calls(block: Block, calls: Mapping[int, Module]) -> Block:
    children = tuple(
        _leaf(child, calls[id(child)]) if id(child) in calls
        else _with_calls(child, calls) if isinstance(child, Block) else child
        for child in block.children
    )  # fmt: skip
    return replace(block, children=children)


def called_in(graphs: Sequence[Graph]) -> set[str]:
    """The standard blocks that graphs call."""
    return {
        node.op.name
        for graph in graphs
        for node in graph.walk()
        if isinstance(node, Leaf) and isinstance(node.op, StandardCall)
    }


def _leaf(block: Any, call: Module) -> Leaf:
    own = {name: getattr(block, name) for name in Node.__struct_fields__}
    return Leaf(**own, op=_kind(call.callee)(module_call=call, shapes=block.shapes))


@cache
def _kind(name: str) -> type[StandardCall]:
    """The op that a standard block is on a page."""
    return type(name, (StandardCall,), {"name": name, "__doc__": StandardCall.__doc__})


def _calls(blocks: Sequence[Block], renames: bool) -> dict[int, Module]:
    """The calls of one standard block that the blocks of a class are; nothing where they are not all one."""
    if any(node.training or node.frozen for block in blocks for node in inside(block)):
        return {}
    for name in candidates(blocks[0]):
        found = [*takewhile(lambda each: each is not None, (match(name, block, renames) for block in blocks))]
        if len(found) == len(blocks):
            return {id(block): _call(each, found) for block, each in zip(blocks, found)}  # type: ignore[arg-type]
    return {}


def _call(found: Found, all_of: Sequence[Found]) -> Module:
    """The call: what has a default of its own that follows from others is given where one of the calls must give it."""
    given = {name for each in all_of for name in each.given}
    arguments: list[Argument] = []
    for name, value in found.arguments.items():
        default = default_of(standard_block(found.name).params[name])
        if name in given or default is not REQUIRED:
            arguments.append(Argument(name, value, default, positional=not arguments))
    return Module(found.name, tuple(arguments))
