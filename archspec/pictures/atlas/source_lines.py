"""Where each node stands in the generated source: the lines that make its module, and those that call it.

The source is parsed, not traced: its classes are read beside the templates that they were written from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct, field

from archspec.codegen.inplace import with_inplace
from archspec.graph.model import Block, Graph
from archspec.pictures.atlas.read_constructors import Built, Constructor
from archspec.pictures.atlas.read_forwards import calls
from archspec.templates import Chain, Child, Expression, Template, fold

Lines: TypeAlias = tuple[int, int]
"""The first and the last line, counted from 1."""

Slot: TypeAlias = tuple[Any, ...]


class Place(Struct, frozen=True):
    """The lines of a child, and where it is a chain written in place, those of its own children."""

    lines: tuple[Lines, ...]
    inner: Mapping[Slot, Place] = field(default_factory=dict)


def source_lines(graph: Graph, text: str) -> dict[str, tuple[Lines, ...]]:
    """The lines of every node by its address, in the source that the PyTorch backend writes of the graph.

    The root's are its class. Where a node's own lines are not told apart, it has those around it.
    """
    templates = fold(graph, with_inplace(graph)).templates
    written = [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef)][-len(templates) :]
    places = {id(template): dict(_children(template, each)) for template, each in zip(templates, written)}
    of_block = {id(block): places[id(template)] for template in templates for block in template.instances}
    found: dict[str, tuple[Lines, ...]] = {"": (_span(written[-1]),)}

    def walk(block: Block, around: Place) -> None:
        inside = of_block.get(id(block), around.inner)
        for child in block.children:
            place = inside.get(child.slot, Place(around.lines))
            found.setdefault(child.address, place.lines)
            if isinstance(child, Block) and child.tied is None:
                walk(child, place)

    walk(graph.root, Place(found[""]))
    return found


def _children(template: Template, written: ast.ClassDef) -> Iterator[tuple[Slot, Place]]:
    """The place of each child of a template in its class."""
    methods = {each.name: each for each in written.body if isinstance(each, ast.FunctionDef)}
    constructor = Constructor(methods["__init__"])
    made = _made(template, constructor)
    called = calls(template, methods["forward"]) if "forward" in methods else {}
    for number, child in enumerate(template.children):
        own = made.get(number if child.tied is None else child.tied)
        lines = [_span(own.statement)] if own else []
        lines += [_span(called[number])] if number in called else []
        inner = dict(_links(child.maker, own.value, constructor)) if own else {}
        yield child.node.slot, Place(tuple(lines) or (_span(written),), inner)


def _made(template: Template, constructor: Constructor) -> Mapping[int, Built]:
    """What makes each child's module, by its number: an attribute or key of its name, else an item of the sequence."""
    named = {
        number: constructor.named[child.node.name]
        for number, child in enumerate(template.children)
        if child.node.name in constructor.named
    }
    numbers = [number for number, child in enumerate(template.children) if _has_module(child)]
    items = constructor.sequence
    return named or (dict(zip(numbers, items)) if len(items) == len(numbers) else {})


def _has_module(child: Child) -> bool:
    return child.maker is not None and child.tied is None


def _links(maker: Expression | None, value: ast.expr, constructor: Constructor) -> Iterator[tuple[Slot, Place]]:
    """The places of a chain's links within the expression that makes it."""
    if not isinstance(maker, Chain):
        return
    items: Sequence[Built] = constructor.items(value)
    if len(items) == len(maker.links):
        for link, item in zip(maker.links, items):
            yield link.slot, Place((_span(item.statement),), dict(_links(link.value, item.value, constructor)))


def _span(node: ast.stmt | ast.expr) -> Lines:
    return node.lineno, node.end_lineno or node.lineno
