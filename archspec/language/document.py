"""A document: a spec's parts as pydantic models and parsed nodes, with their places in the text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal

from msgspec import Struct
from pydantic import AfterValidator
from pydantic import Field as PydanticField

from archspec.language.budget import of_one_page
from archspec.language.diagnostics import Diagnostic, Findings, Note, did_you_mean, nearest
from archspec.language.figures import Figure, parse_figures
from archspec.language.identifiers import NAME_RULE, class_name, is_identifier
from archspec.language.nodes import RESERVED, Signature
from archspec.language.params import Param, parse_params
from archspec.language.pydantic_models import Expects, Section, shown, validate, validate_in_part, value_text
from archspec.language.recovery import around_faults
from archspec.language.resolution import GraphText
from archspec.language.source import Source, Span
from archspec.language.weights_map import Rules, parse_maps
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree, plain

VERSION = 1

Name = Annotated[
    str, PydanticField(pattern=r"^[a-z][a-z0-9_]*$"), Expects("a name of small letters, digits and underscores")
]
InputName = Annotated[
    str,
    PydanticField(pattern=r"^[a-z][a-z0-9_]*[*?]?$"),
    Expects(
        "a name of small letters, digits and underscores, with `?` where it may be left out, the last perhaps with `*` "
        "for all that remain"
    ),
]


def _in_print(title: str) -> str:
    """A title as it is; a pattern that says the same takes pydantic longer to compile than a spec to check."""
    if not (title[:1].isascii() and title[:1].isalpha() and title.isprintable() and len(title) <= _LONGEST_TITLE):
        raise ValueError(title)
    return title


_LONGEST_TITLE = 60

Title = Annotated[
    str,
    AfterValidator(_in_print),
    Expects("a name in print such as `Faster R-CNN`: a letter, then at most 59 characters on the same line"),
]
Text = Annotated[str, Expects("a text")]


class Reference(Section):
    """A paper: who, what, when, where."""

    authors: Text
    title: Text
    year: Annotated[int, PydanticField(ge=1900, le=2200), Expects("a year")]
    venue: Text | None = None
    link: Text | None = None
    variants: Annotated[list[str], Expects("a list of variants")] = []
    """Those that the paper introduced, where it is not the first of the list for all."""


class WeightSource(Section):
    """Where pre-trained weights come from, and the settings that go with them."""

    torchvision: Annotated[bool, Expects("true or false")] = False
    set: Annotated[dict[str, Any], Expects("a mapping of params to values")] = {}
    optional: Annotated[list[str], Expects("a list of node addresses")] = []
    map: Any = None
    """Rules from a file's names to the network's: as written, and then by the name of each map."""

    @property
    def maps(self) -> Mapping[str, Rules]:
        """The rules by the name of each map; a page's only one may have none."""
        return self.map or {}


class DocumentSection(Section):
    """The top level of a spec."""

    archspec: Annotated[Literal[1], Expects("the version of the language, 1")]
    """The version of the language."""
    name: Name
    """The network's name, by which its file is called."""
    title: Title | None = None
    """The name in print; left out, it is made from `name`."""
    about: Text | None = None
    """What the network is, in one line."""
    task: Text | None = None
    """What it is for, in one line."""
    references: Any = None
    """The papers that introduced it."""
    input: Any
    """The shape of the input without the batch, or several inputs by name."""
    params: Any = None
    """What may be set from outside, each by its type or default."""
    let: Any = None
    """Names for values computed from the params."""
    variants: Any = None
    """Named settings of the params."""
    blocks: Any = None
    """The page's own blocks."""
    graph: Any
    """The network: its nodes by name, or a list of them."""
    output: Any = None
    """The node whose value is the output, or several by name; left out, the last node."""
    taps: Any = None
    """The addresses of activations that others take, by name."""
    init: Any = None
    """How the weights start, by op or by address."""
    weights: Any = None
    """Where pre-trained weights come from."""
    figures: Any = None
    """What is documented about the network, each with its source."""


