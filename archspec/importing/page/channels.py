"""The channels of a block's input, which its expressions see without a param for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archspec.graph.model import Block
from archspec.importing.page.scalars import Tree, Word
from archspec.ops.shapes import is_plain, known

CHANNELS, FEATURES = "input.channels", "input.features"
RANKS = 8
"""More dimensions than a value has."""


def channels_seen(blocks: Sequence[Block]) -> Mapping[str, Sequence[int]]:
    """The channels of the input of each of several blocks, and its other sizes.

    Of rows of vectors, and of maps whose channels come last, these are called features.
    """
    shapes = [block.input_shapes[0] for block in blocks if len(block.input_shapes) == 1]
    if len(shapes) < len(blocks) or not all(is_plain(shape) and shape and known(*shape) for shape in shapes):
        return {}
    ranks = {len(shape) for shape in shapes}
    if len(ranks) > 1:
        return {} if 2 in ranks else {CHANNELS: [shape[0] for shape in shapes]}
    rank = ranks.pop()
    last = rank == 2 or (rank == 3 and all(height == width != features for height, width, features in shapes))
    width = (FEATURES, rank - 1) if last else (CHANNELS, 0)
    others = ((f"input.shape[{at}]", at) for at in range(rank) if at != width[1])
    return {name: [shape[at] for shape in shapes] for name, at in (width, *others)}


def _inner_name(seen: str) -> str:
    """What a block calls a size of its input for the graphs inside it.

    >>> _inner_name("input.channels"), _inner_name("input.shape[0]")
    ('channels', 'size_0')
    """
    return seen.removeprefix("input.").replace("shape[", "size_").removesuffix("]")


def with_let(parts: dict[str, Tree]) -> dict[str, Tree]:
    """A block's parts, with a name of its own for its input's channels where a graph inside it reads them.

    There `input` is that graph's own.
    """
    let: dict[str, Tree] = {}
    for seen in (CHANNELS, FEATURES, *(f"input.shape[{at}]" for at in range(RANKS))):
        if _reads(parts, seen, inside=-1):
            name = _inner_name(seen)
            taken = re.compile(rf"(?<![\w.]){re.escape(seen)}(?!\w)")
            let[Word(name)] = Word(seen)
            parts = _renamed(parts, taken, name)
    return {Word("let"): let, **parts} if let else parts


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
        return type(tree)(taken.sub(name, tree))
    if isinstance(tree, dict):
        return {key: _renamed(value, taken, name) for key, value in tree.items()}
    return [_renamed(each, taken, name) for each in tree]
