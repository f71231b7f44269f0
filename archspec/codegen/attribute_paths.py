"""How a module at an address is reached in source."""

from __future__ import annotations

import json
from collections.abc import Callable

from archspec.codegen.module_access import access, first_is_attribute
from archspec.graph.model import Block, Graph, NodeType
from archspec.language.identifiers import is_attribute
from archspec.templates import Folding


def attribute_path(graph: Graph, folding: Folding) -> Callable[[str], str]:
    """The expression for the module at an address: `self.layer1[0].conv1`."""
    dictionaries = {
        id(block)
        for template in folding.templates
        for block in template.instances
        if not (template.chain and template.numbered)
    }

    def path(address: str) -> str:
        around: Block = graph.root
        text = "self"
        while address:
            node = _child(around, address)
            address = address[len(node.name) + 1 :]
            owner = node if node.tied is None else around.children[node.tied]
            text += _step(owner.name, id(around) in dictionaries, around.numbered)
            if isinstance(owner, Block):
                around = owner
        return text

    return path


def _child(block: Block, address: str) -> NodeType:
    """The child with which an address begins."""
    return next(child for child in block.children if f"{address}.".startswith(f"{child.name}."))


def _step(name: str, dictionary: bool, numbered: bool) -> str:
    if is_attribute(name):
        return f".{name}"
    if "." in name:
        return access(name, dictionary and not first_is_attribute(name)).removeprefix("self")
    if dictionary:
        return f"[{json.dumps(name)}]"
    return f"[{name}]" if numbered else f".get_submodule({json.dumps(name)})"
