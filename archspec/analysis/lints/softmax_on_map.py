"""A softmax along the columns of a feature map, where the classes of each place stand in its channels."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.lints.linear_on_map import takes_map
from archspec.graph.dataflow import Flow
from archspec.language.diagnostics import Diagnostic
from archspec.language.document import Document
from archspec.ops.shapes import shape_text

ALONG_ONE = ("softmax", "log_softmax", "softmin")


def softmax_on_map(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a softmax without a written `dim` on a map with two or three dimensions of positions."""
    for call in flow.calls:
        op, shape = call.leaf.op, call.leaf.input_shapes[0] if call.leaf.input_shapes else ()
        if op.name in ALONG_ONE and "dim" not in op.model_fields_set and len(shape) in (3, 4) and takes_map(flow, call):
            yield Diagnostic(
                "softmax-on-map",
                f"`{op.name}` without `dim` goes along the last dimension of {shape_text(shape)}, not the channels",
                flow.place(call, call.inputs[0]),
                call.leaf.address,
                help=f"`{{{op.name}: 1}}` for the channels, `{{{op.name}: -1}}` for the last dimension",
                severity="warning",
            )