class BlockSection(Section):
    """A block's definition."""

    block: Name | None = None
    """The block's name, in a file of its own."""
    title: Title | None = None
    """The class that the source gets; left out, it is made from the name."""
    about: Text | None = None
    """What the block is and where it comes from."""
    inputs: Annotated[list[InputName], Expects("a list of names")] | None = None
    """The names of its inputs, where it has several."""
    params: Any = None
    """What a call may set, each by its type or default."""
    let: Any = None
    """Names for values computed from the params."""
    graph: Any
    """Its nodes by name, or a list of them."""
    output: Any = None
    """The node whose value it gives, or several by name; left out, the last node."""
    example: Any = None
    """A call of it, by which its file is checked and drawn."""
    example_input: Any = None
    """The shape that the example takes, or one for each input by its name."""


class BlockDef(Struct, frozen=True, eq=False):
    """A block as defined: what a call may set, and the graph that it stands for."""

    name: str
    title: str
    about: str | None
    span: Span
    inputs: tuple[str, ...]
    many: bool
    """Whether the last input takes all values that remain."""
    optional: int
    """How many inputs, the last ones, may be left out."""
    params: Mapping[str, Param]
    let: Mapping[str, Tree]
    output: Tree | None
    example: Tree | None
    example_input: Tree | None
    """What the example takes: a shape, or one for each input by its name."""
    source: Source
    standard: bool
    """Whether it comes with archspec: such a block does not see a document's params."""
    body: GraphText

    @property
    def signature(self) -> Signature:
        names = tuple(self.params)
        required = tuple(name for name, param in self.params.items() if param.required)
        first = self.params[names[0]].type if names else None
        takes_list, takes_call = first == "list" and len(names) == 1, first == "op"
        return Signature(
            self.name, "block", frozenset(names), required, names, names, takes_list=takes_list, takes_call=takes_call
        )


class Variant(Struct, frozen=True):
    """A named setting of a document's params."""

    name: str
    span: Span
    settings: Mapping[str, Tree]
    faulty: frozenset[str]
    """Params whose value here is wrong, which is already reported."""


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

    def introduced(self, variant: str | None) -> Reference | None:
        """The paper that introduced a variant: the one that names it, else the first."""
        return next(
            (paper for paper in self.references if variant in paper.variants), next(iter(self.references), None)
        )


_RAW = frozenset(name for name, info in DocumentSection.model_fields.items() if info.annotation is Any)
_BLOCK_RAW = frozenset(name for name, info in BlockSection.model_fields.items() if info.annotation is Any)


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


class Page(Struct, frozen=True):
    """A spec's text while it is typed: what can be read of it, what is wrong, and what was left out for that."""

    document: Document | None
    faults: tuple[Diagnostic, ...]
    holes: tuple[Span, ...]


def read_page(source: Source) -> Page:
    """The document around a text's faults, for whoever needs one while the text is typed; nothing is raised.

    A key that is missing or wrong stands for nothing: the graph may be empty.
    """
    survived = around_faults(source)
    if not isinstance(survived.tree, MappingTree):
        return Page(None, survived.faults, survived.holes)
    findings = Findings(list(survived.faults))
    section, faulty = validate_in_part(DocumentSection, survived.tree, "a spec", findings, _RAW)
    faulty |= {"name"} - section.model_fields_set
    document = _document(source, _whole(section, survived.tree), faulty, findings)
    return Page(document, document.faults, survived.holes)


def _whole(section: DocumentSection, tree: MappingTree) -> DocumentSection:
    """The keys, with nothing under those that must be there and are not."""
    nothing = MappingTree((), tree.span)
    missing = {name: nothing for name in ("input", "graph") if getattr(section, name, None) is None}
    return section.model_copy(update=missing) if missing else section


def _document(source: Source, section: DocumentSection, faulty: set[str], findings: Findings) -> Document:
    """The document that the keys make, without those of which nothing can be made."""
    name = section.name if "name" not in faulty else "spec"
    params = parse_params(section.params, findings)
    variants = _variants(section.variants, name, params, findings)
    blocks, faulty_blocks = _blocks(section.blocks, source, findings)
    let = _let(section.let, params, findings)
    weights = _weights(section.weights, name, params, let, findings)
    taps = _taps(section.taps, findings)
    figures = parse_figures(section.figures, variants, params, findings)
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
    )


_DEFINING = ("params", "let", "blocks", "variants")
"""The keys whose names what stands elsewhere in a spec may use."""


