"""Another spec as a part of this one: `{use: resnet50, num_classes: 10}`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

from msgspec import Struct
from msgspec.structs import replace

from archspec.elaborate.context import Context
from archspec.elaborate.initialisers import initialisers
from archspec.elaborate.inputs import input_names
from archspec.elaborate.node_names import expanded
from archspec.elaborate.partial_calls import at_home, call_of
from archspec.elaborate.scope import MISSING, Failed, Scope
from archspec.elaborate.settings import default_variant, resolve_settings
from archspec.elaborate.site import Site
from archspec.elaborate.symbol_table import Library
from archspec.graph.learned import Initialiser
from archspec.graph.model import ENCLOSING, Block, NodeType, Ref, Result, inside, moved
from archspec.graph.prune import pruned_to, with_outputs
from archspec.language.diagnostics import Diagnostic, Findings, Note, SpecError, did_you_mean
from archspec.language.document import Document
from archspec.language.hints import unknown_op_help
from archspec.language.nodes import TAPS, WITHIN, GraphDef, NodeDef
from archspec.language.plain_values import tree_of
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree


class UsedSpec(Struct, frozen=True):
    """A spec opened for use inside another."""

    document: Document
    scope: Scope
    """Its settings, with what it computes from them."""
    library: Library
    graph: GraphDef
    input_names: tuple[str, ...]
    taps: tuple[Tap, ...]
    """The activations that are taken from it, instead of its outputs."""
    within: Given | None = None
    """The address of the node whose inside is all of the part that is wanted."""


class Given(NamedTuple):
    """A field's value, and where it stands."""

    text: str
    span: Span


class Tap(NamedTuple):
    """One activation inside a part: as it was asked for, and its address there."""

    asked: str
    address: str
    span: Span

    @property
    def name(self) -> str:
        """The name that the value goes under."""
        return self.asked.replace(".", "_")


def open_part(site: Site, name: str, node: NodeDef, span: Span) -> UsedSpec:
    """Find and read the spec that a `use` names, with the node's fields as its settings."""
    part, variant = find_part(site.context, name, site.address, span)
    settings: dict[str, Tree] = {
        key: tree_of(at_home(site.context, _setting(site, key, given.value)), given.value.span)
        for key, given in node.fields.items()
        if key not in (TAPS, WITHIN)
    }
    places = {key: given.key.span for key, given in node.fields.items()}
    library = Library(part, Findings())
    library.check_own_blocks()
    graph = library.graph(part)
    _pass_on(site.context, (*part.faults, *library.findings), span)
    # What is wrong on calls is told when they are made.
    library.findings = site.context.reporter.findings
    own = resolve_settings(site.context, part, variant or default_variant(part), settings, places)
    taps = tuple(_taps(site, part, own, node.fields[TAPS].value)) if TAPS in node.fields else ()
    within = _within(site, node) if WITHIN in node.fields else None
    return UsedSpec(part, own, library, graph, input_names(part), taps, within)


def _setting(site: Site, name: str, tree: Tree) -> Any:
    """The value that a field gives to a param of the part: a mapping is a call."""
    if isinstance(tree, Mapping):
        return call_of(site, tree, f"`{name}`")
    return site.value(tree, f"`{name}`", words=True)


def _within(site: Site, node: NodeDef) -> Given | None:
    """The node that `within` names; an empty text and nothing name none."""
    tree = node.fields[WITHIN].value
    value = site.value(tree, f"`{WITHIN}`", words=True)
    if not isinstance(value, str) and value is not None:
        site.fail("tap", f"`{WITHIN}` names a node of the part", tree.span, found=value_text(value))
    return Given(value, tree.span) if value else None


def _taps(site: Site, part: Document, own: Scope, tree: Tree) -> Iterator[Tap]:
    """The activations that `taps` asks for: by the part's own names for them, or by address."""
    known = site.scope.get(tree.value, MISSING) if isinstance(tree, Scalar) and isinstance(tree.value, str) else MISSING
    asked = tree_of(known, tree.span) if known is not MISSING else tree
    items = asked.items if isinstance(asked, Sequence) else (asked,)
    for item in items:
        if not isinstance(item, Scalar) or not isinstance(item.value, str):
            expected = "a list such as `[C3, C4, C5]` or `[layer2, layer3]`"
            site.fail("tap", "`taps` names activations of a part", item.span, expected=expected)
        declared = part.taps.get(item.value)
        where = item.value if declared is None else _address(site.within(own), declared)
        yield Tap(item.value, where, item.span)


def _address(site: Site, declared: Tree) -> str:
    """Where a spec's own tap is, under its settings."""
    assert isinstance(declared, Scalar), "other taps are left out on reading"
    return expanded(site, str(declared.value), declared.span)


