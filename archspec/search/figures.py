"""What a search counts of a network, and the amounts that its targets are written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from archspec.analysis.memory import activation_memory
from archspec.graph.model import Graph
from archspec.ops.shapes import Count

FIGURES: Mapping[str, Callable[[Graph], Count]] = {
    "params": lambda graph: graph.counts.params,
    "macs": lambda graph: graph.counts.macs,
    "memory": lambda graph: activation_memory(graph)[""],
    "depth": lambda graph: graph.depth,
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
