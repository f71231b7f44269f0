"""What the symbolic sizes of a network's inputs must be, gathered from all its ops, and sizes to try it at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count, islice, product

from msgspec import Struct

from archspec.graph.model import Graph, Leaf
from archspec.language.symbolic import Symbolic
from archspec.ops.conditions import SizeCondition
from archspec.ops.legal_sizes import Legal
from archspec.ops.shapes import Shape, symbolic_dims

BASE = 64
"""About so large a symbolic size is when the network is tried."""
MOST_TRIALS = 64
"""So many combinations of sizes are tried at most."""
_MOST_CANDIDATES = 5000


class Rule(Struct, frozen=True):
    """One thing that symbolic sizes must be, in words, and the addresses of the nodes that ask for it."""

    text: str
    nodes: tuple[str, ...]


class SizeRules(Struct, frozen=True):
    """All that must hold of symbolic sizes: for each condition the nodes that ask for it."""

    asked: Mapping[SizeCondition, tuple[Leaf, ...]]

    @property
    def rules(self) -> list[Rule]:
        """In words: one rule for each symbol, and one for each condition that several symbols share."""
        found = []
        for name in sorted({name for each in self.asked for name in each.names if len(each.names) == 1}):
            own = [each for each in self.asked if each.names == {name}]
            telling = [each for each in own if each.kind != "least"] or own
            found.append(Rule(str(self.legal(name)), self._addresses(telling)))
        return found + [Rule(str(each), self._addresses([each])) for each in self.asked if len(each.names) > 1]

    def _addresses(self, conditions: Iterable[SizeCondition]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node.address for each in conditions for node in self.asked[each]))

    def legal(self, name: str) -> Legal:
        """The sizes of one symbol that no condition on it alone forbids."""
        return Legal.of(name, (each for each in self.asked if each.names == {name}))

    def hold(self, sizes: Mapping[str, int]) -> bool:
        """Whether sizes of all symbols are legal."""
        return all(each.holds(sizes) for each in self.asked)

    @property
    def conflict(self) -> tuple[str, tuple[Leaf, ...], tuple[Leaf, ...]] | None:
        """A symbol of which no size is legal, the first nodes that leave none, and those whose rules hold before."""
        for name in sorted({name for each in self.asked for name in each.names}):
            if self.legal(name):
                continue
            own = [each for each in self.asked if each.names == {name}]
            last = next(end for end in count(1) if not Legal.of(name, own[:end]))
            before = chain.from_iterable(self.asked[each] for each in own[: last - 1])
            return name, self.asked[own[last - 1]], tuple(dict.fromkeys(before))
        return None


def size_rules(graph: Graph) -> SizeRules:
    """What the ops of a graph ask of its symbolic sizes."""
    asked: dict[SizeCondition, dict[Leaf, None]] = {}
    known: dict[tuple[int, tuple[Shape, ...]], tuple[SizeCondition, ...]] = {}
    for node in graph.walk() if symbols(graph) else ():
        if isinstance(node, Leaf):
            key = id(node.op), node.input_shapes  # copies of a block have the very ops of the first
            if key not in known:
                known[key] = node.conditions
            for condition in known[key]:
                asked.setdefault(condition, {})[node] = None
    return SizeRules({condition: tuple(nodes) for condition, nodes in asked.items()})


def symbols(graph: Graph) -> list[str]:
    """The names of the symbolic sizes of the inputs."""
    return sorted({name for shape in graph.root.input_shapes for dim in symbolic_dims(shape) for name in dim.names})


def trial_sizes(graph: Graph, rules: SizeRules) -> list[dict[str, int]]:
    """Legal sizes at which to try a network: of each symbol one for every way in which the network can round it.

    The first are the sizes from 64 on; none where no legal ones are found.
    """
    names = symbols(graph)
    if not names:
        return []
    periods = {name: _period(graph, rules, name) for name in names}
    candidates = {name: _candidates(rules.legal(name), periods[name]) for name in names}
    found: list[dict[str, int]] = []
    left = {name: set(candidates[name]) for name in names}
    for sizes in islice(_combinations(candidates), _MOST_CANDIDATES):
        new = [name for name in names if sizes[name] in left[name]]
        if new and rules.hold(sizes):
            found.append(sizes)
            for name in new:
                left[name].discard(sizes[name])
        if len(found) == MOST_TRIALS or not any(left.values()):
            break
    return found


def _candidates(legal: Legal, period: int) -> list[int]:
    """Legal sizes: one for each remainder by the period, and the least of all."""
    steady = [size for size in legal.sizes(min(period, MOST_TRIALS), BASE) if size < max(BASE, legal.start) + period]
    return [*dict.fromkeys((*steady, *legal.sizes(1)))]


def _combinations(candidates: Mapping[str, list[int]]) -> Iterator[dict[str, int]]:
    """Sizes of all symbols: first each one ahead of the one before, then in step, then all with all."""
    for ahead in (1, 0):
        for turn in range(max(map(len, candidates.values()))):
            at = enumerate(candidates.items())
            yield {name: sizes[(turn + ahead * place) % len(sizes)] for place, (name, sizes) in at}
    for sizes in product(*candidates.values()):
        yield dict(zip(candidates, sizes))


def _period(graph: Graph, rules: SizeRules, name: str) -> int:
    """After so many steps of a symbol all rounding in the network repeats; no more than can be tried."""
    dims = {dim for node in graph.walk() for shape in node.shapes for dim in symbolic_dims(shape) if name in dim.names}
    dims |= {each for condition in rules.asked for each in condition.sides if isinstance(each, Symbolic)}
    period = math.lcm(*(dim.period or MOST_TRIALS for dim in dims if name in dim.names))
    divisors = [each.other for each in rules.asked if each.kind == "divisible" and name in each.names]
    return math.lcm(period, *divisors)
