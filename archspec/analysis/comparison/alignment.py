"""Which child of one block is which of another: the alignment with the most points that keeps the order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from archspec.analysis.comparison.likeness import Likeness
from archspec.graph.model import NodeType
from archspec.ops.shapes import Shape

MOST = 2_000_000
"""Pairs of children that are weighed; past it, children are paired by their names."""
FIRST = 1 << 20
"""So many times do the points of a pair with weights count: no pairs without weights outweigh it."""

Nodes = Sequence[NodeType]
Match = tuple[int, int]


def matches(old: Nodes, new: Nodes, likeness: Likeness) -> list[Match]:
    """The pairs of numbers of children that belong together, in the order of the new block.

    The order of both is kept, but for children that have the same name and sort elsewhere in the block.
    """
    start = _common(old, new, likeness)
    end = _common(old[start:][::-1], new[start:][::-1], likeness)
    before = [(number, number) for number in range(start)]
    after = [(len(old) - number, len(new) - number) for number in range(end, 0, -1)]
    rest_old, rest_new = range(start, len(old) - end), range(start, len(new) - end)
    weighed = len(rest_old) * len(rest_new) <= MOST
    middle = [
        (rest_old[i], rest_new[j])
        for i, j in (_weighed if weighed else _named)([old[i] for i in rest_old], [new[j] for j in rest_new], likeness)
    ]
    found = [*before, *middle, *after]
    return sorted([*found, *_reordered(old, new, found, likeness)], key=lambda match: match[1])


def same_inputs(old: NodeType, new: NodeType) -> dict[int, int]:
    """Which input of one node is which of another: those of one shape in order where there are more or fewer."""
    return _same_values(old.input_shapes, new.input_shapes)


def same_outputs(old: NodeType, new: NodeType) -> dict[int, int]:
    """Which output of one node is which of another, likewise."""
    return _same_values(old.shapes, new.shapes)


def _same_values(old: Sequence[Shape], new: Sequence[Shape]) -> dict[int, int]:
    if len(old) == len(new):
        return {number: number for number in range(len(new))}
    found = {
        match.a + at: match.b + at
        for match in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        for at in range(match.size)
    }
    left = (number for number in range(len(old)) if number not in found)
    free = (number for number in range(len(new)) if number not in found.values())
    return found | dict(zip(left, free))


def _common(old: Nodes, new: Nodes, likeness: Likeness) -> int:
    """How many children at the beginning are the same."""
    for number, (mine, theirs) in enumerate(zip(old, new)):
        if mine.name != theirs.name or likeness.form(mine) != likeness.form(theirs):
            return number
    return min(len(old), len(new))


def _weighed(old: Nodes, new: Nodes, likeness: Likeness) -> Iterator[Match]:
    """The alignment whose pairs have the most points; of several, the one that pairs first comes first."""
    scores = [[likeness.score(mine, theirs) * _weight(mine, theirs) for theirs in new] for mine in old]
    best = _best(scores, len(new))
    i = j = 0
    while i < len(old) and j < len(new):
        if scores[i][j] and best[i][j] == scores[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1


def _weight(old: NodeType, new: NodeType) -> int:
    return FIRST if old.counts.params and new.counts.params else 1


def _best(scores: Sequence[Sequence[int]], width: int) -> list[list[int]]:
    """For each two places, the most points that can be had from there on."""
    best = [[0] * (width + 1)]
    for row in reversed(scores):
        below, line = best[-1], [0] * (width + 1)
        for j in range(width - 1, -1, -1):
            paired = row[j] + below[j + 1] if row[j] else 0
            line[j] = max(paired, below[j], line[j + 1])
        best.append(line)
    return best[::-1]


def _named(old: Nodes, new: Nodes, likeness: Likeness) -> Iterator[Match]:
    places = {node.name: number for number, node in enumerate(new)}
    for number, node in enumerate(old):
        if node.name in places and likeness.score(node, new[places[node.name]]):
            yield number, places[node.name]


def _reordered(old: Nodes, new: Nodes, found: Sequence[Match], likeness: Likeness) -> Iterator[Match]:
    """Children left over that stand elsewhere in the other block, under the name that their author chose."""
    taken = {match[0] for match in found}, {match[1] for match in found}
    places = {node.name: number for number, node in enumerate(new) if number not in taken[1]}
    for number, node in enumerate(old):
        if number not in taken[0] and not node.name.isdigit() and node.name in places:
            yield number, places[node.name]
