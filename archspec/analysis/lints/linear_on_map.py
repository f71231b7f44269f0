"""A linear layer on a feature map, of which it takes the columns alone."""

from __future__ import annotations

from collections.abc import Iterator

from archspec.analysis.lints.inputs import COLOURS, SMALL
from archspec.graph.dataflow import Flow, OpCall
from archspec.language.diagnostics import Diagnostic
from archspec.language.document import Document
from archspec.ops.kinds import KINDS
from archspec.ops.shapes import known, shape_text


def linear_on_map(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a linear layer whose input comes straight from a convolution, a pool or the image."""
    for call in flow.calls:
        if call.leaf.op.name != "linear":
            continue
        shape = call.leaf.input_shapes[0]
        if len(shape) > 1 and takes_map(flow, call):
            yield Diagnostic(
                "linear-on-map",
                f"`linear` takes each row of {shape_text(shape)} separately, not the whole map",
                flow.place(call, call.inputs[0]),
                call.leaf.address,
                help="put `flatten` before it for one vector; `# allow: linear-on-map` says that it is meant",
                severity="warning",
            )


def takes_map(flow: Flow, call: OpCall) -> bool:
    """Whether what a call takes is a map whose last dimension is one of its positions."""
    producer = flow.producer(call.inputs[0])
    if producer is None:
        channels, *sizes = call.leaf.input_shapes[0]
        return len(sizes) == 2 and channels in COLOURS and all(known(size) and size > SMALL for size in sizes)
    op = producer.leaf.op
    if KINDS[op.kind].goes_along and not op.features_last:
        return takes_map(flow, producer)
    return KINDS[op.kind].spatial and len(producer.leaf.shapes[0]) > 1
