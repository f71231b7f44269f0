"""A source map: for which node each line of a generated file is written, and the lines of every node."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec import Struct, field

from archspec.codegen.formatting import keys_of
from archspec.graph.model import Block, Graph
from archspec.templates import Chain, Expression, Folding, Template

Lines: TypeAlias = tuple[int, int]
"""The first and the last line, counted from 1."""
Slot: TypeAlias = tuple[Hashable, ...]


def written(template: Template) -> Hashable:
    """The key of a template's class."""
    return "class", id(template)


def made(template: Template, number: int) -> Hashable:
    """The key of what makes the module of a template's child; that of a link of a chain is its `id`."""
    return "made", id(template), number


def called(template: Template, number: int) -> Hashable:
    """The key of what runs a template's child."""
    return "called", id(template), number


def spans(lines: Iterable[str]) -> dict[Hashable, Lines]:
    """The first and the last line of each key."""
    found: dict[Hashable, Lines] = {}
    for number, line in enumerate(lines, 1):
        for key in keys_of(line):
            found[key] = found.get(key, (number, number))[0], number
    return found


class Place(Struct, frozen=True):
    """The lines of a child, and where it is a chain written in place, those of its own children."""

    lines: tuple[Lines, ...]
    inner: Mapping[Slot, Place] = field(default_factory=dict)


def node_lines(graph: Graph, folding: Folding, found: Mapping[Hashable, Lines]) -> dict[str, tuple[Lines, ...]]:
    """The lines of every node by its address: those that make its module, and those that call it.

    The root's are its class. Where a node's own lines are not told apart, it has those around it.
    """
    of_block = {
        id(block): dict(_children(template, found)) for template in folding.templates for block in template.instances
    }
    lines: dict[str, tuple[Lines, ...]] = {"": (found[written(folding.root)],)}

    def walk(block: Block, around: Place) -> None:
        inside = of_block.get(id(block), around.inner)
        for child in block.children:
            place = inside.get(child.slot, Place(around.lines))
            lines.setdefault(child.address, place.lines)
            if isinstance(child, Block) and child.tied is None:
                walk(child, place)

    walk(graph.root, Place(lines[""]))
    return lines


def _children(template: Template, found: Mapping[Hashable, Lines]) -> Iterator[tuple[Slot, Place]]:
    """The place of each child of a template in its class."""
    for number, child in enumerate(template.children):
        owner = number if child.tied is None else child.tied
        keys = made(template, owner), called(template, number)
        lines = tuple(found[key] for key in keys if key in found)
        yield child.node.slot, Place(lines or (found[written(template)],), dict(_links(child.maker, found)))


def _links(maker: Expression | None, found: Mapping[Hashable, Lines]) -> Iterator[tuple[Slot, Place]]:
    """The places of a chain's links within the expression that makes it."""
    for link in maker.links if isinstance(maker, Chain) else ():
        if id(link) in found:
            yield link.slot, Place((found[id(link)],), dict(_links(link.value, found)))
