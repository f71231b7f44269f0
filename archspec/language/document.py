"""A document: a spec's parts as pydantic models and parsed nodes, with their places in the text."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field as PydanticField

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.figures import Figure, parse_figures
from archspec.language.nodes import RESERVED, GraphDef, NodeParser, Signature, Vocabulary
from archspec.language.params import Param, parse_params
from archspec.language.source import Source, Span
from archspec.language.tree import Mapping as MappingTree
from archspec.language.tree import Scalar, Tree, parse
from archspec.language.validation import Expects, Section, shown, validate

VERSION = 1

Name = Annotated[
    str, PydanticField(pattern=r"^[a-z][a-z0-9_]*$"), Expects("a name of small letters, digits and underscores")
]
Title = Annotated[str, PydanticField(pattern=r"^[A-Z][A-Za-z0-9_]*$"), Expects("a class name such as `GoogLeNet`")]
Text = Annotated[str, Expects("a text")]


class Reference(Section):
    """A paper: who, what, when, where."""

    authors: Text
    title: Text
    year: Annotated[int, PydanticField(ge=1900, le=2200), Expects("a year")]
    venue: Text | None = None
    link: Text | None = None


class WeightSource(Section):
    """Where pre-trained weights come from, and the settings that go with them."""

    torchvision: Annotated[bool, Expects("true or false")] = False
    set: Annotated[dict[str, Any], Expects("a mapping of params to values")] = {}
    head: Annotated[list[str], Expects("a list of node addresses")] = []
    optional: Annotated[list[str], Expects("a list of node addresses")] = []


class DocumentSection(Section):
    """The top level of a spec."""

    archspec: Annotated[Literal[1], Expects("the version of the language, 1")]
    name: Name
    title: Title | None = None
    about: Text | None = None
    task: Text | None = None
    references: Annotated[list[Reference], Expects("a list of papers, each with `authors`, `title` and `year`")] = []
    input: Any
    params: Any = None
    let: Any = None
    variants: Any = None
    blocks: Any = None
    graph: Any
    output: Any = None
    init: Any = None
    weights: Any = None
    figures: Any = None


class BlockSection(Section):
    """A block's definition."""

    block: Name | None = None
    title: Title | None = None
    about: Text | None = None
    inputs: Annotated[list[Name], Expects("a list of names")] | None = None
    params: Any = None
    let: Any = None
    graph: Any
    output: Any = None
    example: Any = None


@dataclass(frozen=True, slots=True)
class BlockDef:
    """A block as defined: what a call may set, and the graph that it stands for."""

    name: str
    title: str
    about: str | None
    span: Span
    inputs: tuple[str, ...]
    params: Mapping[str, Param]
    let: Mapping[str, Tree]
    output: Tree | None
    example: Tree | None
    source: Source
    standard: bool
    """Whether it comes with archspec: such a block does not see a document's params."""
    _body: Tree = field(repr=False)
    graphs: list[GraphDef] = field(default_factory=list, repr=False)

    @property
    def signature(self) -> Signature:
        names = tuple(self.params)
        required = tuple(name for name, param in self.params.items() if param.required)
        takes_list = bool(names) and self.params[names[0]].type == "list" and len(names) == 1
        return Signature(self.name, "block", frozenset(names), required, names, takes_list=takes_list)

    def graph(self, vocabulary: Vocabulary, names: Iterable[str], findings: Findings) -> GraphDef:
        """The body, read once against the vocabulary of the document that uses it."""
        if not self.graphs:
            self.graphs.append(NodeParser(vocabulary, names, findings).graph(self._body))
        return self.graphs[0]


@dataclass(frozen=True, slots=True)
class Variant:
    """A named setting of a document's params."""

    name: str
    span: Span
    settings: Mapping[str, Tree]
    keys: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Document:
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
    body: Tree
    output: Tree | None
    init: Tree | None
    weights: WeightSource
    figures: tuple[Figure, ...]


_RAW = frozenset(name for name, info in DocumentSection.model_fields.items() if info.annotation is Any)
_BLOCK_RAW = frozenset(name for name, info in BlockSection.model_fields.items() if info.annotation is Any)


