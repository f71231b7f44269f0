"""Between: functions that run between the items of a container → nodes of that container.

Before: `convs.0 → add → convs.1 → add → convs.2`, where `convs` is an `nn.ModuleList`, so that no block could hold it.
After:  a block `convs` of `0, add, 1, add_2, 2`. A function has no key of its own, and may stand anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archspec.importing.calls import Value
from archspec.importing.name import Step
from archspec.importing.scopes import Scope


def absorb(scope: Scope) -> None:
    """Move such functions into the containers of a block, and of all blocks inside; the values are routed already."""
    for child in [*scope.children]:
        if isinstance(child, Scope):
            absorb(child)
    for container in [child for child in scope.children if isinstance(child, Scope) and not child.called]:
        between = _between(container, scope.children)
        if all(isinstance(node, Step) and node.path is None for node in between):
            scope.children = [child for child in scope.children if child not in between]
            container.children += between


def _between(container: Scope, nodes: Iterable[Scope | Step]) -> list[Scope | Step]:
    """The nodes beside a container that take from it and give to it, by others too."""
    makers = {value: node for node in nodes for value in node.outputs}
    before = {id(node) for node in reached(container, makers)}
    return [node for node in nodes if node is not container and id(node) in before and _takes(node, container, makers)]


def _takes(node: Scope | Step, container: Scope, makers: Mapping[Value, Scope | Step]) -> bool:
    return any(each is container for each in reached(node, makers))


def reached(node: Scope | Step, makers: Mapping[Value, Scope | Step]) -> Iterator[Scope | Step]:
    """The nodes that a node takes from, and those that these take from."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        for value in waiting.pop().inputs:
            maker = makers.get(value)
            if maker is not None and id(maker) not in seen:
                seen.add(id(maker))
                waiting.append(maker)
                yield maker
