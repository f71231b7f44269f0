"""`share`: an earlier node's module called once more, weights and all.

The module is called once more: no parameter is added, and its shapes follow from what it takes now:

>>> from archspec.elaborate.example import example
>>> graph = example('{a: {conv: 3, kernel_size: 3}, again: {share: a}}')
>>> [(node.name, node.tied, node.shapes[0], node.counts.params) for node in graph.walk()]
[('a', None, (3, 30, 30), 84), ('again', 0, (3, 28, 28), 0)]
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from msgspec.structs import replace

from archspec.elaborate.block_builder import BROKEN, Body, Value
from archspec.elaborate.context import Context
from archspec.elaborate.keywords.infer_again import resized, resized_leaf
from archspec.elaborate.node_names import expanded
from archspec.elaborate.placement import Place
from archspec.elaborate.references import named
from archspec.elaborate.site import Site
from archspec.graph.model import Block, Counts, Leaf
from archspec.language.diagnostics import Note
from archspec.language.plural import plural
from archspec.language.yaml_tree import Scalar
from archspec.ops import OpError
from archspec.ops.shapes import Shape, shape_text


def share(site: Site, body: Body, written: Scalar, values: list[Value], place: Place) -> Value:
    """Add a call of the module that `written` names; its parameters count once, its work each time."""
    value = named(site, body, written)
    if value.broken:
        return BROKEN
    index = value.refs[0].child
    if index < 0:
        site.fail("share", "`share` names a node, not an input", written.span)
    name = expanded(site, str(written.value), written.span)
    if name in body.switched_off:
        _refuse_stand_in(site, body, written, index)
    if body.children[index].name != name != "previous" and not value.together:
        message = f"`share` names one node, and `{name}` is a group of several"
        site.fail("share", message, written.span)
    return call_again(site.context, body, index, values, place, together=value.together)


def call_again(
    context: Context, body: Body, index: int, values: list[Value], place: Place, *, together: bool = False
) -> Value:
    """Add one more call of the module of child `index`."""
    first = body.children[index]
    if isinstance(first, Block):
        context.bounds.count_nodes(place.span, first.size - 1)
    tied = index if first.tied is None else first.tied
    shapes = tuple(value.shapes[0] for value in values)
    idle = place.training or body.effects.training
    if place.frozen and not first.frozen:
        _refuse_freeze(context, body, tied, place)
    try:
        again = resized_leaf(first, shapes, idle) if isinstance(first, Leaf) else _block(first, shapes, idle)
    except OpError as error:
        context.fail(
            error.code,
            error.message,
            place.span,
            place.address,
            expected=error.expected,
            found=error.found,
            help=error.help,
            notes=(Note(f"the module is that of `{first.address}`", first.span),),
        )
    op = again.op if isinstance(again, Leaf) else None
    labels = tuple(result.name for result in again.results) if isinstance(again, Block) else again.op.outputs
    node = replace(again, **_again(place, values, tied, again.counts))
    return body.add(node, labels, together=together, main=op is not None and op.has_main_output)


def _refuse_stand_in(site: Site, body: Body, written: Scalar, index: int) -> NoReturn:
    site.fail(
        "share",
        f"`{written.value}` is switched off and has no module to share",
        written.span,
        found=f"it passes on `{body.children[index].name}`",
    )


def _refuse_freeze(context: Context, body: Body, tied: int, place: Place) -> NoReturn:
    name = body.children[tied].name
    context.fail(
        "share",
        f"`{place.name}` has no weights of its own to freeze: they are those of `{name}`",
        place.span,
        place.address,
        help=f"write `freeze` at `{name}`",
    )


def _block(first: Block, shapes: tuple[Shape, ...], idle: bool) -> Block:
    """The same module, on another size perhaps: its inside is elaborated again to know its shapes and work."""
    if len(shapes) != len(first.input_shapes):
        count = len(first.input_shapes)
        raise OpError(
            "inputs",
            f"`{first.address}` takes {plural(count, 'input')}, found {len(shapes)}",
            expected=", ".join(map(shape_text, first.input_shapes)),
            found=", ".join(map(shape_text, shapes)),
        )
    return resized(first, shapes, idle)


def _again(place: Place, values: list[Value], tied: int, counts: Counts) -> Mapping[str, Any]:
    """What differs in a node that uses another's module again."""
    return {
        "name": place.name,
        "address": place.address,
        "inputs": tuple(value.refs[0] for value in values),
        "slot": place.slot,
        "span": place.span,
        "training": place.training,
        "tied": tied,
        "counts": Counts(macs=counts.macs),
    }
