"""Nodes with a graph inside: standard and own blocks, nested graphs, and other specs.

>>> from archspec.elaborate.example import example
>>> graph = example('{pair: {graph: [{conv: 8, kernel_size: 3}, relu]}}')
>>> [(node.address, node.shapes[0]) for node in graph.walk()]
[('pair', (8, 30, 30)), ('pair.0', (8, 30, 30)), ('pair.1', (8, 30, 30))]
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from archspec.elaborate.arguments import block_arguments
from archspec.elaborate.block_builder import BROKEN, Body, Inputs, Value, refs_of, shapes_of
from archspec.elaborate.call_plans import Plan
from archspec.elaborate.context import Context
from archspec.elaborate.keywords.use import UsedSpec, open_part, taken_from, tap_addresses
from archspec.elaborate.outputs import results_of, warn_unused
from archspec.elaborate.placement import Place, closed
from archspec.elaborate.reporting import CallFrame
from archspec.elaborate.scope import Scope
from archspec.elaborate.site import Site
from archspec.graph.model import Result
from archspec.language.block_definition import BlockDef
from archspec.language.budget import CHARACTERS, KEPT_NODE
from archspec.language.nodes import GraphDef, NodeDef
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Tree
from archspec.ops.shapes import items, shape_text

if TYPE_CHECKING:
    from archspec.elaborate.expand import Expander


class About(Struct):
    """What a block is called, what it was called with, and which of its values it gives."""

    kind: str | None = None
    title: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: Tree | None = None
    part: UsedSpec | None = None
    definition: BlockDef | None = None

    def joins(self, results: tuple[Result, ...]) -> bool:
        """Whether several results go on as one: a mapping tells them apart, a list and taps do not."""
        tapped = self.part is not None and bool(self.part.taps)
        return len(results) > 1 and (tapped or not isinstance(self.output, MappingTree))


def add_block(
    expander: Expander, site: Site, plan: Plan, block: BlockDef, node: NodeDef, values: list[Value], place: Place
) -> Value:
    """Add a block of the library, with its params filled in."""
    context, body = site.context, expander.body
    given = _inputs(context, block.name, block.inputs, values, place, many=block.many, optional=block.optional)
    given.examples = body.examples_in(values)
    seen = given.seen
    own = Scope.within(context.document_scope, seen) if context.library.declares(block) else Scope(seen)
    own.batch = given.batch
    arguments = block_arguments(site, plan, own)
    about = About(block.name, block.title, arguments, block.output, definition=block)
    inside = given.shapes, given.examples, place.effects
    around = context.document_scope
    key = context.memo.block_key(block, arguments, around, context.library, context.replaced, inside)
    if (again := _again(context, body, key, values, place, about)) is not None:
        return again
    context.reporter.enter(CallFrame(block.name, node.called_at, block.standard, block.source.name), place.address)
    try:
        for name, tree in block.let.items():
            own[name] = site.within(own).computed(name, tree)
        return _inside(expander, context.library.body(block), own, given, values, place, about, key)
    finally:
        context.reporter.frames.pop()


def _again(
    context: Context, body: Body, key: Hashable, values: list[Value], place: Place, about: About
) -> Value | None:
    """A block whose inside was elaborated before, in another place; `None` where none was."""
    kept = context.memo.kept(key)
    if kept is None:
        return None
    size = kept.block.size - 1
    context.bounds.count_nodes(place.span, size, KEPT_NODE + len(place.address) // CHARACTERS)
    context.bounds.count_parameters(place.span, kept.block.counts.params)
    block = context.memo.again(
        kept,
        place.address,
        about.arguments,
        name=place.name,
        inputs=refs_of(values),
        slot=place.slot,
        span=place.span,
        training=place.training,
        frozen=place.frozen,
    )
    if block is None:
        return None
    labels = tuple([result.name for result in block.results])
    return body.add(block, labels, together=about.joins(block.results))


def _inputs(
    context: Context,
    name: str,
    names: tuple[str, ...],
    values: list[Value],
    place: Place,
    *,
    many: bool = False,
    optional: int = 0,
) -> Inputs:
    """The values of a call by the names of the inputs."""
    shapes, least = shapes_of(values), len(names) - optional
    if len(values) < least or (len(values) > len(names) and not many):
        wanted = f"at least {least}" if many else f"{least} to {len(names)}" if optional else f"{least}"
        context.fail(
            "inputs",
            f"`{name}` takes {wanted} input{'s' if len(names) != 1 else ''}, found {len(values)}",
            place.span,
            place.address,
            expected=", ".join(f"`{each}`" for each in names),
            found=", ".join(map(shape_text, shapes)),
            help="name them: `from: [a, b]`" if len(names) > 1 else None,
        )
    return Inputs(names[: len(values)], shapes, many, 0 if many else len(values) - least, names[len(values) :])


def add_nested(expander: Expander, site: Site, graph: GraphDef, values: list[Value], place: Place) -> Value:
    """Add a graph written in the node's place: it sees the names around it."""
    given = _inputs(site.context, "a nested graph", ("input",), values, place, many=len(values) > 1)
    given.examples = expander.body.examples_in(values)
    return _inside(expander, graph, site.scope.inner(given.seen), given, values, place, About())


def add_part(
    expander: Expander, site: Site, name: str, node: NodeDef, values: list[Value], place: Place, span: Span
) -> Value:
    """Add another spec as a part."""
    context = site.context
    part = open_part(site, name, node, span)
    given = _inputs(context, name, part.input_names, values, place)
    given.examples = tuple(map(items, given.shapes))
    frame = CallFrame(part.document.name, span, False, part.document.source.name)
    with context.inside_part(part.library, part.scope, frame, place.address):
        own = Scope.within(part.scope, given.seen)
        own.batch = given.batch
        about = About(part.document.name, part.document.title, dict(part.scope), part.document.output, part)
        context.gathered.tapped.update(f"{place.address}.{tap.address}" for tap in part.taps)
        context.gathered.tapped.update(tap_addresses(context, part.document, part.scope, f"{place.address}."))
        return _inside(expander, part.graph, own, given, values, place, about)


def _inside(
    expander: Expander,
    graph: GraphDef,
    scope: Scope,
    given: Inputs,
    values: list[Value],
    place: Place,
    about: About,
    key: Hashable = None,
) -> Value:
    """A graph as a block of the body around it, kept under `key`."""
    context = expander.context
    told = context.reporter.count
    inner = Body.of(place.address, graph.numbered, given, place.effects)
    expander.inside(inner).fill(graph, scope)
    training = inner.effects.training or about.part is not None
    results = results_of(Site(context, scope, inner.prefix), inner, about.output, training=training)
    if results is None:
        context.gathered.unclosed.append(inner)
        return BROKEN
    if context.memo.checks and not graph.span.source.standard:
        warn_unused(context, inner, results)
    block = closed(inner, results, refs_of(values), place, (about.kind, about.title, about.arguments))
    if about.part is not None:
        block = taken_from(context, about.part, block)
    if key is not None and about.definition is not None and told == context.reporter.count:
        context.memo.keep(key, block, about.definition)
    labels = tuple([result.name for result in block.results])
    return expander.body.add(block, labels, together=about.joins(block.results))
