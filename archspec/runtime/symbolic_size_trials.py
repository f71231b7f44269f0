"""A network with symbolic sizes, run at a size for each way in which it can round them and held against its graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from torch import nn

from archspec.graph.model import Graph
from archspec.graph.size_rules import size_rules, trial_sizes
from archspec.runtime.build import build
from archspec.runtime.torch_errors import RunError, node_of, reason
from archspec.runtime.verify import Mismatch, shape_mismatches

MOST_WITH_MEMORY = 8
"""So many sizes are tried where the network cannot run without memory."""


def verify_sizes(graph: Graph, module: nn.Module) -> list[Mismatch]:
    """Every output shape that torch contradicts at a legal size of the symbols; none of a graph without symbols.

    Shapes are all that is asked, so the network runs on the meta device, where that is possible, and else as `module`.
    """
    sizes = trial_sizes(graph, size_rules(graph))
    if not sizes:
        return []
    try:
        return list(_mismatches(graph, build(graph, device="meta"), sizes, module))
    except NotImplementedError:  # an op without a rule for the meta device
        return list(_mismatches(graph, module, sizes[:MOST_WITH_MEMORY]))


def _mismatches(
    graph: Graph, module: nn.Module, trials: Iterable[Mapping[str, int]], real: nn.Module | None = None
) -> Iterator[Mismatch]:
    """What a module contradicts at each of several sizes; where it fails, `real` is asked again, which has memory."""
    for sizes in trials:
        where = ", ".join(f"{name} = {size}" for name, size in sizes.items())
        try:
            found = list(shape_mismatches(graph, module, sizes))
        except RunError as failed:
            if real is None:
                address = node_of(graph, failed.error, failed.address or "")
                found = [Mismatch(address, "sizes", "a run without error", reason(failed.error))]
            elif isinstance(failed.error, NotImplementedError):
                raise failed.error from None
            else:
                yield from _mismatches(graph, real, [sizes])
                continue
        for each in found:
            yield Mismatch(each.address, f"{each.what} at {where}", each.inferred, each.torch)
