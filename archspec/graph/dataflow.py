"""A graph without its blocks' walls: every call of every op in the order in which they run, and who reads what.

Blocks are gone, and each call says which calls it takes from:

>>> from archspec.elaborate.example import example
>>> flow = Flow.of(example('{pair: {graph: [{conv: 8, kernel_size: 3}, relu]}, sum: {add: [pair, pair]}}'))
>>> [(call.leaf.address, [origin.call for origin in call.inputs]) for call in flow.calls]
[('pair.0', [-1]), ('pair.1', [0]), ('sum', [1, 1])]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct, field

from archspec.graph.model import ENCLOSING, Block, Graph, Leaf, NodeType, Ref
from archspec.language.source import Span


class Origin(NamedTuple):
    """Where a value comes from: output `output` of call number `call`, or one of the network's inputs, `ENCLOSING`."""

    call: int
    output: int = 0


class OpCall(Struct, frozen=True, eq=False):
    """One call of an op: `owner` is the leaf whose module it calls, itself unless it shares another's.

    `span` is the innermost place on the way to it that a user wrote; `wrapped` says that it stands in a standard block.
    `around` are the blocks that it stands in, outer ones first.
    """

    leaf: Leaf
    owner: Leaf
    inputs: tuple[Origin, ...]
    span: Span
    wrapped: bool
    around: tuple[Block, ...]


class Flow(Struct, dict=True):
    """All calls of a network's ops, and the values that it gives."""

    calls: list[OpCall] = field(default_factory=list)
    results: tuple[Origin, ...] = ()

    @classmethod
    def of(cls, graph: Graph) -> Flow:
        """The calls of a graph."""
        flow = cls()
        given = [Origin(ENCLOSING, number) for number in range(len(graph.root.input_names))]
        flow.results = tuple(_enter(flow, graph.root, graph.root, given, graph.root.span, ()))
        return flow

    @cached_property
    def readers(self) -> Counter[Origin]:
        """How often each value is read, the network's results being read by its caller."""
        return Counter([*(origin for call in self.calls for origin in call.inputs), *self.results])

    @cached_property
    def last(self) -> dict[str, OpCall]:
        """The last call of an op, or of all inside a block, by its address."""
        found: dict[str, OpCall] = {}
        for call in self.calls:
            address = call.leaf.address
            while address:
                found[address] = call
                address = address.rpartition(".")[0]
        return found

    def readers_of(self, origin: Origin) -> list[OpCall]:
        """The calls that take a value."""
        return [call for call in self.calls if origin in call.inputs]

    def place(self, call: OpCall, *origins: Origin) -> Span:
        """Where a call meets values: at the call of the outermost block that it is inside of and these are not."""
        before = [given.around if (given := self.producer(origin)) else () for origin in origins]
        for depth, block in enumerate(call.around):
            if block.kind and not all(depth < len(blocks) and blocks[depth] is block for blocks in before):
                return call.span if block.span.source.standard else block.span
        return call.span

    def producer(self, origin: Origin) -> OpCall | None:
        """The call that gives a value; `None` for an input of the network."""
        return None if origin.call == ENCLOSING else self.calls[origin.call]


def _enter(
    flow: Flow, block: Block, module: Block, given: Sequence[Origin], span: Span, around: tuple[Block, ...]
) -> list[Origin]:
    """Add the calls inside a block, which runs the module of `module`, and give its results."""
    made: list[list[Origin]] = []

    def origin(ref: Ref) -> Origin:
        return given[ref.output] if ref.child == ENCLOSING else made[ref.child][ref.output]

    for child, own in zip(block.children, module.children):
        owner = own if own.tied is None else module.children[own.tied]
        made.append(_call(flow, child, owner, [origin(ref) for ref in child.inputs], span, around))
    return [origin(result.ref) for result in block.results]


def _call(
    flow: Flow, node: NodeType, owner: NodeType, inputs: Sequence[Origin], span: Span, around: tuple[Block, ...]
) -> list[Origin]:
    written = not node.span.source.standard
    span = node.span if written else span
    if isinstance(node, Block):
        assert isinstance(owner, Block)
        return _enter(flow, node, owner, inputs, span, (*around, node))
    assert isinstance(owner, Leaf)
    number = len(flow.calls)
    flow.calls.append(OpCall(node, owner, tuple(inputs), span, not written, around))
    return [Origin(number, output) for output in range(len(node.shapes))]
