"""Blocks as a page or a file of their own defines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.identifiers import NAME_RULE, class_name, is_input_name
from archspec.language.name_resolution import GraphText
from archspec.language.named_entries import is_no_mapping, named_entries, parse_let
from archspec.language.nodes import RESERVED, Signature
from archspec.language.params import Param, parse_params
from archspec.language.pydantic_models import validate
from archspec.language.sections import BlockSection
from archspec.language.source import Source, Span
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree


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
        first = self.params[names[0]] if names else None
        takes_list = first is not None and first.type == "list" and len(names) == 1
        takes_call = first is not None and first.takes_call
        return Signature(
            self.name, "block", frozenset(names), required, names, names, takes_list=takes_list, takes_call=takes_call
        )


_BLOCK_RAW = frozenset(name for name, info in BlockSection.model_fields.items() if info.annotation is Any)


def parse_block_file(source: Source, findings: Findings, *, standard: bool) -> BlockDef | None:
    """Read a file that holds one block, named under `block`; `None` where nothing can be made of it."""
    return _block(None, parse(source), source, findings, standard=standard)


def parse_blocks(tree: Tree | None, source: Source, findings: Findings) -> tuple[dict[str, BlockDef], frozenset[str]]:
    """The blocks, and the names of those of which nothing could be made."""
    blocks, faulty = {}, set()
    for key, value in named_entries(tree, "`blocks`", findings):
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
    let = parse_let(section.let, params, findings)
    if inputs is None or any(map(is_no_mapping, (section.params, section.let))):
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
