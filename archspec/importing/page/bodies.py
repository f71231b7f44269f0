"""A template's children → the nodes of a graph, each with what it takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archspec.graph.model import ENCLOSING, Block, Leaf, NodeType, Ref, Result
from archspec.importing.page.inputs import names_of
from archspec.importing.page.nodes import Nodes
from archspec.importing.page.repeats import Node, repeated, with_more
from archspec.importing.page.scalars import Name, Tree, Word, text_of
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
    joins = isinstance(child.node, Leaf) and _names_inputs(child.node) and child.tied is None
    names = [value_name(template, ref) for ref in child.inputs]
    series = list(child.inputs) == [_before(template, number)] and not _takes_nothing(child.node)
    more: dict[str, Tree] = {}
    if child.tied is not None:
        tree: Tree = {Word("share"): Name(template.children[child.tied].node.name)}
    else:
        assert child.maker is not None, "every child has a call on a page"
        tree = nodes.call(child.maker, names if joins else None)
    if child.inputs and not joins and not series:
        taken = value_names(template, child.inputs)
        more[Word("from")] = taken[0] if len(taken) == 1 else taken
    if child.present != Constant(True):
        more[Word("when")] = Word(text_of(child.present))
    more |= {Word(word): Word("true") for word in _modes(template, child)}
    return Node(child.node.name, with_more(tree, more), series and not joins and not more)


def _names_inputs(leaf: Leaf) -> bool:
    """Whether a node names what it takes itself: a join or an equation."""
    return leaf.op.kind == "join" or leaf.op.name == "compute"


def _takes_nothing(node: NodeType) -> bool:
    """Whether a node takes a value only where it says which, as a constant that may be as long as one."""
    return isinstance(node, Leaf) and node.op.inputs[0] == 0


def _modes(template: Template, child: Child) -> Iterator[str]:
    """What a node says of its own mode, where the block around it does not say it for all of its copies."""
    if child.node.training and not all(block.training for block in template.instances):
        yield "training"
    if child.node.frozen and not all(block.frozen for block in template.instances):
        yield "freeze"


def _before(template: Template, number: int) -> Ref:
    """What a node takes that does not say it: the node before it, or the first input."""
    if number == 0:
        return Ref(ENCLOSING, 0)
    return Ref(number - 1, 0) if len(template.children[number - 1].node.shapes) == 1 else Ref(-2, 0)


def value_names(template: Template, refs: Sequence[Ref]) -> list[Name]:
    """The names of several values; a block's name stands for all that it gives."""
    names: list[Name] = []
    at = 0
    while at < len(refs):
        every = _all_of(template, refs[at].child)
        whole = len(every) > 1 and list(refs[at : at + len(every)]) == every
        names.append(Name(template.children[refs[at].child].node.name) if whole else value_name(template, refs[at]))
        at += len(every) if whole else 1
    return names


def _all_of(template: Template, child: int) -> list[Ref]:
    """All values of a child that gives them as one."""
    node = template.children[child].node if child != ENCLOSING else None
    listed = isinstance(node, Block) and gives_list(node)
    return [Ref(child, number) for number in range(len(node.shapes))] if node and listed else []


def value_name(template: Template, ref: Ref) -> Name:
    """A value's name in its block: `input`, `conv1`, `parts[1]`, `encoder.out0`."""
    if ref.child == ENCLOSING:
        return Name(names_of(template.block)[ref.output])
    node = template.children[ref.child].node
    if len(node.shapes) == 1:
        return Name(node.name)
    part = node.results[ref.output].name if isinstance(node, Block) and are_named(node.results) else None
    return Name(f"{node.name}.{part}" if part else f"{node.name}[{ref.output}]")


def gives_list(block: Block) -> bool:
    """Whether a page says of a block's values which nodes they are, and no other names for them."""
    if not are_named(block.results):
        return True
    return all(block.children[each.ref.child].name == each.name for each in block.results if each.ref.child >= 0)


def are_named(results: Sequence[Result]) -> bool:
    """Whether the values of a block have names by which they are told apart; else they have numbers."""
    names = {result.name for result in results}
    return None not in names and len(names) == len(results)


def _output(template: Template) -> Tree | None:
    """What a graph gives, where it is not the last node's only value."""
    results = template.results
    if len(results) == 1 and results[0].name is None:
        ref = results[0].ref
        last = len(template.children) - 1
        alone = ref.child == last and len(template.children[last].node.shapes) == 1
        return None if alone else value_name(template, ref)
    if template.block.address and gives_list(template.block):
        return [*value_names(template, [result.ref for result in results])]
    return {Word(str(result.name)): value_name(template, result.ref) for result in results}
