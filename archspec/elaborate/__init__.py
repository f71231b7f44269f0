"""A document, a variant and settings → the graph. `elaborate` is the whole of it; the files are its steps.

`attempt` is the same for a page that is being typed, which gives what stands around its faults.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.elaborate.block_builder import Body, Inputs
from archspec.elaborate.bounds import Bounds, TooLarge
from archspec.elaborate.context import Context
from archspec.elaborate.expand import Expander
from archspec.elaborate.given_input import with_input
from archspec.elaborate.initialisers import check_addresses, initialisers
from archspec.elaborate.inputs import input_names, input_shapes
from archspec.elaborate.keywords.use import tap_addresses
from archspec.elaborate.memo.counting import Counting
from archspec.elaborate.memo.memo import KEPT, Memo
from archspec.elaborate.outputs import results_of, warn_unused
from archspec.elaborate.placement import closed, root_place
from archspec.elaborate.reporting import Reporter
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.settings import default_variant, resolve_settings
from archspec.elaborate.site import Site
from archspec.elaborate.symbol_table import FindDocument, Library
from archspec.graph.model import ENCLOSING, Block, Graph, NodeType, Ref
from archspec.graph.size_rules import size_rules
from archspec.language.budget import ELABORATION, SpentError, of_one_page
from archspec.language.diagnostics import Findings, Note
from archspec.language.document import Document
from archspec.language.yaml_tree import Tree

__all__ = ["Attempt", "Counting", "Memo", "attempt", "default_variant", "elaborate"]


class Attempt(Struct, frozen=True, eq=False):
    """What came of a document that may be wrong: the graph, where it is whole, and what stands in any case.

    `nodes` are the graph's root, or the nodes of all blocks that could not be closed; `settings` the params and `let`.
    """

    graph: Graph | None
    nodes: tuple[NodeType, ...]
    settings: Mapping[str, Any]


def elaborate(
    document: Document,
    variant: str | None,
    settings: Mapping[str, Tree],
    findings: Findings,
    find_document: FindDocument,
    memo: Memo = KEPT,
) -> Graph:
    """Expand a document into its graph.

    What a `memo` holds is not worked out again, and what is worked out is kept there; left out, it is the process's.
    Raises `SpecError` with everything that is wrong; warnings are left in `findings`.
    """
    graph = attempt(document, variant, settings, findings, find_document, memo).graph
    findings.check()
    assert graph is not None, "a graph that could not be elaborated has an error"
    return graph


@of_one_page()
def attempt(
    document: Document,
    variant: str | None,
    settings: Mapping[str, Tree],
    findings: Findings,
    find_document: FindDocument,
    memo: Memo = KEPT,
) -> Attempt:
    """Expand a document as far as it can be, for whoever needs it while it is typed; what is wrong is in `findings`."""
    for fault in document.faults:
        findings.add(fault)
    memo.make_room()
    reporter = Reporter(findings)
    context = Context(Library(document, findings), find_document, memo, reporter, Bounds(reporter))
    graph = None
    with suppress(Failed, TooLarge):
        try:
            context.bounds.pay(ELABORATION, document.body.tree.span)
            graph = _graph(context, document, variant or default_variant(document), settings)
        except SpentError:
            context.bounds.spent(document.body.tree.span)
    standing = [child for body in context.gathered.unclosed for child in body.children]
    return Attempt(graph, (graph.root,) if graph is not None else tuple(standing), dict(context.document_scope))


def _graph(context: Context, document: Document, variant: str | None, settings: Mapping[str, Tree]) -> Graph | None:
    context.library.check_own_blocks()
    document, settings = with_input(document, settings)
    definition = context.library.graph(document)
    scope = resolve_settings(context, document, variant, settings)
    context.document_scope = scope
    context.gathered.tapped.update(tap_addresses(context, document, scope))
    rules = initialisers(context, document.init, scope)
    inputs = Inputs(input_names(document), input_shapes(context, document, scope))
    own = Scope.within(scope, inputs.seen)
    body = Body.of("", definition.numbered, inputs)
    context.gathered.unclosed.append(body)
    Expander(context, body).fill(definition, own)
    root = _root(context, document, body, own)
    if context.memo.checks:
        check_addresses(context, document, root)
    if root is None:
        return None
    graph = Graph(
        name=variant or document.name,
        title=document.title,
        document=document.name,
        variant=variant,
        settings=dict(scope),
        root=replace(root, rules=rules),
        roundings=tuple(context.gathered.roundings),
    )
    _check_sizes(context, graph)
    return graph


def _check_sizes(context: Context, graph: Graph) -> None:
    """Report a symbolic size of which none suits all nodes."""
    conflict = size_rules(graph).conflict
    if conflict is None:
        return
    name, (node, *_), others = conflict
    asked = ", ".join(map(str, node.conditions))
    notes = [Note(f"`{each.address}`: {', '.join(map(str, each.conditions))}", each.span) for each in others[:4]]
    context.report(
        "no-size",
        f"no size of `{name}` suits every node",
        node.span,
        node.address,
        found=f"here {asked}",
        help=f"give `{name}` as a number to see where the sizes part",
        notes=tuple(notes),
    )


def _root(context: Context, document: Document, body: Body, scope: Scope) -> Block | None:
    results = results_of(Site(context, scope, body.prefix), body, document.output)
    if results is None:
        return None
    if context.memo.checks:
        warn_unused(context, body, results)
    inputs = tuple(Ref(ENCLOSING, index) for index in range(len(body.input_names)))
    return closed(body, results, inputs, root_place(document.body.tree.span), (document.name, document.title, {}))
