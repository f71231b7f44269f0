"""`carry`: one module called step by step, some of whose inputs are outputs of the step before.

One module is called for each step, and takes what the step before gave:

>>> from archspec.elaborate.example import example
>>> update = '{update: {inputs: [x, h], graph: {sum: {add: [x, h]}}}}'
>>> graph = example('{h: tanh, step: {update: null, from: [input, h], repeat: 2, carry: h}}', blocks=update)
>>> [(node.name, [ref.child for ref in node.inputs], node.tied) for node in graph.root.children]
[('h', [-1], None), ('step', [-1, 0], None), ('step_2', [-1, 1], 1)]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from msgspec.structs import replace

from archspec.elaborate.block_builder import Value
from archspec.elaborate.context import Context
from archspec.elaborate.node_names import is_template
from archspec.elaborate.references import choices_of
from archspec.language.block_definition import BlockDef
from archspec.language.diagnostics import did_you_mean
from archspec.language.nodes import Entry, NodeDef, Taken
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree
from archspec.language.yaml_tree import Sequence as SequenceTree

_FORM = "the names of inputs and outputs that are the same, `[h, c]`, or `{input: output}`"


Carries: TypeAlias = Mapping[int, Scalar]
"""For each input that is carried, by its number, the output that it takes."""


def carried(context: Context, entry: Entry, address: str) -> Carries:
    """What a node carries from step to step; raises `Failed` after reporting what is wrong."""
    node = entry.node
    tree = node.modifiers["carry"].value
    _check(context, entry, address)
    pairs = _pairs(tree)
    if not pairs:
        context.fail(
            "carry",
            "`carry` names the values that one step passes to the next",
            tree.span,
            address,
            expected=_FORM,
            found=shown(tree),
        )
    callee = context.library.meaning(str(node.callee.value)) if node.callee is not None else None
    names = callee.inputs if isinstance(callee, BlockDef) else ("input",)
    for name, _ in pairs:
        if name.value not in names:
            help_ = did_you_mean(str(name.value), names)
            context.fail("carry", f"there is no input `{name.value}`", name.span, address, help=help_)
    return {names.index(str(name.value)): output for name, output in pairs}


def _pairs(tree: Tree) -> list[tuple[Scalar, Scalar]]:
    """Each input with the output that it takes."""
    if isinstance(tree, MappingTree):
        return [(key, value) for key, value in tree.entries if isinstance(value, Scalar)]
    items = tree.items if isinstance(tree, SequenceTree) else (tree,)
    return [(item, item) for item in items if isinstance(item, Scalar) and isinstance(item.value, str)]


def next_inputs(context: Context, given: Sequence[Value], before: Value, carries: Carries, address: str) -> list[Value]:
    """What a step takes: what is given, but for what the step before gives."""
    values = list(given)
    for number, output in carries.items():
        if number >= len(values):
            context.fail("carry", f"`{output.value}` has no value to start from", output.span, address)
        values[number] = _output(context, before, output, address)
    return values


def _output(context: Context, before: Value, output: Scalar, address: str) -> Value:
    """The output of that name, or the only one."""
    if output.value in before.labels:
        return before.labelled(str(output.value))
    if len(before.refs) == 1:
        return before
    if before.main:
        return before.pick(0)
    choices = ", ".join(f"`{choice.rpartition('.')[2]}`" for choice in choices_of(before, "it"))
    return context.fail("carry", f"there is no output `{output.value}`", output.span, address, expected=choices)


def one_step(node: NodeDef) -> NodeDef:
    """The node of the first step, which takes the value at hand where there is a step for each of several."""
    rest = {name: given for name, given in node.modifiers.items() if name not in ("carry", "repeat", "over")}
    over = node.modifier("over")
    sources = node.sources if over is None else (Taken(Scalar("previous", over.span)), *(node.sources or ()))
    return replace(node, modifiers=rest, sources=sources)


def _check(context: Context, entry: Entry, address: str) -> None:
    """Refuse a node that cannot be called step by step."""
    modifiers, name = entry.node.modifiers, entry.name
    span = modifiers["carry"].key.span
    if len({"repeat", "over"} & modifiers.keys()) != 1:
        message = "`carry` stands beside `repeat` or `over`, which says how many steps there are"
        context.fail("carry", message, span, address)
    if name is None or is_template(str(name.value)):
        context.fail("carry", "a node that is called step by step needs a plain name", span, address)
    if "each" in modifiers or entry.node.share is not None or entry.node.splice:
        context.fail("carry", "`carry` is only allowed on a node with its own module", span, address)
