"""What a standard block would have to be called with to be a block, and whether it is it then.

A param that stands alone where a layer's field is asked for is what the block's layer has there; of those that nothing
says, the default is tried, and some sizes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product
from typing import Any, NamedTuple

from archspec.elaborate.example import example
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.graph.fingerprint import form
from archspec.graph.model import Block, Leaf, inside
from archspec.graph.same_values import SameValues
from archspec.importing.page.layout import flow
from archspec.importing.page.scalars import Tree, Word, value_tree
from archspec.language.diagnostics import SpecError
from archspec.language.params import Param
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import plain
from archspec.ops import ops
from archspec.ops.base import REQUIRED
from archspec.ops.shapes import is_plain, known

TRIES = 24
"""So many calls of one standard block are tried for a block."""


class Found(NamedTuple):
    """A standard block's name, the arguments that must be given, and all that hold then."""

    name: str
    given: Mapping[str, Any]
    arguments: Mapping[str, Any]


def candidates(block: Block) -> Iterator[str]:
    """The standard blocks that have a place for each child that holds tensors."""
    held = {child.name for child in block.children if child.counts.params or child.counts.buffers}
    for name in sorted(standard_names()):
        names = _nodes(name)
        optional = standard_block(name).optional
        inputs = len(standard_block(name).inputs)
        fits = inputs - optional <= len(block.input_shapes) <= inputs
        if fits and held <= set(names) and _layers(name) <= held and bool(held) == _holds(name):
            yield name


@cache
def _nodes(name: str) -> dict[str, Any]:
    """The nodes of a standard block by name, as they are written."""
    page: Any = plain(parse(standard_block(name).source))
    return _by_name(page["graph"])


def _by_name(graph: Any) -> dict[str, Any]:
    """The nodes of a graph, those of groups and branches in it among them."""
    named: dict[str, Any] = {}
    for name, node in enumerate(graph) if isinstance(graph, list) else graph.items() if isinstance(graph, dict) else ():
        inner = [value for key, value in node.items() if key in JOINED] if isinstance(node, dict) else []
        named[str(name)] = node
        for each in inner:
            named |= _by_name(each) if isinstance(each, dict) else {}
    return named


JOINED = ("nodes", "concat", "add", "mul", "matmul")
"""The words under which nodes of the graph around stand."""


LAYERS = frozenset({"conv", "linear", "batch_norm", "layer_norm", "multihead_attention", "conv_transpose"})
"""Ops that hold tensors, whatever their fields are."""


MOST_COPIES = 9
"""So many copies of a node in a standard block are tried, and less."""


@cache
def _counts(name: str) -> set[str]:
    """The params of a standard block that say how many copies of a node there are."""
    return set(re.findall(r"repeat: (\w+)", standard_block(name).source.text))


@cache
def _layers(name: str) -> set[str]:
    """The nodes of a standard block that hold tensors in every call."""
    nodes = {key: node if isinstance(node, dict) else {str(node): None} for key, node in _nodes(name).items()}
    kept = {key for key, node in nodes.items() if isinstance(node, dict) and LAYERS & set(map(str, node))}
    return {key for key in kept if "when" not in nodes[key] and not _switched(name, key)}


def _switched(name: str, node: str) -> bool:
    """Whether a node stands in a group that may be switched off."""
    groups = [each for each in _nodes(name).values() if isinstance(each, dict) and "when" in each]
    return any(node in _by_name(each.get("nodes")) for each in groups)


@cache
def _holds(name: str) -> bool:
    """Whether a standard block holds tensors."""
    return bool((LAYERS | {"use"} | standard_names()) & {*_words(_nodes(name))})


