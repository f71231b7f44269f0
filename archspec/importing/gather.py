"""Gather: steps → a graph, in which the steps of a module's call stand in a block named by its class.

Before: steps inside `layer1.0`, a `BasicBlock`: conv1, bn1, relu, conv2, bn2, add, relu.
After:  a block `layer1` with a block `0` of kind `basic_block` in it, whose inputs are the values from outside that its
steps take, and whose results are those of its values that are taken outside.

A container without a `forward` of its own, such as an `nn.ModuleList`, is a block too: its items' names lie in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace
from torch import nn

from archspec.elaborate.node_names import FORBIDDEN
from archspec.graph.model import ENCLOSING, Block, Counts, Graph, Leaf, NodeType, Ref, Result
from archspec.importing.between import absorb
from archspec.importing.calls import Trace, Value
from archspec.importing.modules import may_have_word
from archspec.importing.name import Step, Steps
from archspec.importing.regroup import regroup
from archspec.importing.scopes import GatherError, Scope, below, ordered, route, scoped
from archspec.importing.untangle import untangle
from archspec.language.identifiers import class_name, free, snake
from archspec.language.source import Source, Span
from archspec.ops import lifting
from archspec.ops.shapes import Shape, product

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Classes that say nothing of what is in them."""


def gather(steps: Steps, name: str, title: str | None = None) -> Graph:
    """The graph of a network's steps; raises `GatherError` where a module's calls lie too far apart to be one block."""
    trace = steps.trace
    root = scoped(steps)
    route(root, trace)
    regroup(root)
    route(root, trace)
    absorb(root)
    route(root, trace)
    untangle(root, trace)
    ordered(root)
    made = _Maker(trace).block(root, "", "", (), trace.outputs)
    return Graph(
        name=name,
        title=title or type(trace.module).__name__,
        document=name,
        variant=None,
        settings={},
        root=replace(made, input_names=tuple(trace.inputs), frozen=False),
    )


class _Maker:
    """Makes blocks and leaves of scopes and steps."""

    def __init__(self, trace: Trace) -> None:
        self.trains = {name: each.requires_grad for name, each in trace.module.named_parameters(remove_duplicate=False)}
        self.span = Span(Source(type(trace.module).__name__, ""), 1, 1, 1, 1)

    def block(
        self, scope: Scope, name: str, address: str, inputs: tuple[Ref, ...], results: Mapping[str | None, Value] = {}
    ) -> Block:
        children, places = self._children(scope, address)
        given = results or _results(scope)
        kind = _kind(scope)
        return Block(
            name=name,
            address=address,
            inputs=inputs,
            input_shapes=tuple(value.shape for value in scope.inputs),
            shapes=tuple(value.shape for value in given.values()),
            slot=(name,),
            span=self.span,
            training=bool(children) and all(child.training for child in children),
            frozen=_all_frozen(children),
            tied=None,
            counts=Counts.of(children),
            kind=kind,
            title=class_name(type(scope.module).__name__) if kind else None,
            arguments={},
            numbered=bool(children) and [child.name for child in children] == [*map(str, range(len(children)))],
            input_names=_input_names(scope, {child.name for child in children}),
            children=tuple(children),
            results=tuple(Result(each, _ref(value, places, scope)) for each, value in given.items()),
        )

    def _children(self, scope: Scope, address: str) -> tuple[list[NodeType], dict[Value, Ref]]:
        children: list[NodeType] = []
        places: dict[Value, Ref] = {}
        firsts: dict[str, int] = {}
        for child, name in zip(scope.children, _names(scope)):
            inner = f"{address}.{name}" if address else name
            refs = tuple(_ref(value, places, scope) for value in child.inputs)
            made: NodeType
            again = firsts.get(child.path) if child.path is not None else None
            if isinstance(child, Scope):
                made = self.block(child, name, children[again].address if again is not None else inner, refs)
            else:
                made = self._leaf(child, name, inner, refs)
            if again is not None:
                made = _once_more(made, again, inner)
            elif child.path is not None and (made.counts.params or made.counts.buffers):
                firsts[child.path] = len(children)
            places |= {value: Ref(len(children), number) for number, value in enumerate(child.outputs)}
            children.append(made)
        return children, places

    def _is_frozen(self, step: Step, path: str, shapes: tuple[Shape, ...]) -> bool:
        """Whether none of a layer's parameters trains; a parameter that a block holds itself is the layer."""
        keys = [path] if path in self.trains else [f"{path}.{name}" for name in step.op.parameters(*shapes)]
        return not any(self.trains.get(key, True) for key in keys)

    def _leaf(self, step: Step, name: str, address: str, inputs: tuple[Ref, ...]) -> Leaf:
        values = step.inputs
        if step.op.commutative and len(inputs) == 2 and inputs[0].child == ENCLOSING != inputs[1].child:
            inputs, values = inputs[::-1], values[::-1]  # what skips the others comes last
        shapes = tuple(value.shape for value in values)
        outputs = tuple(value.shape for value in step.outputs)
        params = sum(map(product, step.op.parameters(*shapes).values()))
        buffers = sum(map(product, step.op.buffers(*shapes).values()))
        return Leaf(
            name=name,
            address=address,
            inputs=inputs,
            input_shapes=shapes,
            shapes=outputs,
            slot=(name,),
            span=self.span,
            training=step.training,
            frozen=bool(params) and step.path is not None and self._is_frozen(step, step.path, shapes),
            tied=None,
            counts=Counts(params, 0, buffers, 0 if step.training else lifting.macs(step.op, shapes, outputs)),
            op=step.op,
        )


