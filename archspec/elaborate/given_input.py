"""An input given from outside in the place of a document's own: `input=[1, 64, 64]`, `--input 1x64x64`.

It stands among the settings, under the one name that no param can have. Where a size of the document's own input is a
param, as `[3, resolution, resolution]`, that param is set, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from msgspec.structs import replace

from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.document import Document
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree, plain

INPUT = "input"
_FORM = "a list of sizes without the batch, such as `[1, 64, 64]`"


def with_input(document: Document, settings: Mapping[str, Tree]) -> tuple[Document, dict[str, Tree]]:
    """The document with the input that stands among the settings, and the settings without it.

    Raises `SpecError` where it is no shape, or the document has no such input.
    """
    others = {name: tree for name, tree in settings.items() if name != INPUT}
    given = settings.get(INPUT)
    if given is None:
        return document, others
    if not isinstance(document.input, MappingTree):
        shape = _shape(given, "the input")
        return replace(document, input=shape), {**_sized(document, [(document.input, shape)]), **others}
    shapes = _named(document, document.input, given)
    entries = tuple((key, _put_in(key, tree, shapes.get(str(key.value)))) for key, tree in document.input.entries)
    written = [(_written(tree), shapes[str(key.value)]) for key, tree in document.input.entries if key.value in shapes]
    tree = MappingTree(entries, document.input.span)
    return replace(document, input=tree), {**_sized(document, written), **others}


def _named(document: Document, own: MappingTree, given: Tree) -> dict[str, Sequence]:
    """The shapes given, by the names of the document's inputs; a list alone is that of the only one with a shape."""
    if isinstance(given, MappingTree):
        for key, _ in given.entries:
            if key.value not in own.names:
                help_ = did_you_mean(str(key.value), own.names)
                _refuse(f"`{document.name}` has no input `{key.value}`", key, help=help_)
        return {str(key.value): _shape(tree, f"input `{key.value}`") for key, tree in given.entries}
    shaped = [str(key.value) for key, tree in own.entries if _written(tree) is not None]
    if len(shaped) != 1:
        names = ", ".join(f"`{name}`" for name in shaped)
        _refuse(f"`{document.name}` has several inputs", given, expected=f"a shape by name, of {names}")
    return {shaped[0]: _shape(given, f"input `{shaped[0]}`")}


def _shape(tree: Tree, what: str) -> Sequence:
    if not isinstance(tree, Sequence) or not tree.items:
        _refuse(f"{what} is a shape", tree, expected=_FORM, found=shown(tree))
    return tree


def _written(tree: Tree) -> Tree | None:
    """The shape that a document writes for an input; `None` where its examples are mappings."""
    return tree.get("shape") if isinstance(tree, MappingTree) else tree


def _put_in(key: Scalar, tree: Tree, shape: Sequence | None) -> Tree:
    """What a document says of an input, with another shape."""
    if shape is None or not isinstance(tree, MappingTree):
        return shape or tree
    if tree.get("shape") is None:
        _refuse(f"input `{key.value}` is a mapping of tensors, whose shapes cannot be set", shape)
    return MappingTree(tuple((each, shape if each.value == "shape" else old) for each, old in tree.entries), tree.span)


def _sized(document: Document, shapes: list[tuple[Tree | None, Sequence]]) -> dict[str, Tree]:
    """The params that are sizes of the document's own input and of one size in what is given."""
    found: dict[str, list[Tree]] = {}
    for own, given in shapes:
        for name, size in _sizes(own, given):
            if name in document.params and isinstance(plain(size), int):
                found.setdefault(name, []).append(size)
    return {name: sizes[0] for name, sizes in found.items() if len({plain(size) for size in sizes}) == 1}


def _sizes(own: Tree | None, given: Sequence) -> Iterator[tuple[str, Tree]]:
    if isinstance(own, Sequence) and len(own.items) == len(given.items):
        for item, size in zip(own.items, given.items):
            if isinstance(item, Scalar) and isinstance(item.value, str):
                yield item.value, size


def _refuse(message: str, at: Tree, **details: str | None) -> NoReturn:
    raise SpecError([Diagnostic("input", message, at.span, **details)])  # type: ignore[arg-type]
