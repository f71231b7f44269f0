"""The channels of a block's input, which its expressions see without a param for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archspec.graph.model import Block
from archspec.importing.page.scalars import Tree, Word
from archspec.ops.shapes import is_plain, known

CHANNELS, FEATURES = "input.channels", "input.features"
_NAMES = {CHANNELS: "channels", FEATURES: "features"}


def channels_seen(blocks: Sequence[Block]) -> Mapping[str, Sequence[int]]:
    """The channels of the input of each of several blocks; of rows of vectors, their features."""
    shapes = [block.input_shapes[0] for block in blocks if len(block.input_shapes) == 1]
    if len(shapes) < len(blocks) or not all(is_plain(shape) and shape and known(*shape) for shape in shapes):
        return {}
    rows = len(shapes[0]) == 2
    if any((len(shape) == 2) != rows for shape in shapes):
        return {}
    return {FEATURES: [shape[-1] for shape in shapes]} if rows else {CHANNELS: [shape[0] for shape in shapes]}


def with_let(parts: dict[str, Tree]) -> dict[str, Tree]:
    """A block's parts, with a name of its own for its input's channels where a graph inside it reads them.

    There `input` is that graph's own.
    """
    for seen, name in _NAMES.items():
        if _reads(parts, seen, inside=-1):
            taken = re.compile(rf"\b{re.escape(seen)}\b")
            return {Word("let"): {Word(name): Word(seen)}, **_renamed(parts, taken, name)}
    return parts


def _reads(tree: Tree, seen: str, inside: int) -> bool:
    """Whether a graph inside the block's own reads what is seen of the input."""
    if isinstance(tree, Word):
        return inside > 0 and seen in tree
    if isinstance(tree, dict):
        return any(_reads(value, seen, inside + (name == "graph")) for name, value in tree.items())
    graph = bool(tree) and any(isinstance(each, dict) for each in tree)
    return any(_reads(each, seen, inside + graph) for each in tree)


def _renamed(tree: Tree, taken: re.Pattern[str], name: str) -> Tree:
    if isinstance(tree, Word):
        return Word(taken.sub(name, tree))
    if isinstance(tree, dict):
        return {key: _renamed(value, taken, name) for key, value in tree.items()}
    return [_renamed(each, taken, name) for each in tree]