def tap_addresses(context: Context, document: Document, scope: Scope, prefix: str = "") -> Iterator[str]:
    """The addresses that a spec offers to others under `taps`."""
    for declared in document.taps.values():
        with suppress(Failed):
            yield prefix + _address(Site(context, scope, ""), declared)


def taken_from(context: Context, part: UsedSpec, block: Block) -> Block:
    """The block of a part with what is taken from it as its results: its taps, or the outputs that always exist.

    What they do not need is left out, such as a classifier's head, or auxiliary heads; of a part `within` a node also
    that node's own name.
    """
    taken = _taken(context, part, replace(block, rules=initialisers(context, part.document.init, part.scope)))
    for name in part.within.text.split(".") if part.within else ():
        taken = _opened(context, part, taken, name)
    return taken


def _opened(context: Context, part: UsedSpec, block: Block, name: str) -> Block:
    """A block's child in its place, which must be all that is in it."""
    child = block.children[0]
    through = tuple(Ref(ENCLOSING, number) for number in range(len(block.input_names)))
    if not isinstance(child, Block) or len(block.children) > 1 or child.name != name or child.inputs != through:
        assert part.within is not None
        context.fail(
            "tap",
            f"`{part.within.text}` is not all that is taken of `{part.document.name}`",
            part.within.span,
            block.address,
            found=", ".join(f"`{each.name}`" for each in block.children),
            help="take activations inside of it with `taps`",
        )
    inner = moved(child, block.address)
    results = tuple(Result(result.name, inner.results[result.ref.output].ref) for result in block.results)
    return replace(
        block,
        children=inner.children,
        results=results,
        numbered=inner.numbered,
        input_names=inner.input_names,
        rules=(*_opened_rules(block, child), *(child.rules or ())),
    )


def _opened_rules(block: Block, child: Block) -> Iterator[Initialiser]:
    """The rules of a block that reach into its child, for the child in its place."""
    for rule in sorted(block.rules or (), key=lambda rule: rule.strength):
        inner = rule.opened(child.name)
        if inner is not None and (child.rules is None or rule.inside or rule.address):
            yield inner


def _taken(context: Context, part: UsedSpec, block: Block) -> Block:
    if not part.taps:
        lasting = [number for number, result in enumerate(block.results) if not _trains(block, result)]
        return block if len(lasting) in (0, len(block.results)) else with_outputs(block, lasting)
    nodes = {node.address: node for node in inside(block)}
    wanted: dict[str, str] = {}
    for tap in part.taps:
        node = nodes.get(f"{block.address}.{tap.address}")
        if node is None or len(node.shapes) != 1 or node.training:
            _refuse(context, part, tap, node, block)
        wanted[tap.name] = node.address
    return pruned_to(block, wanted)


def _trains(block: Block, result: Result) -> bool:
    child = result.ref.child
    return child >= 0 and block.children[child].training


def _refuse(context: Context, part: UsedSpec, tap: Tap, node: NodeType | None, block: Block) -> NoReturn:
    name = part.document.name
    if node is not None:
        message = f"a tap needs one value that exists in inference too; `{tap.address}` of `{name}` is none"
        context.fail("tap", message, tap.span, block.address)
    names = [*part.document.taps, *(child.name for child in block.children)]
    declared = ", ".join(f"`{each}`" for each in part.document.taps if each != tap.asked)
    if tap.asked in part.document.taps:
        message = f"the tap `{tap.asked}` of `{name}` is `{tap.address}`, which it does not have under these settings"
        context.fail("tap", message, tap.span, block.address, expected=declared or None)
    context.fail(
        "tap",
        f"`{name}` has no tap and no node `{tap.asked}`",
        tap.span,
        block.address,
        expected=declared or None,
        help=did_you_mean(tap.asked, names) or "a node inside is named by its address: `layer3.0.conv2`",
    )


def find_part(context: Context, name: str, address: str, span: Span) -> tuple[Document, str | None]:
    """The spec that a name or a path means; raises `Failed` after reporting that there is none."""
    document = context.library.document
    try:
        found = context.find_document(name, document.source.path if document else None)
    except SpecError as error:
        _pass_on(context, error.diagnostics, span)
        raise Failed from None
    if found is None:
        beside = "a spec beside this one is named by its path, `other.yaml`"
        help_ = unknown_op_help(name, context.library.names(), beside)
        context.fail("unknown-op", f"there is no op, block or spec `{name}`", span, address, help=help_)
    return found


def _pass_on(context: Context, diagnostics: Iterable[Diagnostic], span: Span) -> None:
    """Report what is wrong with another spec, with the place where it is used."""
    for diagnostic in diagnostics:
        if diagnostic.span is None:
            context.reporter.findings.add(replace(diagnostic, span=span))
        else:
            note = Note("the spec is used here", span)
            context.reporter.findings.add(replace(diagnostic, notes=(*diagnostic.notes, note)))
