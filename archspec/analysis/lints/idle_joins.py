"""Joins that change nothing, or that take a number where the number of an item in a list may be meant."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from archspec.graph.dataflow import Flow, OpCall
from archspec.graph.model import ENCLOSING, Block, Leaf
from archspec.language.diagnostics import Diagnostic
from archspec.language.document import Document
from archspec.language.source import Span
from archspec.ops import Op
from archspec.ops.arithmetic import Arithmetic


def joined_with_itself(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a value that is joined with itself, such as `{add: [a, a]}`."""
    for call in _written(flow):
        op, count = call.leaf.op, len(call.inputs)
        of_itself = op.of_itself if isinstance(op, Arithmetic) else None
        if of_itself is not None and count > 1 and not _numbers(call) and len(set(call.inputs)) == 1:
            given = of_itself.format(times=f"{count} times" if count > 2 else "twice")
            message = f"`{op.name}` of a value and itself is {given}"
            yield replace(_report("joined-with-itself", call, message, "name the other value"), span=_joined_at(call))


def no_effect(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a number that changes nothing, such as the 0 of `{add: [previous, 0]}`, in all copies of a line."""
    busy = {call.span for call in _written(flow) if not any(_idle(call))}
    for call in _written(flow):
        op = call.leaf.op
        for (_, number), is_idle in zip(_numbers(call), _idle(call)):
            if is_idle and call.span not in busy:
                item = _item(flow, call, number)
                help_ = f'the list\'s item {number} is `"{number}"`, in quotes' if item else "leave it out"
                yield _report("no-effect", call, f"the {number} of `{op.name}` changes nothing", help_)


def item_number(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of a number in a sum that may be an item's: one that stands before, with a value of the sum's shape."""
    for call in _written(flow):
        for _, number in _numbers(call) if call.leaf.op.name == "add" and len(call.inputs) == 1 else ():
            item = _item(flow, call, number) if not _changes_nothing(call.leaf.op, number) else None
            if item is not None and item.leaf.shapes[-1:] == call.leaf.shapes:
                message = f"`add` takes {number} for a number, and not for the list's item {number}"
                yield _report("item-number", call, message, f'the item is `"{number}"`, in quotes')


def _written(flow: Flow) -> Iterator[OpCall]:
    """The calls that a user wrote."""
    return (call for call in flow.calls if not call.wrapped)


def _numbers(call: OpCall) -> tuple[tuple[int, int | float], ...]:
    return call.leaf.op.numbers if isinstance(call.leaf.op, Arithmetic) else ()


def _idle(call: OpCall) -> list[bool]:
    """Of each number of a join: whether it changes nothing."""
    op = call.leaf.op
    return [_changes_nothing(op, number) and (op.commutative or place > 0) for place, number in _numbers(call)]


def _joined_at(call: OpCall) -> Span:
    """Where the values of a join are one: the join itself, or a block's call that is given one value for several."""
    node: Leaf | Block = call.leaf
    refs = call.leaf.inputs
    for block in reversed(call.around):
        if len(set(refs)) == 1 or any(ref.child != ENCLOSING for ref in refs):
            break
        node, refs = block, tuple(block.inputs[ref.output] for ref in refs)
    return call.span if node.span.source.standard else node.span


def _changes_nothing(op: Op, number: int | float) -> bool:
    return isinstance(op, Arithmetic) and number == op.neutral


def _item(flow: Flow, call: OpCall, number: int | float) -> OpCall | None:
    """The last call of an item of the list that a call is an item of, and that stands before it."""
    around, _, own = call.leaf.address.rpartition(".")
    if not own.isdigit() or not 0 <= number < int(own) or number != int(number):
        return None
    return flow.last.get(f"{around}.{int(number)}" if around else str(int(number)))


def _report(code: str, call: OpCall, message: str, help_: str) -> Diagnostic:
    meant = f"{help_}; `# allow: {code}` says that it is meant"
    return Diagnostic(code, message, call.span, call.leaf.address, help=meant, severity="warning")
