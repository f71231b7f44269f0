"""Plain chains: blocks whose order says how values flow.

A list of modules is a chain; with a sum in it, it is none:

>>> from archspec.elaborate.example import example
>>> from archspec.templates.module_calls import own_modules
>>> [is_chain(example(text).root, own_modules()) for text in ('[relu, tanh]', '[relu, {add: [previous, input]}]')]
[True, False]
"""

from __future__ import annotations

from archspec.graph.model import ENCLOSING, Block, NodeType, Ref
from archspec.templates.module_calls import ModuleOf


def is_chain(block: Block, module_of: ModuleOf) -> bool:
    """Whether every child is a module that takes what the one before it gives, and the last gives the result."""
    if len(block.input_names) != 1 or len(block.results) != 1:
        return False
    if not all(_is_link(child, module_of) and "." not in child.name for child in block.children):
        return False
    if block.numbered and [child.name for child in block.children] != [str(i) for i in range(len(block.children))]:
        return False
    values = [Ref(ENCLOSING), *(Ref(index) for index in range(len(block.children)))]
    wired = all(child.inputs == (before,) for child, before in zip(block.children, values))
    return wired and block.results[0].ref == values[-1]


def _is_link(child: NodeType, module_of: ModuleOf) -> bool:
    if child.training or child.tied is not None or len(child.shapes) != 1:
        return False
    return isinstance(child, Block) or (module_of(child) is not None and child.op.bare)
