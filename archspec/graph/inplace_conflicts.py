"""Where a spec asks for an op in place that would change a value which somebody else reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archspec.graph.dataflow import Flow, OpCall, Origin
from archspec.ops.base import Op


class Overwriting(NamedTuple):
    """A call that is not done in place, though its spec asks for it, and why."""

    call: OpCall
    why: str


def overwriting(flow: Flow) -> Iterator[Overwriting]:
    """The calls of ops with `inplace: true` that would overwrite what others read, the caller and autograd included."""
    for call in flow.calls:
        if asks(call.leaf.op) and (why := _why(flow, call.inputs[0], call)):
            yield Overwriting(call, why)


def asks(op: Op) -> bool:
    """Whether a spec asks for an op to be done in place."""
    return op.in_place and getattr(op, "inplace", None) is True


def _why(flow: Flow, value: Origin, by: OpCall) -> str | None:
    """What else would see a value change, views of its memory included; `None` where nothing does."""
    producer = flow.producer(value)
    if producer is None:
        return "the network's input, which is its caller's"
    if flow.readers[value] > 1:
        others = [call.leaf.address for call in flow.readers_of(value) if call is not by]
        return f"a value that {f'`{others[0]}` reads' if others else 'the network gives out'} too"
    op = producer.leaf.op
    if op.saves_output:
        return f"the output of `{producer.leaf.address}`, which autograd keeps for the backward pass"
    if not op.shares_memory and not (op.in_place and getattr(op, "inplace", None) is not False):
        return None
    if len(producer.leaf.shapes) > 1 or not producer.inputs:
        return f"a part of what `{producer.leaf.address}` gives, which is one piece of memory"
    return next(filter(None, (_why(flow, origin, producer) for origin in producer.inputs)), None)