def _words(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield str(key)
            yield from _words(value)
    elif isinstance(node, list):
        for each in node:
            yield from _words(each)
    elif isinstance(node, str):
        yield node


def match(name: str, block: Block, renames: bool) -> Found | None:
    """The arguments with which a standard block is this block."""
    if not all(is_plain(shape) and known(*shape) for shape in block.input_shapes):
        return None
    values = SameValues()
    wanted = values.of(block)
    for given in islice(_guesses(name, block), TRIES):
        made = _made(*_texts(name, given, block)) if _is_plain_call(given) else None
        if made is None or made.shapes != block.shapes or values.of(made) != wanted:
            continue
        if renames or _forms(made) == _forms(block):
            return Found(name, given, made.arguments)
    return None


def _forms(block: Block) -> list[Any]:
    """All that a fingerprint knows of the nodes inside a block, under their addresses in it."""
    start = len(block.address)
    return [(node.address[start:], *form(node)[1:]) for node in inside(block)]


def _is_plain_call(given: Mapping[str, Any]) -> bool:
    return all(isinstance(value, (int, float, str, bool, tuple)) for value in given.values())


def _texts(name: str, given: Mapping[str, Any], block: Block) -> tuple[str, str]:
    """The graph and the input of a page that calls a standard block on inputs such as a block has."""
    names = [f"x{number}" for number in range(len(block.input_shapes))]
    call: Tree = {Word(name): Word("")} | {Word(each): value_tree(value) for each, value in given.items()}
    taken = {Word("from"): [*map(Word, names)] if len(names) > 1 else Word(names[0])}
    inputs = {Word(each): value_tree(tuple(shape)) for each, shape in zip(names, block.input_shapes)}
    return flow({Word("it"): call | taken}), flow(inputs)


@cache
def _made(graph: str, inputs: str) -> Block | None:
    """The one block of a page; `None` where it cannot be."""
    try:
        (made,) = example(graph, inputs).root.children
    except SpecError:
        return None
    return made if isinstance(made, Block) else None


def _guesses(name: str, block: Block) -> Iterator[dict[str, Any]]:
    """Calls that may be the block: what its layers say of a param, and of the others the default or some size."""
    said = _said(name, block)
    choices: list[list[Choice]] = []
    for param in standard_block(name).params.values():
        values: list[Any] = [*dict.fromkeys(said.get(param.name, ()))]
        if param.name in _counts(name):
            values = [*range(1, MOST_COPIES)]
        elif param.type == "op" and not values:
            values = [*dict.fromkeys(leaf.op.name for leaf in _leaves(block) if leaf.op.kind == "activation")]
        elif param.required and not values:
            values = _sizes(block)
        elif param.type == "bool" and not values:
            default = default_of(param)
            values = [not default] if isinstance(default, bool) else []
        elif param.type in ("int", "float") and not values:
            values = _ratios(block)
        given: list[Choice] = [(param.name, value) for value in values]
        left_out: list[Choice] = [] if param.required else [None]
        first = param.name in said and default_of(param) is not REQUIRED
        choices.append([*given, *left_out] if first else [*left_out, *given])
    for chosen in _nearest(choices):
        yield dict(each for each in chosen if each is not None)


Choice = tuple[str, Any] | None


def _nearest(choices: Sequence[Sequence[Choice]]) -> Iterator[tuple[Choice, ...]]:
    """Picks of one of each: first those of what must be given, all else as it likely is, then one thing otherwise."""
    first = [each if None not in each else each[:1] for each in choices]
    yield from product(*first)
    for place, each in enumerate(choices):
        if len(each) > len(first[place]):
            yield from product(*first[:place], each[1:], *first[place + 1 :])


def _sizes(block: Block) -> list[int]:
    """The widths of a block's layers, and of them the half and the quarter."""
    widths = [getattr(leaf.op, leaf.op.main) for leaf in _leaves(block) if leaf.op.weighted and leaf.op.main]
    whole = [width for width in widths if isinstance(width, int)]
    return [*dict.fromkeys(width // part for part in (1, 2, 4) for width in whole if width >= part)]


def _ratios(block: Block) -> list[int]:
    """How many times as wide as the input the layers are."""
    arriving = block.input_shapes[0][0] if block.input_shapes[0] else 0
    return [width // arriving for width in _sizes(block) if arriving and width % arriving == 0 and width > arriving]


def _leaves(block: Block) -> Iterator[Leaf]:
    return (node for node in inside(block) if isinstance(node, Leaf))


def _said(name: str, block: Block) -> dict[str, list[Any]]:
    """What a block's layers have where the standard block's have a param alone."""
    params = standard_block(name).params
    said: dict[str, list[Any]] = defaultdict(list)

    def read(nodes: Mapping[str, Any], around: Block) -> None:
        for child in around.children:
            node = nodes.get(child.name)
            if isinstance(child, Block) and (inner := _inner(node, child)):
                for field, value in inner:
                    if isinstance(value, str) and value in params:
                        said[value].append(field)
            elif isinstance(child, Block):
                read(_by_name(node.get("graph") if isinstance(node, dict) else node), child)
            elif isinstance(node, dict):
                for field, value in node.items():
                    own = child.op.main if field == child.op.name else field
                    if isinstance(value, str) and value in params and own and hasattr(child.op, own):
                        said[value].append(getattr(child.op, own))

    read(_nodes(name), block)
    return said


def _inner(node: Any, block: Block) -> list[tuple[Any, Any]]:
    """For a block that is to be a standard one in a standard one: what each param has there, and what is written."""
    called = next((key for key in node if key in standard_names()), None) if isinstance(node, dict) else None
    found = match(called, block, True) if called else None
    if found is None:
        return []
    first = next(iter(found.arguments), "")
    return [
        (found.arguments[key], value) for key, value in {first: node[called], **node}.items() if key in found.arguments
    ]


def default_of(param: Param) -> Any:
    """A param's default; `REQUIRED` where it has none, or one that follows from other params."""
    default = None if param.default is None else plain(param.default)
    follows = isinstance(default, str) and default not in ops()
    return REQUIRED if default is None or follows else default
