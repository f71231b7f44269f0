"""A block's file as a spec: the network of its `example` alone, so that a block can be checked and drawn by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from archspec.elaborate import elaborate
from archspec.elaborate.symbol_table import FindDocument
from archspec.language.block_definition import BlockDef, parse_block_file
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document
from archspec.language.name_resolution import GraphText
from archspec.language.plain_values import tree_of
from archspec.language.sections import WeightSource
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree

USUAL = ([64, 56, 56], [64, 14, 14], [64], [16, 64], [64, 8, 28, 28])
"""Shapes that a block without `example_input` is tried with: maps, small maps, features, a sequence, a clip."""


def block_document(source: Source, find_document: FindDocument) -> Document:
    """The spec whose network is a block's example; raises `SpecError` where nothing can be made of the file."""
    findings = Findings()
    block = parse_block_file(source, findings, standard=False)
    findings.check()
    assert block is not None, "a block that could not be read has an error"
    call, names = _call(block)
    documents = [_document(block, call, shapes) for shapes in _inputs(block, names)]
    return next((each for each in documents if _is_sound(each, find_document)), documents[0])


def _is_sound(document: Document, find_document: FindDocument) -> bool:
    try:
        elaborate(document, None, {}, Findings(), find_document)
    except SpecError:
        return False
    return True


def _call(block: BlockDef) -> tuple[Tree, list[str]]:
    """The example's call, and the names of the inputs that it takes."""
    tree = block.example
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        tree = parse(Source(f"{block.source.name}, example", tree.value))
    if tree is None:
        if any(param.required for param in block.params.values()):
            _refuse_no_example(block)
        tree = Scalar(block.name, block.span)
    if isinstance(tree, Scalar):
        tree = Mapping(((tree, Scalar(None, tree.span)),), tree.span)
    taken = tree.get("from") if isinstance(tree, Mapping) else None
    names = _names(block, len(taken.items) if isinstance(taken, Sequence) else len(block.inputs) + block.many)
    if isinstance(tree, Mapping):
        rest = tuple((key, value) for key, value in tree.entries if key.value != "from")
        tree = Mapping((*rest, (Scalar("from", tree.span), tree_of(names, tree.span))), tree.span)
    return tree, names


def _refuse_no_example(block: BlockDef) -> NoReturn:
    message = f"block `{block.name}` has no `example`, by which a block's file is checked and drawn"
    required = next(name for name, param in block.params.items() if param.required)
    help_ = f'add `example: "{{{block.name}: …}}"`' if next(iter(block.params)) == required else "add `example: …`"
    raise SpecError([Diagnostic("missing-key", message, block.span, help=help_)])


def _names(block: BlockDef, count: int) -> list[str]:
    """A name for each input of the network: a block's last may take several."""
    names = list(block.inputs[:count])
    return names + [f"{names[-1]}{number}" for number in range(count - len(names))]


def _inputs(block: BlockDef, names: list[str]) -> Iterator[Mapping]:
    """What the network's input may be: as the file says, or one of the usual shapes for each."""
    given = block.example_input
    if given is not None:
        yield given if isinstance(given, Mapping) else Mapping(((Scalar(names[0], given.span), given),), given.span)
        return
    for shape in USUAL:
        yield Mapping(tuple((Scalar(name, block.span), tree_of(shape, block.span)) for name in names), block.span)


def _outputs(block: BlockDef, node: Scalar) -> Tree | None:
    """The outputs that have names; the rest is passed on together."""
    if not isinstance(block.output, Mapping):
        return None
    names = block.output.entries
    return Mapping(tuple((key, Scalar(f"{node.value}.{key.value}", node.span)) for key, _ in names), node.span)


def _document(block: BlockDef, call: Tree, shapes: Mapping) -> Document:
    node = Scalar(f"{block.name}_" if block.name in shapes.names else block.name, call.span)
    return Document(
        source=block.source,
        name=block.name,
        title=block.title,
        about=block.about,
        task=None,
        references=(),
        input=shapes,
        params={},
        let={},
        variants={},
        blocks={block.name: block},
        body=GraphText.of(Mapping(((node, call),), call.span), "`graph`"),
        output=_outputs(block, node),
        taps={},
        init=None,
        weights=WeightSource(),
        figures=(),
        faulty_blocks=frozenset(),
        faults=(),
    )
