"""A document: a spec's parts as pydantic models and parsed nodes, with their places in the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from archspec.language.block_definition import BlockDef, parse_blocks
from archspec.language.budget import of_one_page
from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.draw_section import DrawWishes, parse_draw
from archspec.language.error_recovery import around_faults
from archspec.language.figures import Figure, parse_figures
from archspec.language.identifiers import class_name
from archspec.language.name_resolution import GraphText
from archspec.language.named_entries import is_empty, is_no_mapping, named_entries, parse_let
from archspec.language.params import Param, parse_params
from archspec.language.pydantic_models import shown, validate, validate_in_part
from archspec.language.sections import DocumentSection, Reference, WeightSource
from archspec.language.source import Source, Span
from archspec.language.variants import Variant, parse_variants, unknown_setting
from archspec.language.weights_map import parse_maps
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree


class Document(Struct, frozen=True):
    """A spec as written, checked for everything that can be known without elaborating it."""

    source: Source
    name: str
    title: str
    about: str | None
    task: str | None
    references: tuple[Reference, ...]
    input: Tree
    params: Mapping[str, Param]
    let: Mapping[str, Tree]
    variants: Mapping[str, Variant]
    blocks: Mapping[str, BlockDef]
    body: GraphText
    output: Tree | None
    taps: Mapping[str, Tree]
    """The addresses of the activations that others take from it, by name."""
    init: Tree | None
    weights: WeightSource
    figures: tuple[Figure, ...]
    faulty_blocks: frozenset[str]
    """Names of blocks of which nothing could be made."""
    faults: tuple[Diagnostic, ...]
    """What was found wrong on reading; more may be wrong in the graph."""
    draw: DrawWishes = DrawWishes()

    def introduced(self, variant: str | None) -> Reference | None:
        """The paper that introduced a variant: the one that names it, else the first."""
        return next(
            (paper for paper in self.references if variant in paper.variants), next(iter(self.references), None)
        )


_RAW = frozenset(name for name, info in DocumentSection.model_fields.items() if info.annotation is Any)


@of_one_page()
def parse_document(source: Source, findings: Findings) -> Document:
    """Read a spec's text; raises `SpecError` where nothing can be made of it, and collects what else is wrong."""
    tree = parse(source)
    if not isinstance(tree, MappingTree):
        validate(DocumentSection, tree, "a spec", findings)
        findings.check()
    assert isinstance(tree, MappingTree)
    section, faulty = validate_in_part(DocumentSection, tree, "a spec", findings, _RAW)
    unreadable = _unreadable(section, faulty)
    if unreadable & {"params", "variants"}:
        parse_params(section.params, findings)
        findings.check()
    document = _document(source, _whole(section, tree), faulty, findings)
    if unreadable:
        findings.check()
    return document


def written_document(name: str, text: str) -> Document:
    """The document of a text that archspec wrote itself, under a file name for its messages."""
    return parse_document(Source(name, text), Findings())


class Page(Struct, frozen=True):
    """A spec's text while it is typed: what can be read of it, what is wrong, and what was left out for that."""

    document: Document | None
    faults: tuple[Diagnostic, ...]
    holes: tuple[Span, ...]
    tree: Tree | None = None
    """All that is written around the holes."""


def read_page(source: Source) -> Page:
    """The document around a text's faults, for whoever needs one while the text is typed; nothing is raised.

    A key that is missing or wrong stands for nothing: the graph may be empty.
    """
    survived = around_faults(source)
    if not isinstance(survived.tree, MappingTree):
        return Page(None, survived.faults, survived.holes, survived.tree)
    findings = Findings(list(survived.faults))
    section, faulty = validate_in_part(DocumentSection, survived.tree, "a spec", findings, _RAW)
    faulty |= {"name"} - section.model_fields_set
    document = _document(source, _whole(section, survived.tree), faulty, findings)
    return Page(document, document.faults, survived.holes, survived.tree)


def _whole(section: DocumentSection, tree: MappingTree) -> DocumentSection:
    """The keys, with nothing under those that must be there and are not."""
    nothing = MappingTree((), tree.span)
    missing = {name: nothing for name in ("input", "graph") if getattr(section, name, None) is None}
    return section.model_copy(update=missing) if missing else section


def _document(source: Source, section: DocumentSection, faulty: set[str], findings: Findings) -> Document:
    """The document that the keys make, without those of which nothing can be made."""
    name = section.name if "name" not in faulty else "spec"
    params = parse_params(section.params, findings)
    variants = parse_variants(section.variants, name, params, findings)
    blocks, faulty_blocks = parse_blocks(section.blocks, source, findings)
    let = parse_let(section.let, params, findings)
    weights = _weights(section.weights, name, params, let, findings)
    taps = _taps(section.taps, findings)
    figures = parse_figures(section.figures, variants, params, findings)
    wishes = parse_draw(section.draw, findings)
    return Document(
        source=source,
        name=name,
        title=section.title or class_name(name),
        about=section.about,
        task=section.task,
        references=_references(section.references, variants, findings),
        input=section.input,
        params=params,
        let=let,
        variants=variants,
        blocks=blocks,
        body=GraphText.of(section.graph, "`graph`"),
        output=section.output,
        taps=taps,
        init=section.init,
        weights=weights,
        figures=figures,
        faulty_blocks=faulty_blocks,
        faults=tuple(findings),
        draw=wishes,
    )


_DEFINING = ("params", "let", "blocks", "variants")
"""The keys whose names what stands elsewhere in a spec may use."""


def _references(tree: Tree | None, variants: Mapping[str, Variant], findings: Findings) -> tuple[Reference, ...]:
    if tree is None or is_empty(tree):
        return ()
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", "`references` is a list of papers", tree.span, found=shown(tree)))
        return ()
    papers = [(validate(Reference, item, "a reference", findings), item) for item in tree.items]
    for paper, item in papers:
        for name in paper.variants if paper is not None else ():
            if name not in variants:
                help_ = did_you_mean(name, variants)
                findings.add(Diagnostic("unknown-variant", f"there is no variant `{name}`", item.span, help=help_))
    return tuple(paper for paper, _ in papers if paper is not None)


def _unreadable(section: DocumentSection, faulty: set[str]) -> set[str]:
    """The keys that are so wrong that what else seems wrong need not be."""
    return (faulty & {"input", "graph"}) | {name for name in _DEFINING if is_no_mapping(getattr(section, name))}


def _taps(tree: Tree | None, findings: Findings) -> dict[str, Tree]:
    """The addresses by the names under which others take them."""
    named = dict(named_entries(tree, "`taps`", findings))
    for address in named.values():
        if not isinstance(address, Scalar) or not isinstance(address.value, str):
            message = "a tap is the address of a node, such as `layer3`"
            findings.add(Diagnostic("wrong-type", message, address.span, found=shown(address)))
    return {str(key.value): address for key, address in named.items() if isinstance(address, Scalar)}


def _weights(
    tree: Tree | None, document: str, params: Mapping[str, Param], let: Mapping[str, Tree], findings: Findings
) -> WeightSource:
    if tree is None or is_empty(tree):
        return WeightSource()
    given = tree.get("set") if isinstance(tree, MappingTree) else None
    for key, _ in given.entries if isinstance(given, MappingTree) else ():
        if str(key.value) not in params:
            findings.add(unknown_setting(document, str(key.value), key.span, params))
    source = validate(WeightSource, tree, "`weights`", findings, frozenset({"map"})) or WeightSource()
    return source.model_copy(update={"map": parse_maps(source.map, {**params, **let}, findings)})
