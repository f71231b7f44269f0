"""A drawing taken apart again: every op that it stands for, and every wire between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from archspec.graph.model import ENCLOSING, Block, Graph, NodeType, Ref
from archspec.pictures.drawing import Box, Drawing, Group, Sheet


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

    def took(self, address: str, values: Sequence[Value], outputs: int) -> list[Value]:
        """What an op gives of values; each further call of one module has a number of its own."""
        self.nodes[address] += 1
        called = f"{address} #{self.nodes[address]}"
        self.wires.update(Wire(value, called, input) for input, value in enumerate(values))
        return [Value(called, output) for output in range(outputs)]


def shares(whole: Sequence[Any], count: int) -> list[Sequence[Any]]:
    """A sequence in so many equal pieces, in order."""
    size, rest = divmod(len(whole), count)
    assert not rest
    return [whole[size * number : size * (number + 1)] for number in range(count)]


def unfolded(drawing: Drawing, graph: Graph) -> Network:
    """The ops and wires of a drawing; blocks that no sheet opens count as ops."""
    sheets = {sheet.key: sheet for sheet in drawing.sheets}
    found = Network(Counter(), Counter())

    def sheet_values(sheet: Sheet, number: int, arriving: Sequence[Value]) -> list[Value]:
        boxes = list(sheet.boxes())
        inputs = [(box.id, lane) for box in boxes if box.role == "input" for lane in range(box.lanes)]
        at = dict(zip(inputs, arriving, strict=True))
        edges: dict[str, dict[int, tuple[str, int]]] = {}
        for edge in sheet.edges:
            ends = edges.setdefault(edge.target, {})
            if edge.joined:
                sources = [edges[edge.source][input] for input in sorted(edges[edge.source])]
            else:
                sources = [(edge.source, output) for output in edge.outputs]
            for source, input in zip(sources, edge.inputs, strict=True):
                assert input not in ends, "two values arrive at one input"
                ends[input] = source
        in_rounds = {box.id: group for group in sheet.groups() if group.rounds > 1 for box in group.items}

        def taken(box: Box) -> list[tuple[str, int]]:
            ends = edges.get(box.id, {})
            assert sorted(ends) == list(range(len(ends)))
            return [ends[input] for input in sorted(ends)]

        def run(box: Box, members: Sequence[str], values: Sequence[Value]) -> None:
            lanes = zip(shares(members, box.lanes), shares(values, box.lanes), strict=True)
            given = [value for each, arriving in lanes for value in chain(each, box.inside, list(arriving))]
            at.update({(box.id, output): value for output, value in enumerate(given)})

        def go_round(group: Group) -> None:
            inner = [box for box in group.items if isinstance(box, Box)]
            ids = {box.id for box in inner}
            (entering,) = {source for box in inner for source in taken(box) if source[0] not in ids}
            targets = [box for box in boxes if box.id not in ids]
            (leaving,) = {source for box in targets for source in taken(box) if source[0] in ids}
            arriving = at[entering]
            for turn in range(group.rounds):
                for box in inner:
                    values = [arriving if source == entering else at[source] for source in taken(box)]
                    run(box, shares(box.members[number], group.rounds)[turn], values)
                arriving = at[leaving]

        results = []
        for box in boxes:
            group = in_rounds.get(box.id)
            if group is not None:
                if group.items[0] is box:
                    go_round(group)
            elif box.role == "output":
                assert len(taken(box)) == box.lanes
                results += [at[source] for source in taken(box)]
            elif box.role != "input":
                run(box, box.members[number], [at[source] for source in taken(box)])
        return results

    def chain(members: Sequence[str], inside: str | None, values: list[Value]) -> list[Value]:
        for address in members:
            node = graph.nodes[address]
            if inside is not None and node.tied is None:
                sheet = sheets[inside]
                values = sheet_values(sheet, sheet.instances.index(address), values)
            else:
                values = found.took(address, values, len(node.shapes))
        return values

    inputs = [Value(f"input {name}", 0) for name in graph.root.input_names]
    results = sheet_values(drawing.main, 0, inputs)
    found.wires.update(Wire(value, "output", number) for number, value in enumerate(results))
    return found


def taken_apart(graph: Graph, closed: frozenset[str] = frozenset()) -> Network:
    """The same of the graph itself, from its own references; the blocks `closed` count as ops."""
    found = Network(Counter(), Counter())

    def values_of(block: Block, arriving: Sequence[Value]) -> list[Value]:
        reached: list[list[Value]] = []

        def at(ref: Ref) -> Value:
            return arriving[ref.output] if ref.child == ENCLOSING else reached[ref.child][ref.output]

        for child in block.children:
            reached.append(node_values(child, [at(ref) for ref in child.inputs]))
        return [at(result.ref) for result in block.results]

    def node_values(node: NodeType, values: list[Value]) -> list[Value]:
        if isinstance(node, Block) and node.address not in closed:
            return values_of(node, values)
        return found.took(node.address, values, len(node.shapes))

    inputs = [Value(f"input {name}", 0) for name in graph.root.input_names]
    results = values_of(graph.root, inputs)
    found.wires.update(Wire(value, "output", number) for number, value in enumerate(results))
    return found
