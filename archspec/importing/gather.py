"""Gather: steps → a graph, in which the steps of a module's call stand in a block named by its class.

Before: steps inside `layer1.0`, a `BasicBlock`: conv1, bn1, relu, conv2, bn2, add, relu.
After:  a block `layer1` with a block `0` of kind `basic_block` in it, whose inputs are the values from outside that its
steps take, and whose results are those of its values that are taken outside.

A container without a `forward` of its own, such as an `nn.ModuleList`, is a block too: its items' names lie in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec.structs import replace
from torch import nn

from archspec.graph.model import ENCLOSING, Block, Counts, Graph, Leaf, NodeType, Ref, Result
from archspec.importing.calls import Frame, Trace, Value
from archspec.importing.name import Step, Steps
from archspec.language.identifiers import class_name
from archspec.language.source import Source, Span
from archspec.ops import lifting
from archspec.ops.shapes import product

CONTAINERS = (nn.Sequential, nn.ModuleList, nn.ModuleDict)
"""Classes that say nothing of what is in them."""


class GatherError(Exception):
    """Modules that cannot be blocks as they were called; the message says which and why."""


class Scope:
    """A block that is being gathered: the values from outside that it takes, and its own that are taken outside."""

    def __init__(self, path: str, parent: Scope | None, module: nn.Module | None) -> None:
        self.path, self.parent, self.module = path, parent, module
        self.children: list[Scope | Step] = []
        self.inputs: dict[Value, None] = {}
        self.outputs: dict[Value, None] = {}

    @property
    def chain(self) -> list[Scope]:
        """The scopes around it from the root, itself the last."""
        return [*(self.parent.chain if self.parent else ()), self]


def gather(steps: Steps, name: str, title: str | None = None) -> Graph:
    """The graph of a network's steps; raises `GatherError` where a module's calls lie too far apart to be one block."""
    trace = steps.trace
    root = _scoped(steps)
    _route(root, trace)
    made = _Maker(trace).block(root, "", "", (), tuple(trace.outputs))
    return Graph(
        name=name,
        title=title or type(trace.module).__name__,
        document=name,
        variant=None,
        settings={},
        root=replace(made, input_names=tuple(trace.inputs)),
        initialisers=(),
    )


def _scoped(steps: Steps) -> Scope:
    """The tree of scopes, each with its steps and scopes in the order in which they began."""
    root = Scope("", None, steps.trace.module)
    scopes: dict[tuple[str, ...], Scope] = {(): root}
    for step in steps.steps:
        scope, key = root, ()
        for path, frame in _levels(step):
            key = (*key, frame.key if frame else path)
            if key not in scopes:
                module = frame.module if frame else steps.trace.module.get_submodule(path)
                scopes[key] = Scope(path, scope, module)
                scope.children.append(scopes[key])
            scope = scopes[key]
        scope.children.append(step)
    return root


def _levels(step: Step) -> Iterator[tuple[str, Frame | None]]:
    """The address and call of each block around a step; a container that was not called itself has no call."""
    path = ""
    for frame in step.frames:
        if frame.path:
            yield from ((each, None) for each in _between(path, frame.path))
            yield frame.path, frame
        path = frame.path
    if step.path is not None:
        yield from ((each, None) for each in _between(path, step.path))


def _between(outer: str, inner: str) -> Iterator[str]:
    """The addresses of the containers between a module and one inside it.

    >>> list(_between("encoder", "encoder.layers.0"))
    ['encoder.layers']
    """
    own = _below(outer, inner).split(".")
    for count in range(1, len(own)):
        yield ".".join([*([outer] if outer else []), *own[:count]])


def _below(outer: str, inner: str) -> str:
    """An address inside a module, as seen from there."""
    if not outer:
        return inner
    if not inner.startswith(f"{outer}."):
        raise GatherError(f"`{inner}` is called inside `{outer}`, of which it is no part")
    return inner[len(outer) + 1 :]


def _route(root: Scope, trace: Trace) -> None:
    """Let each value that is taken outside of its block leave it, and enter those that it is taken in."""
    homes: dict[Value, Scope] = dict.fromkeys(trace.inputs.values(), root)
    root.inputs = dict.fromkeys(trace.inputs.values())
    for scope, step in _steps(root):
        homes |= dict.fromkeys(step.outputs, scope)
    for scope, step in _steps(root):
        for value in step.inputs:
            _lead(value, homes, scope)
    for value in trace.outputs.values():
        _lead(value, homes, root)
        root.outputs[value] = None


def _steps(scope: Scope) -> Iterator[tuple[Scope, Step]]:
    for child in scope.children:
        if isinstance(child, Scope):
            yield from _steps(child)
        else:
            yield scope, child


def _lead(value: Value, homes: dict[Value, Scope], to: Scope) -> None:
    """Let a value leave the scopes that do not hold `to`, and enter those between it and `to`."""
    if value not in homes:
        raise GatherError(f"`{value.name}` is taken but never made")
    one, other = homes[value].chain, to.chain
    common = sum(1 for a, b in zip(one, other) if a is b)
    for scope in one[common:]:
        scope.outputs[value] = None
    for scope in other[common:]:
        scope.inputs[value] = None


class _Maker:
    """Makes blocks and leaves of scopes and steps."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        source = Source(type(trace.module).__name__, "")
        self.span = Span(source, 1, 1, 1, 1)

    def block(
        self, scope: Scope, name: str, address: str, inputs: tuple[Ref, ...], results: Sequence[str | None] = ()
    ) -> Block:
        children, places = self._children(scope, address)
        names = results or ([None] if len(scope.outputs) == 1 else [f"out{at}" for at in range(len(scope.outputs))])
        refs = [_ref(value, places, scope) for value in scope.outputs]
        kind = _kind(scope)
        return Block(
            name=name,
            address=address,
            inputs=inputs,
            input_shapes=tuple(value.shape for value in scope.inputs),
            shapes=tuple(value.shape for value in scope.outputs),
            slot=(name,),
            span=self.span,
            training=False,
            frozen=False,
            tied=None,
            counts=Counts.of(children),
            kind=kind,
            title=class_name(type(scope.module).__name__) if kind else None,
            arguments={},
            numbered=bool(children) and [child.name for child in children] == [*map(str, range(len(children)))],
            input_names=_input_names(scope, {child.name for child in children}),
            children=tuple(children),
            results=tuple(Result(each, ref) for each, ref in zip(names, refs)),
        )

    def _children(self, scope: Scope, address: str) -> tuple[list[NodeType], dict[Value, Ref]]:
        children: list[NodeType] = []
        places: dict[Value, Ref] = {}
        for child, name in zip(scope.children, _names(scope)):
            inner = f"{address}.{name}" if address else name
            refs = tuple(_ref(value, places, scope) for value in child.inputs)
            made: NodeType
            if isinstance(child, Scope):
                made = self.block(child, name, inner, refs)
            else:
                made = self._leaf(child, name, inner, refs)
            places |= {value: Ref(len(children), number) for number, value in enumerate(child.outputs)}
            children.append(made)
        return children, places

    def _leaf(self, step: Step, name: str, address: str, inputs: tuple[Ref, ...]) -> Leaf:
        shapes = tuple(value.shape for value in step.inputs)
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
            training=False,
            frozen=False,
            tied=None,
            counts=Counts(params, 0, buffers, lifting.macs(step.op, shapes, outputs)),
            op=step.op,
        )


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
        name = own if own and own not in used else _free(own or child.op.name, taken | used)  # type: ignore[union-attr]
        used.add(name)
        names.append(name)
    return names


def _own_name(child: Scope | Step, scope: Scope) -> str | None:
    return None if child.path is None else _below(scope.path, child.path)


def _free(word: str, taken: set[str]) -> str:
    """A word, with the first number that makes it a name of its own."""
    if word not in taken:
        return word
    return next(name for number in range(2, len(taken) + 3) if (name := f"{word}_{number}") not in taken)


def _kind(scope: Scope) -> str | None:
    """The word for a block: its class's name in small letters; a container has none."""
    if scope.module is None or type(scope.module) in CONTAINERS:
        return None
    return snake(type(scope.module).__name__)


def snake(title: str) -> str:
    """The name of a class as a page writes it.

    >>> snake("BasicBlock"), snake("Conv2dNormActivation"), snake("MBConv")
    ('basic_block', 'conv2d_norm_activation', 'mb_conv')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", title.strip("_")).lower()


def _input_names(scope: Scope, taken: set[str]) -> tuple[str, ...]:
    words = ["x", "y", "z", "u", "v", "w"]
    names: list[str] = []
    for number in range(len(scope.inputs)):
        names.append(_free(words[number] if number < len(words) else "x", taken | set(names)))
    return tuple(names)
