"""Two convolutions in a row with nothing between: one linear map, for which one convolution would do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.graph.dataflow import Flow
from archspec.language.diagnostics import Diagnostic
from archspec.language.document import Document
from archspec.ops import Op


def two_convolutions(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a convolution that takes nothing but what another gives.

    Not those by which weights are saved: depthwise and grouped ones, single points, and windows of unequal sides.
    """
    for call in flow.calls:
        before = flow.producer(call.inputs[0]) if _is_plain(call.leaf.op) else None
        if before is not None and _is_plain(before.leaf.op) and flow.readers[call.inputs[0]] == 1:
            yield Diagnostic(
                "two-convolutions",
                f"nothing stands between the convolutions `{before.leaf.address}` and `{call.leaf.address}`",
                flow.place(call, call.inputs[0]),
                call.leaf.address,
                help="an activation between them, such as `relu`; `# allow: two-convolutions` says that it is meant",
                severity="warning",
            )


def _is_plain(op: Op) -> bool:
    if op.name != "conv":
        return False
    fields: Any = op
    sides = set(fields.kernel_size) if isinstance(fields.kernel_size, tuple) else {fields.kernel_size}
    return fields.groups == 1 and fields.connections is None and len(sides) == 1 and sides != {1}
