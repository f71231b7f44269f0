"""Scopes: the steps of each module's call together, with the values that enter and leave."""

from __future__ import annotations

from collections.abc import Iterator

from torch import nn

from archspec.importing.calls import Frame, Trace, Value
from archspec.importing.name import Step, Steps


class GatherError(Exception):
    """Modules that cannot be blocks as they were called; the message says which and why."""


class Scope:
    """A block that is being gathered: the values from outside that it takes, and its own that are taken outside.

    `called` is false of a container whose items are called by the block around it.
    """

    def __init__(self, path: str, parent: Scope | None, module: nn.Module | None, called: bool = True) -> None:
        self.path, self.parent, self.module, self.called = path, parent, module, called
        self.children: list[Scope | Step] = []
        self.inputs: dict[Value, None] = {}
        self.outputs: dict[Value, None] = {}

    @property
    def chain(self) -> list[Scope]:
        """The scopes around it from the root, itself the last."""
        return [*(self.parent.chain if self.parent else ()), self]


def scoped(steps: Steps) -> Scope:
    """The tree of scopes, each with its steps and scopes in the order in which they began."""
    root = Scope("", None, steps.trace.module)
    scopes: dict[tuple[str, ...], Scope] = {(): root}
    for step in steps.steps:
        scope: Scope = root
        key: tuple[str, ...] = ()
        for path, frame in _levels(step):
            key = (*key, frame.key if frame else path)
            if key not in scopes:
                module = frame.module if frame else steps.trace.module.get_submodule(path)
                scopes[key] = Scope(path, scope, module, frame is not None)
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
    own = below(outer, inner).split(".")
    for count in range(1, len(own)):
        yield ".".join([*([outer] if outer else []), *own[:count]])


def below(outer: str, inner: str) -> str:
    """An address inside a module, as seen from there."""
    if not outer:
        return inner
    if not inner.startswith(f"{outer}."):
        raise GatherError(f"`{inner}` is called inside `{outer}`, of which it is no part")
    return inner[len(outer) + 1 :]


def route(root: Scope, trace: Trace) -> None:
    """Let each value that is taken outside of its block leave it, and enter those that it is taken in."""
    for scope in {each for each, _ in _steps(root)}:
        for each in scope.chain:
            each.inputs, each.outputs = {}, {}
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
    for child in root.children:
        _give_something(child)


def _give_something(node: Scope | Step) -> None:
    """Let a block that nobody takes anything of give its last value, as every block does."""
    if isinstance(node, Scope):
        for child in node.children:
            _give_something(child)
        node.outputs = node.outputs or dict.fromkeys([*node.children[-1].outputs][-1:])


def ordered(root: Scope) -> None:
    """Let each child stand behind those that it takes from, and else where it stands; the values are routed already."""
    for child in root.children:
        if isinstance(child, Scope):
            ordered(child)
    waiting = [*root.children]
    made = {value for child in waiting for value in child.outputs}
    root.children = []
    while waiting:
        ready = next((child for child in waiting if made.isdisjoint(child.inputs)), None)
        if ready is None:
            raise GatherError(f"parts of `{root.path or 'the network'}` run before and after modules outside of it")
        waiting.remove(ready)
        made.difference_update(ready.outputs)
        root.children.append(ready)


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