def _references(tree: Tree | None, variants: Mapping[str, Variant], findings: Findings) -> tuple[Reference, ...]:
    if tree is None or _is_empty(tree):
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
    return (faulty & {"input", "graph"}) | {name for name in _DEFINING if _is_no_mapping(getattr(section, name))}


def _is_no_mapping(tree: Tree | None) -> bool:
    return tree is not None and not isinstance(tree, MappingTree) and not _is_empty(tree)


def _is_empty(tree: Tree | None) -> bool:
    return tree is None or (isinstance(tree, Scalar) and tree.value is None)


def parse_block_file(source: Source, findings: Findings, *, standard: bool) -> BlockDef | None:
    """Read a file that holds one block, named under `block`; `None` where nothing can be made of it."""
    return _block(None, parse(source), source, findings, standard=standard)


def is_block_file(source: Source) -> bool:
    """Whether a text holds a block rather than a spec."""
    return re.search(r"^block\s*:", source.text, re.MULTILINE) is not None


def is_recipe(source: Source) -> bool:
    """Whether a text is a recipe for training rather than a spec."""
    return re.search(r"^recipe\s*:", source.text, re.MULTILINE) is not None


def _let(tree: Tree | None, params: Mapping[str, Param], findings: Findings) -> dict[str, Tree]:
    """The names for computed values; none may hide a param."""
    named = {}
    for key, value in _entries(tree, "`let`", findings):
        name = str(key.value)
        if name in params:
            note = Note("the param is here", params[name].span)
            findings.add(Diagnostic("name-twice", f"`{name}` is a param already", key.span, notes=(note,)))
        else:
            named[name] = value
    return named


def _taps(tree: Tree | None, findings: Findings) -> dict[str, Tree]:
    """The addresses by the names under which others take them."""
    named = dict(_entries(tree, "`taps`", findings))
    for address in named.values():
        if not isinstance(address, Scalar) or not isinstance(address.value, str):
            message = "a tap is the address of a node, such as `layer3`"
            findings.add(Diagnostic("wrong-type", message, address.span, found=shown(address)))
    return {str(key.value): address for key, address in named.items() if isinstance(address, Scalar)}


def _entries(tree: Tree | None, what: str, findings: Findings) -> list[tuple[Scalar, Tree]]:
    if tree is None or _is_empty(tree):
        return []
    if not isinstance(tree, MappingTree):
        findings.add(Diagnostic("wrong-type", f"{what} is a mapping of names to values", tree.span, found=shown(tree)))
        return []
    for key, _ in tree.entries:
        if not is_identifier(str(key.value)):
            findings.add(Diagnostic("name", f"`{key.value}` is not a plain name", key.span, expected=NAME_RULE))
    return [(key, value) for key, value in tree.entries if is_identifier(str(key.value))]


def _variants(tree: Tree | None, document: str, params: Mapping[str, Param], findings: Findings) -> dict[str, Variant]:
    return {
        str(key.value): _variant(key, value, document, params, findings)
        for key, value in _entries(tree, "`variants`", findings)
    }


def _variant(key: Scalar, tree: Tree, document: str, params: Mapping[str, Param], findings: Findings) -> Variant:
    name = str(key.value)
    settings: dict[str, Tree] = {}
    faulty: set[str] = set()
    for param, value in _entries(tree, f"variant `{name}`", findings):
        known = params.get(str(param.value))
        if known is None:
            findings.add(unknown_setting(document, str(param.value), param.span, params))
            faulty.update(filter(None, [nearest(str(param.value), params)]))
        elif _is_written_out(value) and not known.accepts(plain(value)):
            faulty.add(known.name)
            message = f"`{known.name}` of variant `{name}` cannot be {value_text(plain(value))}"
            findings.add(Diagnostic("wrong-type", message, value.span, expected=known.expects))
        else:
            settings[known.name] = value
    return Variant(name, key.span, settings, frozenset(faulty - set(settings)))


def unknown_setting(document: str, name: str, span: Span, params: Iterable[str]) -> Diagnostic:
    """The error for a setting of a param that a spec does not have."""
    help_ = did_you_mean(name, params) or ("its params are listed under `params`" if params else "it has no params")
    return Diagnostic("unknown-setting", f"`{document}` has no param `{name}`", span, help=help_)


