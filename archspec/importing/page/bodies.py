"""A template's children → the nodes of a graph, each with what it takes."""

from __future__ import annotations

from archspec.graph.model import ENCLOSING, Leaf, Ref
from archspec.importing.page.nodes import Nodes
from archspec.importing.page.repeats import Node, repeated, with_more
from archspec.importing.page.scalars import Tree, Word, text_of
from archspec.templates import Child, Constant, Template


def body(template: Template, nodes: Nodes) -> dict[str, Tree]:
    """A template's `graph`, and its `output` where that is not the last node."""
    written = [_node(template, number, nodes) for number in range(len(template.children))]
    parts: dict[str, Tree] = {Word("graph"): repeated(written, template.numbered)}
    if (output := _output(template)) is not None:
        parts[Word("output")] = output
    return parts


def _node(template: Template, number: int, nodes: Nodes) -> Node:
    child = template.children[number]
    joins = isinstance(child.node, Leaf) and child.node.op.kind == "join"
    names = [value_name(template, ref) for ref in child.inputs]
    series = list(child.inputs) == [_before(template, number)]
    more: dict[str, Tree] = {}
    if child.tied is not None:
        tree: Tree = {Word("share"): Word(template.children[child.tied].node.name)}
    else:
        assert child.maker is not None, "every child has a call on a page"
        tree = nodes.call(child.maker, names if joins else None)
    if child.inputs and not joins and not series:
        more[Word("from")] = Word(names[0]) if len(names) == 1 else [Word(name) for name in names]
    if child.present != Constant(True):
        more[Word("when")] = Word(text_of(child.present))
    return Node(child.node.name, with_more(tree, more), series and not joins and not more)


def _before(template: Template, number: int) -> Ref:
    """What a node takes that does not say it: the node before it, or the first input."""
    if number == 0:
        return Ref(ENCLOSING, 0)
    return Ref(number - 1, 0) if len(template.children[number - 1].node.shapes) == 1 else Ref(-2, 0)


def value_name(template: Template, ref: Ref) -> str:
    """A value's name in its block: `input`, `conv1`, `parts[1]`, `encoder.out0`."""
    if ref.child == ENCLOSING:
        return "input" if len(template.input_names) == 1 else template.input_names[ref.output]
    child = template.children[ref.child]
    if len(child.node.shapes) == 1:
        return child.node.name
    return f"{child.node.name}[{ref.output}]" if isinstance(child.node, Leaf) else _part(child, ref.output)


def _part(child: Child, number: int) -> str:
    results = child.node.results  # type: ignore[union-attr]
    return f"{child.node.name}.{results[number].name}"


def _output(template: Template) -> Tree | None:
    """What a graph gives, where it is not the last node's only value."""
    results = template.results
    if len(results) == 1 and results[0].name is None:
        ref = results[0].ref
        last = len(template.children) - 1
        alone = ref.child == last and len(template.children[last].node.shapes) == 1
        return None if alone else Word(value_name(template, ref))
    return {Word(str(result.name)): Word(value_name(template, result.ref)) for result in results}
