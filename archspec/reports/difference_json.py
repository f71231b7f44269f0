"""A comparison as plain JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archspec.analysis.comparison import Change, Comparison, Pair
from archspec.analysis.state_dict import tensors
from archspec.graph.model import Graph
from archspec.reports.architecture_json import SCHEMA, jsonable


def difference_data(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain JSON values: what `archspec diff --json` prints.

    `nodes` has every node but those to which nothing happened: its `status`, its addresses in the `old` and the `new`
    graph, and its `changes`, each name with the old and the new value.
    """
    weights, before, now = comparison.weights, tensors(comparison.old), tensors(comparison.new)
    return {
        "schema": SCHEMA,
        "old": _network(comparison.old),
        "new": _network(comparison.new),
        "settings": _changes(comparison.settings),
        "network": _changes(comparison.root.changes),
        "nodes": [_node(pair) for pair in comparison.walk() if pair.status != "unchanged"],
        "weights": {
            "carry_over": list(weights.fitting),
            "misshapen": {name: jsonable([before[name], now[name]]) for name in weights.misshapen},
            "missing": {name: jsonable(now[name]) for name in weights.missing},
            "extra": {name: jsonable(before[name]) for name in weights.extra},
            "renamed": dict(comparison.renamed),
        },
    }


def _network(graph: Graph) -> dict[str, Any]:
    counts = graph.counts
    counted = {"params": counts.params, "macs": jsonable(counts.macs), "depth": graph.depth}
    return {"name": graph.name, "title": graph.title, "document": graph.document, **counted}


def _node(pair: Pair) -> dict[str, Any]:
    return {
        "status": pair.status,
        "old": pair.old and pair.old.address,
        "new": pair.new and pair.new.address,
        "changes": _changes(pair.changes),
    }


def _changes(changes: Sequence[Change]) -> dict[str, Any]:
    return {change.what: [jsonable(change.old), jsonable(change.new)] for change in changes}