def _all_frozen(children: list[NodeType]) -> bool:
    """Whether nodes have parameters, none of which trains."""
    own = [child.frozen for child in children if child.counts.params]
    return bool(own) and all(own)


def _results(scope: Scope) -> dict[str | None, Value]:
    """What a block gives, by name where it is more than one value."""
    values = [*scope.outputs]
    return {None: values[0]} if len(values) == 1 else {f"out{number}": each for number, each in enumerate(values)}


def _once_more(node: NodeType, first: int, address: str) -> NodeType:
    """A module that was called before: its parameters are counted there."""
    return replace(node, tied=first, address=address, counts=Counts(macs=node.counts.macs))


def _ref(value: Value, places: dict[Value, Ref], scope: Scope) -> Ref:
    if value in places:
        return places[value]
    if value in scope.inputs:
        return Ref(ENCLOSING, list(scope.inputs).index(value))
    raise GatherError(f"parts of `{scope.path or 'the network'}` run before and after modules outside of it")


def _names(scope: Scope) -> list[str]:
    """The children's names: a module's own, and for a function that of its op, numbered where it is taken."""
    taken = {name for child in scope.children if (name := _own_name(child, scope))}
    names: list[str] = []
    used: set[str] = set()
    for child in scope.children:
        own = _own_name(child, scope)
        name = own if own and own not in used else free(own or child.op.name, taken | used | FORBIDDEN)  # type: ignore[union-attr]
        used.add(name)
        names.append(name)
    return names


def _own_name(child: Scope | Step, scope: Scope) -> str | None:
    return None if child.path is None else below(scope.path, child.path)


def _kind(scope: Scope) -> str | None:
    """The word for a block: its class's name in small letters; a container has none."""
    if scope.module is None or type(scope.module) in CONTAINERS:
        return None
    if not scope.called and may_have_word(scope.module):
        return None  # a layer that only lends its weights
    return snake(type(scope.module).__name__)


def _input_names(scope: Scope, taken: set[str]) -> tuple[str, ...]:
    words = ["x", "y", "z", "u", "v", "w"]
    names: list[str] = []
    for number in range(len(scope.inputs)):
        names.append(free(words[number] if number < len(words) else "x", taken | set(names)))
    return tuple(names)
