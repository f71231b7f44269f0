"""What a search counts of a network, and the amounts that its targets are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from msgspec import Struct, field

from archspec.analysis.memory import node_memory
from archspec.graph.model import Block, Depths, Graph, depth_of
from archspec.ops.shapes import Count


class Known(Struct):
    """What was found of blocks that many graphs share."""

    memory: dict[Block, Count] = field(default_factory=dict)
    depths: Depths = field(default_factory=dict)

    def make_room(self) -> None:
        """Let go of everything where it has become too much."""
        if max(len(self.memory), len(self.depths)) > MOST_KNOWN:
            self.memory.clear()
            self.depths.clear()


MOST_KNOWN = 20_000

FIGURES: Mapping[str, Callable[[Graph, Known], Count]] = {
    "params": lambda graph, known: graph.counts.params,
    "macs": lambda graph, known: graph.counts.macs,
    "memory": lambda graph, known: node_memory(graph.root, known=known.memory),
    "depth": lambda graph, known: depth_of(graph, known.depths),
}
"""The figures by name; `memory` is the bytes of one example's activations in float32."""

_SCALES = {"": 1, "k": 10**3, "K": 10**3, "M": 10**6, "G": 10**9, "B": 10**9, "T": 10**12}
_BYTES = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_AMOUNT = re.compile(r"(\d[\d_]*(?:\.\d+)?(?:[eE]\+?\d{1,2})?)([kKMGBT]|[KMG]iB)?")


def amount(text: str) -> Fraction | None:
    """The number that a text such as `300M`, `0.39G` or `64MiB` stands for, exactly; `None` where it is none.

    >>> amount("0.39G"), amount("64MiB"), amount("many")
    (Fraction(390000000, 1), Fraction(67108864, 1), None)
    """
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    return Fraction(match[1].replace("_", "")) * {**_SCALES, **_BYTES}[match[2] or ""]
