"""Untangle: containers whose items take turns with those of others → items of the block around them.

Before: `convs.0 → norms.0 → convs.1 → norms.1`, where `convs` and `norms` are lists, neither of which could run first.
After:  the nodes `convs.0`, `norms.0`, `convs.1`, `norms.1` of the block around, whose names have the lists' in them.
"""

from __future__ import annotations

from archspec.importing.between import reached
from archspec.importing.calls import Trace
from archspec.importing.scopes import Scope, route


def untangle(root: Scope, trace: Trace) -> None:
    """Open such containers in all blocks, until none is left; the values are routed already."""
    while tangled := _tangled(root):
        for container in tangled:
            _open(container)
        route(root, trace)


def _tangled(scope: Scope) -> list[Scope]:
    """The containers in a block, and in all inside, that take of what they give, by others."""
    makers = {value: child for child in scope.children for value in child.outputs}
    inner = [child for child in scope.children if isinstance(child, Scope)]
    own = [child for child in inner if not child.called and any(each is child for each in reached(child, makers))]
    return own + [each for child in inner if child not in own for each in _tangled(child)]


def _open(container: Scope) -> None:
    parent = container.parent
    assert parent is not None
    at = parent.children.index(container)
    parent.children[at : at + 1] = container.children
    for child in container.children:
        if isinstance(child, Scope):
            child.parent = parent
