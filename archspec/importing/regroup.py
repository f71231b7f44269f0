"""Regroup: say a growing concatenation as the literature does, layer by layer.

A layer of a dense block takes a list that grows, and concatenates it first; so no two layers take equally many values:

    layer1(x) → y1                  concat(x) …
    layer2(x, y1) → y2              concat(x, y1) …
    layer3(x, y1, y2) → y3          concat(x, y1, y2) …

A concatenation has no weights, so it may stand elsewhere: at the end of the layer before. Each layer then takes one
value and gives it with its own behind it, which is the same layer every time:

    layer1(x) → x1 = concat(x, y1);  layer2(x1) → x2 = concat(x1, y2);  layer3(x2) → …
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from archspec.importing.calls import Value
from archspec.importing.name import Step
from archspec.importing.scopes import Scope


def regroup(root: Scope) -> None:
    """Move concatenations out of the blocks of a class that takes more and more values, and into those before them."""
    kinds: dict[type, list[Scope]] = defaultdict(list)
    for scope in scopes_in(root):
        if scope.parent is not None and scope.module is not None:
            kinds[type(scope.module)].append(scope)
    for scopes in kinds.values():
        if len({len(scope.inputs) for scope in scopes}) > 1 and all(map(_joins_first, scopes)):
            _move(scopes, root)


def scopes_in(scope: Scope) -> Iterator[Scope]:
    """A scope and all inside it."""
    yield scope
    for child in scope.children:
        if isinstance(child, Scope):
            yield from scopes_in(child)


def _joins_first(scope: Scope) -> bool:
    """Whether a block does nothing with its inputs but concatenate them, as its first step."""
    first, *rest = scope.children
    if not (isinstance(first, Step) and first.op.name == "concat" and first.inputs == tuple(scope.inputs)):
        return False
    return not any(value in first.inputs for child in rest for value in child.inputs)


def _move(scopes: Sequence[Scope], root: Scope) -> None:
    """The concatenations of blocks, each as the last step of the block that gives the last of its values."""
    for scope in scopes:
        parent, step = scope.parent, scope.children.pop(0)
        assert parent is not None and isinstance(step, Step)
        if len(step.inputs) > 1:
            parent.children.insert(parent.children.index(scope), step)
        else:
            _substitute(root, {step.outputs[0]: step.inputs[0]})
    for parent in dict.fromkeys(scope.parent for scope in scopes):
        assert parent is not None
        _nest(parent)
        _sink(parent, [scope for scope in scopes if scope.parent is parent])


def _substitute(scope: Scope, instead: dict[Value, Value]) -> None:
    for inner in scopes_in(scope):
        for number, child in enumerate(inner.children):
            if isinstance(child, Step):
                inputs = tuple(instead.get(value, value) for value in child.inputs)
                inner.children[number] = replace(child, inputs=inputs)


def _nest(parent: Scope) -> None:
    """Let each concatenation begin with an earlier one, where that has its first values."""
    known: dict[tuple[Value, ...], Value] = {}
    for number, step in enumerate(parent.children):
        if isinstance(step, Step) and step.op.name == "concat":
            begun = next(
                (step.inputs[:count] for count in range(len(step.inputs), 1, -1) if step.inputs[:count] in known), None
            )
            known[step.inputs] = step.outputs[0]
            if begun:
                parent.children[number] = replace(step, inputs=(known[begun], *step.inputs[len(begun) :]))


def _sink(parent: Scope, scopes: Sequence[Scope]) -> None:
    """Move each concatenation of a block's input with its output into the block."""
    for step in [*parent.children]:
        if not (isinstance(step, Step) and step.op.name == "concat" and len(step.inputs) == 2):
            continue
        taken, given = step.inputs
        block = next((scope for scope in scopes if given in _made(scope)), None)
        readers = sum(given in _read(child) for child in parent.children)
        if block and readers == 1 and taken in _read(block):
            parent.children.remove(step)
            block.children.append(step)


def _made(scope: Scope) -> set[Value]:
    return {value for step in _steps(scope) for value in step.outputs}


def _read(node: Scope | Step) -> set[Value]:
    return {value for step in _steps(node) for value in step.inputs}


def _steps(node: Scope | Step) -> Iterator[Step]:
    """The steps inside a node, itself where it is one."""
    if isinstance(node, Step):
        yield node
    else:
        for child in node.children:
            yield from _steps(child)
