"""How each learned tensor of a network is initialised: the one rule of `init` that fills it, of all that reach it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archspec.graph.learned import Initialiser, role_of
from archspec.graph.model import Graph, Leaf


def starts(graph: Graph) -> Iterator[tuple[str, str, Initialiser | None]]:
    """Each leaf's address, each role that its tensors have, and the rule that fills those; `None` for torch's default.

    Rules for ops are overridden by those of blocks further inside, and all of these by rules for an address.
    """
    rules = sorted(graph.initialisers, key=lambda rule: rule.strength)
    for leaf in graph.owners:
        for role in dict.fromkeys(map(role_of, leaf.filled)):
            yield leaf.address, role, _last(rule for rule in rules if rule.role == role and _is_for(rule, leaf))


def _is_for(rule: Initialiser, leaf: Leaf) -> bool:
    return rule.reaches(leaf.address) if rule.op == leaf.op.name else rule.address == leaf.address


def _last(rules: Iterable[Initialiser]) -> Initialiser | None:
    *_, last = (None, *rules)
    return last
