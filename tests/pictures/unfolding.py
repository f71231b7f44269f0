"""A drawing taken apart again: every op that it stands for, and every wire between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from archspec.backends.drawing import Drawing, Sheet
from archspec.graph import ENCLOSING, Block, Graph, NodeType, Ref


class Value(NamedTuple):
    """An output of an op, or an input of the network."""

    node: str
    output: int


class Wire(NamedTuple):
    """A value and where it goes: an input of an op, or an output of the network."""

    value: Value
    node: str
    input: int


class Network(NamedTuple):
    """What is left of a graph without its walls."""

    nodes: Counter[str]
    wires: Counter[Wire]


def unfolded(drawing: Drawing, graph: Graph) -> Network:
    """The ops and wires of a drawing; blocks that no sheet opens count as ops."""
    sheets = {sheet.key: sheet for sheet in drawing.sheets}
    found = Network(Counter(), Counter())

    def sheet_values(sheet: Sheet, number: int, arriving: Sequence[Value]) -> list[Value]:
        boxes = list(sheet.boxes())
        inputs = [box.id for box in boxes if box.role == "input"]
        at = {(id, 0): value for id, value in zip(inputs, arriving)}
        edges = {(edge.target, edge.input): edge for edge in sheet.edges}
        assert len(edges) == len(sheet.edges), "two edges end at one input"
        results = []
        for box in boxes:
            taken = sorted(input for target, input in edges if target == box.id)
            assert taken == list(range(len(taken)))
            values = [at[edges[box.id, input].source, edges[box.id, input].output] for input in taken]
            if box.role == "output":
                results += values
            elif box.role != "input":
                values = chain(box.members[number], box.inside, values)
                at |= {(box.id, output): value for output, value in enumerate(values)}
        return results

    def chain(members: Sequence[str], inside: str | None, values: list[Value]) -> list[Value]:
        for address in members:
            node = graph.nodes[address]
            if inside is not None:
                sheet = sheets[inside]
                values = sheet_values(sheet, sheet.instances.index(address), values)
            else:
                found.nodes[address] += 1
                found.wires.update(Wire(value, address, input) for input, value in enumerate(values))
                values = [Value(address, output) for output in range(len(node.shapes))]
        return values

    inputs = [Value(f"input {name}", 0) for name in graph.root.input_names]
    results = sheet_values(drawing.main, 0, inputs)
    found.wires.update(Wire(value, "output", number) for number, value in enumerate(results))
    return found


def taken_apart(graph: Graph, closed: frozenset[str] = frozenset()) -> Network:
    """The same of the graph itself, from its own references; the blocks `closed` count as ops, and those of others'
    weights do."""
    found = Network(Counter(), Counter())

    def values_of(block: Block, arriving: Sequence[Value]) -> list[Value]:
        reached: list[list[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            reached.append(node_values(child, [at(ref) for ref in child.inputs]))
        return [at(result.ref) for result in block.results]

    def node_values(node: NodeType, values: list[Value]) -> list[Value]:
        if isinstance(node, Block) and node.tied is None and node.address not in closed:
            return values_of(node, values)
        found.nodes[node.address] += 1
        found.wires.update(Wire(value, node.address, input) for input, value in enumerate(values))
        return [Value(node.address, output) for output in range(len(node.shapes))]

    inputs = [Value(f"input {name}", 0) for name in graph.root.input_names]
    results = values_of(graph.root, inputs)
    found.wires.update(Wire(value, "output", number) for number, value in enumerate(results))
    return found