def parse_document(source: Source, findings: Findings) -> Document:
    """Read a spec's text; raises `SpecError` where nothing can be made of it, and collects what else is wrong."""
    tree = parse(source)
    section = validate(DocumentSection, tree, "a spec", findings, _RAW)
    if section is None:
        findings.check()
    assert section is not None
    params = parse_params(section.params, findings)
    return Document(
        source=source,
        name=section.name,
        title=section.title or camel(section.name),
        about=section.about,
        task=section.task,
        references=tuple(section.references),
        input=section.input,
        params=params,
        let=_trees(section.let, "`let`", findings),
        variants=_variants(section.variants, params, findings),
        blocks=_blocks(section.blocks, source, findings),
        body=section.graph,
        output=section.output,
        init=section.init,
        weights=_weights(section.weights, findings),
        figures=parse_figures(section.figures, findings),
    )


def parse_block_file(source: Source, findings: Findings, *, standard: bool) -> BlockDef:
    """Read a file that holds one block, named under `block`."""
    tree = parse(source)
    block = _block(None, tree, source, findings, standard=standard)
    if block is None:
        findings.check()
    assert block is not None
    return block


def is_block_file(source: Source) -> bool:
    """Whether a text holds a block rather than a spec."""
    return re.search(r"^block\s*:", source.text, re.MULTILINE) is not None


def camel(name: str) -> str:
    """A name as a class is called.

    >>> camel("basic_block")
    'BasicBlock'
    """
    return "".join(part[:1].upper() + part[1:] for part in name.split("_"))


def is_identifier(name: str) -> bool:
    """Whether a name can be an attribute in Python's source."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


def _trees(tree: Tree | None, what: str, findings: Findings) -> dict[str, Tree]:
    """The entries of a mapping from names to expressions."""
    return {str(key.value): value for key, value in _entries(tree, what, findings)}


def _entries(tree: Tree | None, what: str, findings: Findings) -> list[tuple[Scalar, Tree]]:
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return []
    if not isinstance(tree, MappingTree):
        findings.add(Diagnostic("wrong-type", f"{what} is a mapping of names to values", tree.span, found=shown(tree)))
        return []
    good = []
    for key, value in tree.entries:
        if is_identifier(str(key.value)):
            good.append((key, value))
        else:
            findings.add(
                Diagnostic(
                    "name",
                    f"`{key.value}` is not a plain name",
                    key.span,
                    expected="letters, digits and underscores, no Python keyword",
                )
            )
    return good


def _variants(tree: Tree | None, params: Mapping[str, Param], findings: Findings) -> dict[str, Variant]:
    variants = {}
    for key, value in _entries(tree, "`variants`", findings):
        settings = _entries(value, f"variant `{key.value}`", findings)
        variants[str(key.value)] = Variant(
            str(key.value),
            key.span,
            {str(name.value): item for name, item in settings},
            {str(name.value): name for name, _ in settings},
        )
    return variants


def _blocks(tree: Tree | None, source: Source, findings: Findings) -> dict[str, BlockDef]:
    blocks = {}
    for key, value in _entries(tree, "`blocks`", findings):
        if key.value in RESERVED:
            findings.add(
                Diagnostic("name", f"`{key.value}` is a word of the language and cannot name a block", key.span)
            )
            continue
        block = _block(key, value, source, findings, standard=False)
        if block is not None:
            blocks[block.name] = block
    return blocks


def _block(key: Scalar | None, tree: Tree, source: Source, findings: Findings, *, standard: bool) -> BlockDef | None:
    what = f"block `{key.value}`" if key else "a block file"
    section = validate(BlockSection, tree, what, findings, _BLOCK_RAW)
    if section is None:
        return None
    name = str(key.value) if key else section.block
    if name is None:
        findings.add(Diagnostic("missing-key", "a block file needs `block`", tree.span, help="add `block: its_name`"))
        return None
    return BlockDef(
        name=name,
        title=section.title or camel(name),
        about=section.about,
        span=key.span if key else tree.span,
        inputs=tuple(section.inputs or ("input",)),
        params=parse_params(section.params, findings),
        let=_trees(section.let, "`let`", findings),
        output=section.output,
        example=section.example,
        source=source,
        standard=standard,
        _body=section.graph,
    )


def _weights(tree: Tree | None, findings: Findings) -> WeightSource:
    if tree is None:
        return WeightSource()
    return validate(WeightSource, tree, "`weights`", findings) or WeightSource()
