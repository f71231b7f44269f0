"""What a comparison gives: pairs of nodes in a tree, each with its status; plain frozen data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from msgspec import Struct

from archspec.analysis.state_dict import TensorFit
from archspec.graph.model import Block, Graph, NodeType

Status: TypeAlias = Literal["unchanged", "moved", "changed", "added", "removed"]
"""What became of a node; `moved` is one that is the same under another address."""

FOLLOWING = frozenset({"input_shapes", "shapes", "params", "frozen_params", "buffers", "macs"})
"""What may change of a node because what comes before it, or what is inside it, changed."""

PASSING = frozenset({"input_shapes", "shapes", "macs"})
"""What changes of an op that does to values of other shapes what it did before."""

AROUND = frozenset({"block", "inputs", "outputs", "training", "frozen", "share"})
"""What changes of a block itself: its arguments are told by what is inside it."""


class Change(NamedTuple):
    """One thing that differs between two nodes, or two networks.

    `what` is a field or argument by its name, or `op`, `block`, `inputs`, `outputs`, `training`, `frozen`, `share`,
    `tie`, `parametrize`; of networks also `init`, or the `fingerprint` where nothing else tells them apart; or one of
    `FOLLOWING`.
    """

    what: str
    old: Any
    new: Any


class Pair(Struct, frozen=True, eq=False, dict=True):
    """A node of the old graph and what it is in the new one; `old` or `new` is `None` where there is none.

    `children` are the pairs inside, in the order of the new graph, with what was removed where it stood. `forms` are
    numbers, equal for nodes that differ in nothing but their place.
    """

    old: NodeType | None
    new: NodeType | None
    forms: tuple[int | None, int | None]
    changes: tuple[Change, ...] = ()
    children: tuple[Pair, ...] = ()

    @property
    def node(self) -> NodeType:
        """The new node, or the old one where it was removed."""
        node = self.new or self.old
        assert node is not None, "a pair holds at least one node"
        return node

    @property
    def own_changes(self) -> tuple[Change, ...]:
        """The changes that are the node's own, and do not merely follow from others."""
        return tuple(change for change in self.changes if change.what not in FOLLOWING)

    @cached_property
    def status(self) -> Status:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        if self.changes or any(child.status not in ("unchanged", "moved") for child in self.children):
            return "changed"
        if any(child.node.name != (child.old or child.node).name for child in self.children):
            return "changed"
        return "unchanged" if self.old.address == self.new.address else "moved"

    @cached_property
    def remade(self) -> bool:
        """Whether it was itself changed, or something in it: more than that it is given values of other shapes."""
        if self.old is None or self.new is None:
            return True
        if isinstance(self.old, Block) and isinstance(self.new, Block):
            own = {change.what for change in self.changes} & AROUND
            return bool(own) or any(child.remade for child in self.children)
        return any(change.what not in PASSING for change in self.changes)

    def walk(self) -> Iterator[Pair]:
        """This pair and all inside, each before those inside it."""
        pending = [self]
        while pending:
            pair = pending.pop()
            yield pair
            pending.extend(reversed(pair.children))


class Comparison(Struct, frozen=True, eq=False, dict=True):
    """All that differs between two graphs.

    `root` pairs the networks themselves, `settings` are the params of one document that differ, `weights` says how the
    old network's state_dict fits the new network, and `renamed` has the tensors of paired nodes that have another name
    there and the same shape, new name → old name. `opened` are the plain groups, each on one side alone, in whose place
    `root` has what they hold.
    """

    old: Graph
    new: Graph
    root: Pair
    settings: tuple[Change, ...]
    weights: TensorFit
    renamed: Mapping[str, str]
    opened: tuple[Pair, ...] = ()

    def walk(self) -> Iterator[Pair]:
        """Every pair but that of the networks themselves, each before those inside it; groups that were opened last."""
        pairs = self.root.walk()
        next(pairs)
        yield from pairs
        yield from self.opened

    @cached_property
    def old_statuses(self) -> Mapping[str, Status]:
        """The status of every node of the old graph, by its address there."""
        return {pair.old.address: pair.status for pair in self.walk() if pair.old is not None}

    @cached_property
    def new_statuses(self) -> Mapping[str, Status]:
        """The status of every node of the new graph, by its address there."""
        return {pair.new.address: pair.status for pair in self.walk() if pair.new is not None}

    @property
    def empty(self) -> bool:
        """Whether the graphs differ in nothing."""
        return self.root.status == "unchanged"
