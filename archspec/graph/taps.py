"""Taps: the activations at chosen nodes as a network's outputs, and nothing computed that they do not need.

What no tap needs is left out:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: relu, pair: {graph: {b: tanh, c: sigmoid}}, d: gelu}')
>>> [node.address for node in tap(graph, ["pair.b"]).walk()]
['a', 'pair', 'pair.b']
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from archspec.graph.model import Graph, Leaf
from archspec.graph.prune import pruned_to
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean


def tap(graph: Graph, addresses: Sequence[str]) -> Graph:
    """The graph whose outputs are the activations at these addresses, as a mapping in the order asked.

    An address may lie inside a block, which then gives that value too. Nodes that no output needs are left out, and the
    counts are those of what remains. Raises `SpecError` for an address that is no node, or one with several outputs.
    """
    wanted = tuple(dict.fromkeys(addresses))
    found = list(_faults(graph, wanted))
    if found:
        raise SpecError(found)
    root = pruned_to(graph.root, {address: address for address in wanted})
    return replace(graph, root=root, returns_mapping=True)


def _faults(graph: Graph, addresses: Sequence[str]) -> Iterator[Diagnostic]:
    if not addresses:
        yield Diagnostic("no-taps", "no address to tap is given", help="for example `taps: [layer2, layer3]`")
    for address in addresses:
        node = graph.nodes.get(address)
        if node is None:
            yield Diagnostic(
                "unknown-address",
                f"`{graph.name}` has no node `{address}` to tap",
                help=did_you_mean(address, graph.nodes) or did_you_mean(address, _outermost(graph)),
            )
        elif len(node.shapes) != 1 and not (isinstance(node, Leaf) and node.op.has_main_output):
            yield Diagnostic(
                "tap-outputs",
                f"a tap takes one value, but `{address}` gives {len(node.shapes)}",
                node.span,
                address,
                help="tap the node that takes the one you want",
            )


def _outermost(graph: Graph) -> list[str]:
    return [child.address for child in graph.root.children]
