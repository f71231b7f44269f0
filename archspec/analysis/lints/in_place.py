"""`inplace: true` where it would change a value that somebody else reads."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.graph.dataflow import Flow
from archspec.graph.inplace_conflicts import overwriting
from archspec.language.diagnostics import Diagnostic


def not_in_place(flow: Flow) -> Iterator[Diagnostic]:
    """Say which ops are not done in place, though the spec asks for it."""
    for call, why in overwriting(flow):
        yield Diagnostic(
            "inplace",
            f"`{call.leaf.op.name}` cannot be done in place: it would overwrite {why}",
            call.span,
            call.leaf.address,
            help="leave `inplace` out: archspec sets it wherever that is safe",
            severity="warning",
        )
