"""The document that a command or a call is about, and which of its variants."""

from __future__ import annotations

from pathlib import Path

from archspec import blocks
from archspec.api import zoo
from archspec.api.block_file import block_document
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import Document
from archspec.language.file_kind import is_block_file, is_recipe
from archspec.language.read_text import is_file, read_source


def open_document(spec: str | Path, variant: str | None) -> tuple[Document, str | None]:
    """The document that a path or bundled name means, and the variant that was asked for, if one was.

    A block's file is its example. The name of a document without variants is that of its only one.
    """
    document, named = _by_example(Path(spec)) or zoo.open_spec(spec)
    if variant and named and variant != named:
        message = f"`{spec}` is a variant itself, so `{variant}` cannot be one of it"
        raise SpecError([Diagnostic("unknown-variant", message)])
    if variant == document.name and not document.variants:
        return document, None
    return document, variant or named


def variants_of(document: Document) -> list[str | None]:
    """The names of a document's variants; `None` alone where it has none."""
    return [*document.variants] or [None]


def recipe_at(spec: str) -> str | None:
    """The recipe that a path or bundled name means, where it means one."""
    if is_file(Path(spec)):
        return spec if is_recipe(read_source(Path(spec))) else None
    return spec if zoo.is_recipe_name(spec) else None


def _by_example(path: Path) -> tuple[Document, str | None] | None:
    """The document of a block's file, or of a standard block by its name; `None` where there is none such."""
    if not is_file(path):
        path = _standard_block(path.name) if zoo.find(str(path)) is None else path
    if not is_file(path):
        return None
    source = read_source(path)
    return (block_document(source, zoo.find), None) if is_block_file(source) else None


def _standard_block(name: str) -> Path:
    """Where the file of a standard block would be."""
    return Path(blocks.__file__).with_name(f"{name}.yaml")
