"""Parts of a network by their addresses: `features.*`, `layer[34]`, `*.bias`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from archspec.analysis.state_dict import key
from archspec.graph.model import Graph, Leaf
from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.source import Span


def covers(pattern: str, name: str) -> bool:
    """Whether a pattern names a node or tensor, or a block around it; `*` stands for any text, dots too.

    >>> covers("layer4", "layer4.0.conv1.weight"), covers("*.bias", "fc.bias"), covers("layer4", "layer40")
    (True, True, False)
    """
    return any(fnmatchcase(part, pattern) for part in _around(name))


def covered(patterns: Iterable[str], name: str) -> bool:
    """Whether any of the patterns names a node or tensor."""
    return any(covers(pattern, name) for pattern in patterns)


def check_patterns(patterns: Iterable[tuple[str, Span]], graph: Graph, findings: Findings) -> None:
    """Report the patterns that name nothing in a graph."""
    names = [*graph.nodes, *tensors(graph)]
    for pattern, span in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            message = f"`{graph.name}` has nothing at the address `{pattern}`"
            help_ = did_you_mean(pattern, names) or did_you_mean(
                pattern, [each.address for each in graph.root.children]
            )
            findings.add(Diagnostic("unknown-address", message, span, help=help_))


def tensors(graph: Graph) -> Iterator[str]:
    """The names of a graph's learned tensors."""
    for node in graph.walk():
        if isinstance(node, Leaf):
            yield from (key(node.address, name) for name in node.parameters)


def _around(name: str) -> Iterator[str]:
    """A name and the names of all that it lies in."""
    while name:
        yield name
        name = name.rpartition(".")[0]
