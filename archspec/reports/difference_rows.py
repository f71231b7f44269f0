"""A comparison → the rows of its table: neighbours to which the same happened stand in one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from msgspec import Struct

from archspec.analysis.comparison import Change, Comparison, Pair, Status
from archspec.analysis.state_dict import key
from archspec.graph.labels import node_words
from archspec.graph.model import Counts, Leaf, NodeType
from archspec.ops.shapes import Shape


class DifferenceRow(Struct, frozen=True):
    """One pair of nodes, or several neighbours: `times` of one form, or `resting` ones that nothing happened to.

    `counts` are those of all of them together in the old and in the new graph, and `weights` how many of the tensors
    there carry over, are misshapen, missing or extra.
    """

    status: Status
    name: str
    indent: int
    times: int
    resting: int
    what: str
    changes: tuple[Change, ...]
    shapes: tuple[tuple[Shape, ...] | None, tuple[Shape, ...] | None]
    counts: tuple[Counts | None, Counts | None]
    weights: Weights


class Weights(Struct, frozen=True):
    """How many tensors carry over, are misshapen, missing and extra."""

    fitting: int = 0
    misshapen: int = 0
    missing: int = 0
    extra: int = 0

    def __add__(self, other: Weights) -> Weights:
        sums = (mine + theirs for mine, theirs in zip(self.numbers, other.numbers))
        return Weights(*sums)

    @property
    def numbers(self) -> tuple[int, int, int, int]:
        return self.fitting, self.misshapen, self.missing, self.extra

    def __str__(self) -> str:
        words = [
            (number, word)
            for number, word in zip(self.numbers, ("carry over", "misshapen", "missing", "extra"))
            if number
        ]
        if len(words) == 1:
            return words[0][1]
        return ", ".join(f"{number} {word}" for number, word in words)


class RowMaker:
    """Makes the rows of one comparison, `depth` levels of blocks open."""

    def __init__(self, comparison: Comparison, depth: int | None) -> None:
        self._depth, weights = depth, comparison.weights
        self._fate: dict[str, Weights] = {
            **dict.fromkeys(weights.fitting, Weights(fitting=1)),
            **dict.fromkeys(weights.misshapen, Weights(misshapen=1)),
            **dict.fromkeys(weights.missing, Weights(missing=1)),
        }
        self._extra = dict.fromkeys(weights.extra, Weights(extra=1))

    def inside(self, pair: Pair, indent: int) -> Iterator[DifferenceRow]:
        for _, run in groupby(pair.children, key=_happened):
            group = list(run)
            yield self._row(group, indent)
            opened = self._depth is None or indent + 1 < self._depth
            if group[0].status == "changed" and opened:
                yield from self.inside(group[0], indent + 1)

    def _row(self, group: Sequence[Pair], indent: int) -> DifferenceRow:
        first, last = group[0], group[-1]
        resting = len(group) if first.status in ("unchanged", "moved") and len(group) > 1 else 0
        return DifferenceRow(
            status=first.status,
            name=_names(group),
            indent=indent,
            times=1 if resting else len(group),
            resting=resting,
            what="" if resting else node_words(first.node),
            changes=first.own_changes,
            shapes=(last.old.shapes if last.old else None, last.new.shapes if last.new else None),
            counts=(_sum(pair.old for pair in group), _sum(pair.new for pair in group)),
            weights=sum((self._tally(pair) for pair in group), Weights()),
        )

    def _tally(self, pair: Pair) -> Weights:
        """What becomes of the tensors of a pair and of all inside, each counted where it is called first."""
        now = [self._fate[name] for name in _tensors(pair.new)]
        before = [self._extra[name] for name in _tensors(pair.old) if name in self._extra]
        return sum([*now, *before], Weights())


def _tensors(node: NodeType | None) -> Iterator[str]:
    """The state_dict's names of the tensors in a node, but for those of modules that were called before."""
    if node is None or node.tied is not None:
        return
    if isinstance(node, Leaf):
        yield from (key(node.address, name) for name in (*node.parameters, *node.buffers))
    else:
        for child in node.children:
            yield from _tensors(child)


def _happened(pair: Pair) -> object:
    """What neighbours that stand in one row have in common."""
    if pair.status in ("unchanged", "moved"):
        return pair.status == "moved"
    return pair.status, pair.forms, pair.changes, [child.status for child in pair.children]


def _sum(nodes: Any) -> Counts | None:
    found = [node for node in nodes if node is not None]
    return Counts.of(found) if found else None


def _names(group: Sequence[Pair]) -> str:
    old, new = (_span([node.name for node in nodes if node is not None]) for nodes in zip(*map(_both, group)))
    return old if new in ("", old) else new if not old else f"{old} → {new}"


def _both(pair: Pair) -> tuple[NodeType | None, NodeType | None]:
    return pair.old, pair.new


def _span(names: Sequence[str]) -> str:
    return "" if not names else names[0] if len(names) == 1 else f"{names[0]}…{names[-1]}"