def _is_written_out(tree: Tree) -> bool:
    """Whether a value holds no text, which could be an expression."""
    if isinstance(tree, Sequence):
        return all(map(_is_written_out, tree.items))
    return isinstance(tree, Scalar) and not isinstance(tree.value, str)


def _blocks(tree: Tree | None, source: Source, findings: Findings) -> tuple[dict[str, BlockDef], frozenset[str]]:
    """The blocks, and the names of those of which nothing could be made."""
    blocks, faulty = {}, set()
    for key, value in _entries(tree, "`blocks`", findings):
        name = str(key.value)
        if name in RESERVED:
            findings.add(Diagnostic("name", f"`{name}` is a reserved word and cannot name a block", key.span))
            continue
        block = _block(key, value, source, findings, standard=False)
        if block is None:
            faulty.add(name)
        else:
            blocks[name] = block
    return blocks, frozenset(faulty)


def _block(key: Scalar | None, tree: Tree, source: Source, findings: Findings, *, standard: bool) -> BlockDef | None:
    what = f"block `{key.value}`" if key else "a block file"
    section = validate(BlockSection, tree, what, findings, _BLOCK_RAW)
    if section is None:
        return None
    name = str(key.value) if key else section.block
    if name is None:
        findings.add(Diagnostic("missing-key", "a block file needs `block`", tree.span, help="add `block: its_name`"))
        return None
    inputs = _inputs(section.inputs, tree, findings)
    params = parse_params(section.params, findings)
    let = _let(section.let, params, findings)
    if inputs is None or any(map(_is_no_mapping, (section.params, section.let))):
        return None
    return BlockDef(
        name=name,
        title=section.title or class_name(name),
        about=section.about,
        span=key.span if key else tree.span,
        inputs=inputs,
        many=(section.inputs or [""])[-1].endswith("*"),
        optional=sum(each.endswith("?") for each in section.inputs or ()),
        params=params,
        let=let,
        output=section.output,
        example=section.example,
        example_input=section.example_input,
        source=source,
        standard=standard,
        body=GraphText.of(section.graph, "a graph", name),
    )


def _inputs(names: list[str] | None, tree: Tree, findings: Findings) -> tuple[str, ...] | None:
    """The names of a block's inputs; `None` where one of them cannot be used."""
    given = tree.get("inputs") if isinstance(tree, MappingTree) else None
    plain_names = [name.rstrip("*?") for name in names or ()]
    for number, name in enumerate(plain_names):
        span = given.items[number].span if isinstance(given, Sequence) else tree.span
        if number < len(plain_names) - 1 and f"{name}*" in (names or ()):
            findings.add(Diagnostic("name", f"only the last input can take all that remain, not `{name}*`", span))
            return None
        if f"{name}?" in (names or [])[:-1] and not (names or [])[number + 1].endswith("?"):
            message = f"`{name}?` may be left out, but an input after it is always there"
            findings.add(Diagnostic("name", message, span, help="write those that may be left out last"))
            return None
        if not is_input_name(name):
            findings.add(Diagnostic("name", f"an input cannot be called `{name}`", span, expected=NAME_RULE))
            return None
        if name in plain_names[:number]:
            findings.add(Diagnostic("name-twice", f"two inputs are called `{name}`", span))
            return None
    return ("input",) if names is None else tuple(plain_names)


def is_input_name(name: str) -> bool:
    """Whether an input may have this name, which becomes that of an argument of `forward`."""
    return is_identifier(name) and name not in ("previous", "self", "torch", "nn", "torchvision")


def _weights(
    tree: Tree | None, document: str, params: Mapping[str, Param], let: Mapping[str, Tree], findings: Findings
) -> WeightSource:
    if tree is None or _is_empty(tree):
        return WeightSource()
    given = tree.get("set") if isinstance(tree, MappingTree) else None
    for key, _ in given.entries if isinstance(given, MappingTree) else ():
        if str(key.value) not in params:
            findings.add(unknown_setting(document, str(key.value), key.span, params))
    source = validate(WeightSource, tree, "`weights`", findings, frozenset({"map"})) or WeightSource()
    return source.model_copy(update={"map": parse_maps(source.map, {**params, **let}, findings)})
