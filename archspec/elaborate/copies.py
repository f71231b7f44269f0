"""One node as written, several nodes of the graph: the copies of `repeat`, `each`, `over` and `carry`.

Copies of `repeat` stand in series, those of `over` side by side, under one module where the name is plain:

>>> from archspec.elaborate.example import example
>>> graph = example('{"conv{i}": {conv: 8, kernel_size: 3, repeat: 2}, last: {relu: null, over: [conv0, conv1]}}')
>>> [(node.name, [ref.child for ref in node.inputs], node.tied) for node in graph.walk()]
[('conv0', [-1], None), ('conv1', [0], None), ('last', [0], None), ('last_2', [1], 2)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from archspec.elaborate.block_builder import Value, together
from archspec.elaborate.keywords.carry import Carries, carried, next_inputs, one_step
from archspec.elaborate.keywords.hidden_index import warn_hidden
from archspec.elaborate.keywords.modifiers import copies
from archspec.elaborate.keywords.over import named_after, over_values, place_again
from archspec.elaborate.keywords.repeat import INDEX, repeated
from archspec.elaborate.keywords.share import call_again
from archspec.elaborate.node_inputs import node_inputs
from archspec.elaborate.node_names import is_template
from archspec.elaborate.placement import Slot, check_copies_have_names
from archspec.elaborate.references import taken
from archspec.elaborate.site import Site
from archspec.language.nodes import Entry
from archspec.language.yaml_tree import Tree

if TYPE_CHECKING:
    from archspec.elaborate.expand import Expander


def all_copies(expander: Expander, site: Site, entry: Entry, slot: Slot, start: Value | None = None) -> list[Value]:
    """Each copy of an entry; those that `start` at one value do not take each other."""
    body = expander.body
    check_copies_have_names(site.context, entry, site.address)
    made: list[Value] = []
    for index, inner in copies(site, entry.node):
        if start is not None:
            body.previous = start
        made.append(expander.copy(entry, inner, (*slot, index)))
    if entry.node.sources and len(made) > 1:
        named = ", ".join(str(source.name.value) for source in entry.node.sources)
        body.apart.update((ref.child, named) for value in made for ref in value.refs)
    return made


def copies_over(expander: Expander, site: Site, entry: Entry, over: Tree, slot: Slot) -> Value:
    """One copy for each value that `over` names; under a plain name they all call one module."""
    body, label = expander.body, str(entry.name.value) if entry.name else None
    values = over_values(site, body, entry.node, over)
    one_module = label is not None and not is_template(label)
    if not one_module:
        warn_hidden(site, entry.node)
    made: list[Value] = []
    for index, value in enumerate(values):
        body.previous = value
        if index and (first := body.number_of(made[0], label)) is not None:
            site.context.bounds.count_step(entry.node.span)
            place = place_again(site.context, body, entry, site.scope, (*slot, index))
            made.append(call_again(site.context, body, first, [value], place))
            continue
        inner = site.scope if one_module else site.scope.inner({INDEX: index})
        made.append(expander.copy(entry, inner, (*slot, index)))
        if made[-1].broken:
            return expander.give_up(entry, label)
    result = replace(together(named_after(values, made)), together=True)
    if one_module and label is not None:
        body.names[label] = result
    body.previous = result
    return result


def carried_steps(expander: Expander, site: Site, entry: Entry, slot: Slot) -> Value:
    """One module called step by step, each time with what the step before gave."""
    body, carries = expander.body, carried(site.context, entry, site.address)
    made: list[Value] = []
    for number, given in enumerate(_given_to_steps(expander, site, entry)):
        made.append(_step(expander, site, entry, given, made, carries, (*slot, number)))
        if made[-1].broken:
            return expander.give_up(entry, None)
    if made and entry.name is not None:
        body.names[str(entry.name.value)] = body.previous = replace(together(made), together=True)
    return body.previous


def _given_to_steps(expander: Expander, site: Site, entry: Entry) -> list[list[Value]]:
    """What each step takes, before what is carried takes its place."""
    over, repeat = entry.node.modifier("over"), entry.node.modifier("repeat")
    if over is None:
        assert repeat is not None, "there are steps"
        starts = node_inputs(site, expander.body, entry.node)
        return [starts for _ in repeated(site, repeat)]
    starts = taken(site, expander.body, entry.node.sources or ())
    node = replace(entry.node, sources=None)
    return [[value, *starts] for value in over_values(site, expander.body, node, over)]


def _step(
    expander: Expander,
    site: Site,
    entry: Entry,
    given: list[Value],
    made: list[Value],
    carries: Carries,
    slot: Slot,
) -> Value:
    """The first step, or a call of its module with what the last one gave."""
    body = expander.body
    if not made:
        body.previous = given[0]
        return expander.copy(replace(entry, node=one_step(entry.node)), site.scope, slot)
    site.context.bounds.count_step(entry.node.span)
    place = place_again(site.context, body, entry, site.scope, slot)
    values = next_inputs(site.context, given, made[-1], carries, place.address)
    return call_again(site.context, body, made[0].refs[0].child, values, place)
