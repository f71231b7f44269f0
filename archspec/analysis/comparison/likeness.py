"""How much two nodes are alike, in points: enough to say which node of one block is which of another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable

from archspec.graph.model import Block, Leaf, NodeType

SAME = 16
"""Points of nodes that differ in nothing but their place."""
SAME_SORT = 8
"""Points of two calls of one op or block."""
SAME_FIELDS, SAME_SHAPES = 3, 2
SAME_KIND = 4
"""Points of two ops of one kind, such as two activations, and of two blocks that are made of the same ops."""
SAME_NAME, SAME_COPY, SAME_NUMBER = 6, 4, 1
"""Points for a name that an author chose, for one that ends with a number, and for a place in a list."""


class Likeness:
    """Compares nodes of two graphs; what is equal has one form, so that each two forms are compared once."""

    def __init__(self) -> None:
        self._forms: dict[Hashable, int] = {}
        self._form_of: dict[int, int] = {}
        self._scores: dict[tuple[int, int], int] = {}
        self._kept: list[Block] = []

    def kept(self, block: Block) -> Block:
        """A block that was made here; nodes are known by their identity, so it has to last."""
        self._kept.append(block)
        return block

    def form(self, node: NodeType) -> int:
        """A number, equal for two nodes that differ in nothing but their place and their weights' values."""
        if id(node) not in self._form_of:
            self._form_of[id(node)] = self._forms.setdefault(self._content(node), len(self._forms))
        return self._form_of[id(node)]

    def score(self, old: NodeType, new: NodeType) -> int:
        """The points of a pair; none where the two have nothing to do with each other."""
        forms = self.form(old), self.form(new)
        if forms not in self._scores:
            self._scores[forms] = _points(old, new) if forms[0] != forms[1] else SAME
        points = self._scores[forms]
        if old.name != new.name:
            return points
        if old.name.isdigit():
            return points and points + SAME_NUMBER
        return points + (SAME_COPY if old.name[-1].isdigit() else SAME_NAME)

    def _content(self, node: NodeType) -> Hashable:
        shared = node.input_shapes, node.shapes, node.training, node.frozen, node.tied
        if not isinstance(node, Block):
            return *shared, node.op
        inside = tuple((child.name, child.inputs, self.form(child)) for child in node.children)
        return *shared, node.kind, repr(dict(node.arguments)), node.results, inside


def _points(old: NodeType, new: NodeType) -> int:
    shapes = SAME_SHAPES * (old.shapes == new.shapes)
    if isinstance(old, Block) and isinstance(new, Block):
        if old.kind is not None and old.kind == new.kind:
            return SAME_SORT + shapes
        return SAME_KIND + shapes if _kindred(_ops(old), _ops(new)) else 0
    if isinstance(old, Block) or isinstance(new, Block):
        return 0
    if old.op.name == new.op.name:
        return SAME_SORT + SAME_FIELDS * (old.op == new.op) + shapes
    return SAME_KIND + shapes if old.op.kind == new.op.kind else 0


def _ops(block: Block) -> Counter[tuple[str, str]]:
    """How often each op, by its kind and name, stands in a block."""
    found: Counter[tuple[str, str]] = Counter()
    for child in block.children:
        found.update([(child.op.kind, child.op.name)] if isinstance(child, Leaf) else _ops(child))
    return found


def _kindred(one: Counter[tuple[str, str]], other: Counter[tuple[str, str]]) -> bool:
    """Whether two collections have half of what they hold in common, and a join where both have any."""
    joins = [{op for op in ops if op[0] == "join"} for ops in (one, other)]
    if all(joins) and joins[0].isdisjoint(joins[1]):
        return False
    return 2 * (one & other).total() >= max(one.total(), other.total())
