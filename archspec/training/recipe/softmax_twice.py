"""A loss that applies softmax or sigmoid itself, of an output to which the network has applied it already."""

from __future__ import annotations

from archspec.graph.dataflow import Flow
from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings
from archspec.training.recipe.loss_terms import Term, output_names

APPLIED = {"cross_entropy": "softmax", "binary_cross_entropy_with_logits": "sigmoid"}
"""The op that each loss applies itself."""


def warn_softmax_twice(terms: tuple[Term, ...], graph: Graph, findings: Findings) -> None:
    """Tell of the terms whose loss takes scores, where the network gives probabilities."""
    scoring = [term for term in terms if term.call is not None and term.call.name in APPLIED]
    if not scoring:
        return
    flow, names = Flow.of(graph), output_names(graph)
    for term in scoring:
        assert term.call is not None
        name, op = term.output or names[0], APPLIED[term.call.name]
        address = _given_by(flow, names.index(name), op) if name in names else None
        if address is not None:
            findings.add(
                Diagnostic(
                    "softmax-twice",
                    f"`{term.call.name}` applies {op} itself, and `{address}` of the network has done so already",
                    term.span,
                    help=f"leave `{address}` out of the network; `# allow: softmax-twice` says that it is meant",
                    severity="warning",
                )
            )


def _given_by(flow: Flow, output: int, op: str) -> str | None:
    """The address of the node by whose `op` an output comes, perhaps in another shape."""
    call = flow.producer(flow.results[output])
    while call is not None and call.leaf.op.shares_memory and len(call.inputs) == 1:
        call = flow.producer(call.inputs[0])
    return call.leaf.address if call is not None and call.leaf.op.name == op else None
