"""Where a node stands: its name, checked, its address, and what its modifiers say of it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate
from typing import Any, NoReturn

from msgspec import Struct

from archspec.elaborate.block_builder import NO_EFFECTS, Body, Effects
from archspec.elaborate.context import Context
from archspec.elaborate.keywords.modifiers import flag
from archspec.elaborate.node_names import check_name, is_template
from archspec.elaborate.scope import Scope
from archspec.elaborate.site import Site
from archspec.graph.model import Block, Counts, Ref, Result
from archspec.language.diagnostics import Note
from archspec.language.nodes import Entry, NodeDef
from archspec.language.source import Span

Slot = tuple[Any, ...]


class Place(Struct):
    """Where a node stands: its name and address, its place in the definition, and its modifiers' effect."""

    name: str
    address: str
    slot: Slot
    span: Span
    training: bool
    frozen: bool
    effects: Effects
    """What holds inside it."""


def root_place(span: Span) -> Place:
    """The place of the whole network."""
    return Place("", "", (), span, False, False, NO_EFFECTS)


def closed(
    inside: Body,
    results: tuple[Result, ...],
    inputs: tuple[Ref, ...],
    place: Place,
    called: tuple[str | None, str | None, Mapping[str, Any]],
) -> Block:
    """What was filled, as a block that takes `inputs` and gives `results`.

    It is `called` by the name of its definition, the title shown to a reader, and its arguments.
    """
    kind, title, arguments = called
    return Block(
        name=place.name,
        address=place.address,
        inputs=inputs,
        input_shapes=inside.input_shapes,
        shapes=tuple([inside.shape(result.ref) for result in results]),
        slot=place.slot,
        span=place.span,
        training=place.training,
        frozen=place.frozen,
        tied=None,
        counts=Counts.of(inside.children),
        kind=kind,
        title=title,
        arguments=arguments,
        numbered=inside.numbered,
        input_names=inside.input_names,
        children=tuple(inside.children),
        results=results,
    )


def place_of(context: Context, body: Body, entry: Entry, name: str | None, scope: Scope, slot: Slot) -> Place:
    """The place of one copy of an entry; in a list its name is the next number."""
    if name is None or entry.name is None:
        name = body.number()
    elif check_name(context, name, entry.name.span, body.address(name)):
        _check_new(context, body, name, entry.name.span)
    return place_under(context, body, entry.node, name, scope, slot)


def place_under(context: Context, body: Body, node: NodeDef, name: str, scope: Scope, slot: Slot) -> Place:
    """The place of one copy of a node under a name."""
    address = body.address(name)
    site = Site(context, scope, address)
    training = "training" in node.modifiers and flag(site, node, "training")
    frozen = ("freeze" in node.modifiers and flag(site, node, "freeze")) or body.group_frozen
    return Place(name, address, slot, node.called_at, training, frozen, body.effects.inside(training, frozen))


def check_copies_have_names(context: Context, entry: Entry, address: str) -> None:
    """Refuse copies under a name that is the same for all of them."""
    node, name = entry.node, entry.name
    repeated = node.modifiers.get("repeat") or node.modifiers.get("each")
    if name is None or repeated is None or node.splice or is_template(str(name.value)):
        return
    context.fail(
        "name-twice",
        f"all copies would be called `{name.value}`",
        repeated.key.span,
        address,
        help=f'a repeated name is a template: `"{name.value}{{i}}"`',
    )


def refuse_training(context: Context, place: Place) -> NoReturn:
    """Refuse a value that is missing in inference, where the node itself is not."""
    context.fail(
        "training",
        f"`{place.name}` takes a value that exists in training mode only",
        place.span,
        place.address,
        help="mark it `training: true` as well",
    )


def _check_new(context: Context, body: Body, name: str, span: Span) -> None:
    first = body.taken.get(name)
    if first is not None:
        copies = first == span
        context.report(
            "name-twice",
            f"two {'copies' if copies else 'nodes'} are called `{name}`",
            span,
            body.address(name),
            help="a repeated name is a template that differs for each copy, as `{i}` does" if copies else None,
            notes=() if copies else (Note("the first is here", first),),
        )
    elif name in body.input_names:
        context.report("name-twice", f"`{name}` is an input already", span, body.address(name))
    around = [*accumulate(name.split("."), "{}.{}".format)][:-1]
    other = next((each for each in (f"{name}.", *around) if each in body.taken), None)
    if other is not None:
        holder = min(name, other.rstrip("."), key=len)
        message = f"`{holder}` is a node, and what other nodes stand in"
        help_ = f"`{holder}.0` is the module `0` of a container `{holder}`, which is no node itself"
        context.report("name-twice", message, span, body.address(name), help=help_)
    body.taken |= {name: span, **{f"{each}.": span for each in around}}
